"""Questions being answered: each in a thread of its own, so that it goes on, and is kept, whoever watches."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable, Generator
from concurrent.futures import Future, wait
from contextlib import closing
from dataclasses import replace

from octavo.apps.chat.asking import ChatQuery
from octavo.apps.chat.turns import Turn, TurnId
from octavo.apps.turns import Turns
from octavo.ingest import OctavoError
from octavo.rag import Answer, Delta, Finished, Retrieved, Step
from octavo.rag.evidence import Event

logger = logging.getLogger(__name__)

_FIRST, _PAUSE = 0.02, 0.04
"""Seconds between two looks at an answer, before and after its first letter."""


class AnswerRun:
    """A question that is being answered. `turn` holds the answer so far, `id` its place in the history.

    `keep` is called once with the turn at its end, however that comes.
    """

    def __init__(self, identity: TurnId, turn: Turn, keep: Callable[[TurnId, Turn], object]) -> None:
        self.id, self.turn = identity, turn
        self._keep = keep
        self.place: Future[None] = Future()
        """Its place in the queue of questions, which it leaves where it is stopped before its turn."""
        self._changing = threading.RLock()
        self._ended = threading.Event()
        self._started = time.monotonic()

    @property
    def done(self) -> bool:
        """Returns whether the turn is whole, and was kept."""
        return self._ended.is_set()

    def wait(self) -> Turn:
        """Returns the turn at its end."""
        self._ended.wait()
        return self.turn

    async def watch(self, watched: Callable[[], bool]) -> AsyncIterator[tuple[Turn, bool]]:
        """Yields the turn whenever it has changed, and whether it is at its end, for as long as `watched` says.

        It holds no thread, so that any number can watch a model that takes its time.
        """
        latest: tuple[Turn, bool] | None = None
        while watched():
            done = self.done  # before the turn: what is seen at the end is whole
            now = self.turn, done
            if latest is None or now[0] is not latest[0] or done != latest[1]:
                latest = now
                yield now
                if done:
                    return
            has_text = self.turn.answer is not None and self.turn.answer.text
            await asyncio.sleep(_PAUSE if has_text else _FIRST)

    def stop(self) -> None:
        """Breaks the answer off at once; what there is of it is kept."""
        with self._changing:
            self._update(replace(self.turn, stopped=True))
            self._finish()
        self.place.cancel()

    def run(self, understand: Callable[[], ChatQuery], events: Callable[[ChatQuery], Generator[Event]]) -> None:
        """Answers; an `OctavoError` becomes the turn's error."""
        has_answer = False
        try:
            query = understand()
            turn = replace(self.turn, query=query.search_text, standalone=query.text, note=query.note)
            self._update(replace(turn, answer=Answer(query.text, "")))
            self._follow(events(query))
            has_answer = True
        except OctavoError as error:
            self._update(replace(self.turn, answer=None, error=str(error)))
            has_answer = True
        finally:
            if not has_answer:
                self._update(replace(self.turn, answer=None, error="Something broke here; the server's log says what."))
            self._finish()

    def _follow(self, events: Generator[Event]) -> None:
        with closing(events):
            for event in events:
                if self.done:
                    return
                answer = self.turn.answer or Answer("", "")
                if isinstance(event, Retrieved):
                    answer = replace(answer, evidence=event.evidence, candidates=event.candidates)
                elif isinstance(event, Step):
                    answer = replace(answer, steps=(*answer.steps, event))
                elif isinstance(event, Delta):
                    answer = replace(answer, text=event.text if event.replaces else answer.text + event.text)
                elif isinstance(event, Finished):
                    answer = event.answer
                self._update(replace(self.turn, answer=answer))

    def _update(self, turn: Turn) -> None:
        with self._changing:
            if not self.done:
                self.turn = replace(turn, seconds=round(time.monotonic() - self._started, 3))

    def _finish(self) -> None:
        with self._changing:
            if self.done:
                return
            try:
                self._keep(self.id, self.turn)
            finally:
                self._ended.set()


class AnswerRuns:
    """The questions being answered, by conversation: one at a time in each, each in its turn."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._guard = threading.Lock()
        self._running: dict[str, AnswerRun] = {}
        self._working: set[Future[None]] = set()

    def close(self) -> None:
        """Breaks off what runs."""
        for run in list(self._running.values()):
            run.stop()
        wait(list(self._working))

    def start(
        self,
        user: str,
        conversation: str,
        begin: Callable[[], AnswerRun],
        understand: Callable[[], ChatQuery],
        events: Callable[[ChatQuery], Generator[Event]],
    ) -> AnswerRun:
        """Begins to answer, once the turn of the user comes.

        Raises `OctavoError` while the conversation's last question is not answered yet, `BusyError` where too many
        wait.
        """
        with self._guard:
            self._running = {key: one for key, one in self._running.items() if not one.done}
            if conversation in self._running:
                raise OctavoError("The last question is still being answered: wait for it, or stop it first.")
            place = self._turns.queue(user)
            try:
                run = self._running[conversation] = begin()
            except BaseException:
                self._give_back(place)
                raise
            run.place = place
        place.add_done_callback(lambda place: self._answer(run, understand, events))
        return run

    def _give_back(self, place: Future[None]) -> None:
        if not place.cancel():
            with self._turns.hold():
                pass

    def _answer(
        self,
        run: AnswerRun,
        understand: Callable[[], ChatQuery],
        events: Callable[[ChatQuery], Generator[Event]],
    ) -> None:
        """Answers in a thread of the turn that has come, unless the run left the queue."""
        if run.place.cancelled():
            return

        def work() -> None:
            with self._turns.hold():
                run.run(understand, events)

        working = self._turns.threads.submit(work)
        self._working.add(working)
        working.add_done_callback(self._working.discard)
        working.add_done_callback(_log)

    def of(self, conversation: str) -> AnswerRun | None:
        """Returns the running answer of a conversation, or `None`."""
        run = self._running.get(conversation)
        return run if run and not run.done else None


def _log(future: Future[None]) -> None:
    if not future.cancelled() and (error := future.exception()):
        logger.error("A question could not be answered", exc_info=error)

"""Questions being answered: each in a thread of its own, so that it goes on, and is kept, whoever watches."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

from octavo.apps.chat.asking import ChatQuery
from octavo.apps.chat.turns import Turn
from octavo.ingest import OctavoError
from octavo.rag import Answer, Delta, Finished, Retrieved
from octavo.rag.evidence import Event

logger = logging.getLogger(__name__)


class AnswerRun:
    """One question on its way. `turn` is what there is so far, `number` its place; `changes()` waits for more.

    `keep` is called once with the turn at its end, however that comes.
    """

    def __init__(self, turn: Turn, number: int, keep: Callable[[Turn], object]) -> None:
        self.number = number
        self._keep = keep
        self._changed = threading.Condition(threading.RLock())
        self._version = 0
        self._started = time.monotonic()
        self.done = False
        self.turn = turn

    def changes(self, pause: float = 0.04) -> Iterator[Turn]:
        """The turn whenever it has changed, its text at most every `pause` seconds; the last is whole, and was kept."""
        seen = -1
        while True:
            with self._changed:
                while self._version == seen:
                    self._changed.wait()
                seen, done, turn = self._version, self.done, self.turn
            yield turn
            if done:
                return
            if turn.answer is not None and turn.answer.text:
                time.sleep(pause)

    def stop(self) -> None:
        """Breaks the answer off at once; what there is of it is kept."""
        with self._changed:
            self._update(replace(self.turn, stopped=True))
            self._finish()

    def run(self, understand: Callable[[], ChatQuery], events: Callable[[ChatQuery], Generator[Event]]) -> None:
        """Answers; an `OctavoError` becomes the turn's error."""
        said = False
        try:
            query = understand()
            self._update(replace(self.turn, query=query.searched, note=query.note, answer=Answer(query.text, "")))
            self._follow(events(query))
            said = True
        except OctavoError as error:
            self._update(replace(self.turn, answer=None, error=str(error)))
            said = True
        finally:
            if not said:
                self._update(replace(self.turn, answer=None, error="Something broke here; the server's log says what."))
            self._finish()

    def _follow(self, events: Generator[Event]) -> None:
        with closing(events):
            for event in events:
                if self.done:
                    return
                answer = self.turn.answer or Answer("", "")
                if isinstance(event, Retrieved):
                    answer = replace(answer, evidence=event.evidence, looked_at=event.looked_at)
                elif isinstance(event, Delta):
                    answer = replace(answer, text=answer.text + event.text)
                elif isinstance(event, Finished):
                    answer = event.answer
                self._update(replace(self.turn, answer=answer))

    def _update(self, turn: Turn) -> None:
        with self._changed:
            if not self.done:
                self.turn = replace(turn, seconds=round(time.monotonic() - self._started, 3))
                self._notify()

    def _finish(self) -> None:
        with self._changed:
            if self.done:
                return
            try:
                self._keep(self.turn)
            finally:
                self.done = True
                self._notify()

    def _notify(self) -> None:
        self._version += 1
        self._changed.notify_all()


class AnswerRuns:
    """The questions being answered, by conversation: one at a time in each, `askers` in all."""

    def __init__(self, askers: int) -> None:
        self._pool = ThreadPoolExecutor(askers, thread_name_prefix="octavo-asker")
        self._guard = threading.Lock()
        self._running: dict[str, AnswerRun] = {}

    def close(self) -> None:
        """Breaks off what runs."""
        for live in list(self._running.values()):
            live.stop()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def start(
        self,
        conversation: str,
        live: AnswerRun,
        understand: Callable[[], ChatQuery],
        events: Callable[[ChatQuery], Generator[Event]],
    ) -> None:
        """Begins to answer; raises `OctavoError` while the conversation's last question is not answered yet."""
        with self._guard:
            self._running = {key: one for key, one in self._running.items() if not one.done}
            if conversation in self._running:
                raise OctavoError("The last question is still being answered: wait for it, or stop it first.")
            self._running[conversation] = live
        self._pool.submit(live.run, understand, events).add_done_callback(_log)

    def of(self, conversation: str) -> AnswerRun | None:
        """What is being answered in a conversation, if anything."""
        live = self._running.get(conversation)
        return live if live and not live.done else None


def _log(future: Future[None]) -> None:
    if not future.cancelled() and (error := future.exception()):
        logger.error("A question could not be answered", exc_info=error)

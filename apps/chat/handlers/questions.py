"""Handlers of questions: they are asked, followed while the answer is written, and stopped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from octavo.apps.chat import conversation as thread, evidence_view
from octavo.apps.chat.answer_runs import AnswerRun
from octavo.apps.chat.components import Components, Scope
from octavo.apps.chat.events import Screens, parse_event, show_errors, update, user_of
from octavo.apps.chat.service import ChatService
from octavo.apps.chat.turns import AskedQuestion, RegionSelection
from octavo.apps.chat.uploads import received_in
from octavo.apps.chat.verdicts import UserVerdict
from octavo.ingest import OctavoError


class QuestionHandlers:
    """Handlers of the questions to one service; pictures are uploaded into the folder `received`."""

    def __init__(self, service: ChatService, components: Components, screens: Screens, received: Path) -> None:
        self._service, self._components, self._screens, self._received = service, components, screens, received

    async def ask(
        self,
        box: dict[str, Any] | None,
        conversation: str | None,
        regions: tuple[RegionSelection, ...],
        scope: Scope,
        request: gr.Request,
    ) -> AsyncIterator[Sequence[Any]]:
        """Asks what stands in the box, in the conversation that is on the screen, and shows the answer as it grows."""
        user, box = user_of(request), box or {}
        with show_errors():
            if scope == ():
                raise OctavoError("No document is ticked: tick those to look in.")
            files = received_in(self._received, box.get("files") or ())
            pictures = [await asyncio.to_thread(self._service.picture, user, file) for file in files]
            question = AskedQuestion(box.get("text") or "", tuple(pictures), regions, scope)
            run = await asyncio.to_thread(self._service.ask, user, conversation or "", question)
            async for update in self._follow(user, run, request):
                yield update

    async def retry(self, event: gr.EventData, request: gr.Request) -> AsyncIterator[Sequence[Any]]:
        """Asks a question once more as it was asked, or from the nearest places; or one that was suggested."""
        user = user_of(request)
        with show_errors():
            data = parse_event(event)
            at = data.at
            if data.open == "suggested":
                question = AskedQuestion(data.text)
            else:
                question = self._service.turn(user, at).asked
                question = replace(question, anyway=question.anyway or data.open == "anyway")
            run = await asyncio.to_thread(self._service.ask, user, at.conversation, question)
            async for update in self._follow(user, run, request):
                yield update

    async def resume(self, conversation: str, request: gr.Request) -> AsyncIterator[Sequence[Any]]:
        """Goes on showing an answer that is being written in the conversation that was opened."""
        user = user_of(request)
        with show_errors():
            run = self._service.running(user, conversation)
            if run is None:
                yield [gr.skip()] * 5
                return
            async for update in self._follow(user, run, request):
                yield update

    async def _follow(self, user: str, run: AnswerRun, request: gr.Request) -> AsyncIterator[Sequence[Any]]:
        """Past, live, panel, chips and regions, as the answer grows, until another conversation is on the screen."""
        at, same = run.id, gr.skip()
        shown_candidates, is_first = None, True
        async for turn, done in run.watch(lambda: self._screens.shows(request, at.conversation)):
            html = self._components.turn(user, turn, at) if done else thread.turn(turn, at, running=True)
            panel = same
            if turn.answer is not None and (done or turn.answer.candidates != shown_candidates):
                shown_candidates = turn.answer.candidates
                panel = update(evidence_view.panel(turn, at))
            if is_first:
                past = update(self._components.past(user, at.conversation, at.number))
                yield past, update(html), panel, self._components.chips((), turn.asked.documents), ()
            else:
                yield same, update(html), panel, same, same
            is_first = False
        yield [same] * 5  # Gradio shows the last values once more at the end, when another conversation may be there

    @show_errors()
    def stop(self, event: gr.EventData, request: gr.Request) -> None:
        """Breaks off the answer that is seen being written."""
        at = parse_event(event).at
        run = self._service.running(user_of(request), at.conversation)
        if run and run.id == at:
            run.stop()

    @show_errors()
    def rate(self, event: gr.EventData, request: gr.Request) -> None:
        """Keeps what the user thinks of an answer, or takes it back where no thumb is pressed any more."""
        data = parse_event(event)
        verdict = UserVerdict(data.rating, data.comment, data.expected, data.wrong_box, data.document, data.page)
        self._service.rate(user_of(request), data.at, verdict if data.rating else None)
        self._components.forget(data.at)
        if data.open == "remark":
            gr.Info("Kept with the library.", duration=3, title="")

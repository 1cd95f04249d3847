"""Handlers of Gradio's events: they call the service and return updates of components."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
from markupsafe import Markup, escape

from octavo.apps.chat import (
    conversation as thread,
    evidence_view as evidence,
    page_view as page,
)
from octavo.apps.chat.answer_runs import AnswerRun
from octavo.apps.chat.asking import being_read
from octavo.apps.chat.conversation_list import conversation_list
from octavo.apps.chat.document_list import document_list, queue_list, shown_jobs
from octavo.apps.chat.events import Pressed, Screens, pressed, said, update, user_of
from octavo.apps.chat.page_view import View
from octavo.apps.chat.pictures import PREFIX
from octavo.apps.chat.service import ChatService
from octavo.apps.chat.settings import SettingsHandlers
from octavo.apps.chat.store.history import new_conversation
from octavo.apps.chat.turns import AskedQuestion, RegionSelection, TurnId
from octavo.apps.chat.uploads import DEFAULT, collection, received_in
from octavo.ingest import OctavoError

Scope = tuple[str, ...] | None
WELCOMED = 2
"""Documents of which a new conversation suggests questions."""
REMEMBERED = 64
"""Conversations whose HTML is kept."""
SHOWN = 40
"""Turns of a conversation that the page shows, so that it stays quick however long one goes on."""


class Handlers:
    """Handlers of one service for all users; the user comes with each request."""

    def __init__(self, service: ChatService, received: Path) -> None:
        self._service, self._received, self.settings = service, received, SettingsHandlers(service)
        self._html: dict[str, dict[int, Markup]] = {}
        self._screens = Screens()

    # the page

    @said()
    def load(self, request: gr.Request) -> Sequence[Any]:
        """A fresh page: the user's last conversation."""
        user = user_of(request)
        talks = self._service.history.conversations(user)
        current = talks[0].id if talks else new_conversation()
        names = self.collections()
        return (
            *self._opened(user, current, request),
            self._talks(user, current),
            self._queue(user),
            self._shelf(user, None),
            gr.update(choices=names, value=names[0]),
            self.settings.embedded(),
            self.settings.model(),
            *self.settings.values(),
        )

    def changed(self, conversation: str, scope: Scope, search: str | None, request: gr.Request) -> Sequence[Any]:
        """The lists, after something has changed in the library, its queue or the user's conversations."""
        user, past = user_of(request), gr.skip()
        if not self._service.history.count(user, conversation) and not self._service.running(user, conversation):
            past = update(self._welcome(conversation))
        lists = self._queue(user), self._shelf(user, scope), self._talks(user, conversation, search)
        return *lists, self.settings.embedded(), past

    def progressed(self, request: gr.Request) -> Any:
        """Returns the queue alone, after a step of reading or embedding."""
        return self._queue(user_of(request))

    def collections(self) -> list[str]:
        """The collections there are."""
        return sorted({collection(info) for info in self._service.pipeline.documents()}) or [DEFAULT]

    # documents

    @said()
    def upload(self, files: list[str] | None, name: str | None, request: gr.Request) -> Sequence[Any]:
        """Queues uploaded files."""
        received = received_in(self._received, files or ())
        for sentence in self._service.documents.upload(user_of(request), received, name or DEFAULT):
            gr.Warning(str(escape(sentence)), title="")
        names = sorted({*self.collections(), name or DEFAULT})
        return None, gr.update(choices=names, value=name or DEFAULT)

    @said()
    def press_shelf(
        self, scope: Scope, spot: RegionSelection | None, view: View | None, event: gr.EventData, request: gr.Request
    ) -> Sequence[Any]:
        """A tick, a thumbnail, or one of a document's buttons."""
        data, user = pressed(event), user_of(request)
        what, same = data.open, gr.skip()
        if what == "page":
            view = View(data.document, data.page)
            info = self._service.pipeline.library.info(data.document)
            about = update(thread.about_document(info, self._service.suggestions(info.id)))
            return same, same, same, same, view, self._show(view, ""), about
        if what == "scope":
            scope = self._ticked(scope, list(data.ids))
        elif what == "again":
            self._service.documents.read_again(data.document)
        elif what == "sample":
            self._service.documents.add_sample(user)
        elif what == "unlock":
            self._service.documents.unlock(user, data.job, data.password)
        elif what == "dismiss":
            self._service.dismiss(user, data.job)
        elif what in ("replace", "both"):
            self._service.documents.choose(user, data.file, replace=what == "replace")
        elif what == "discard":
            self._service.documents.discard(user, data.file)
        elif what == "restore":
            self._service.documents.restore(user, data.file)
        elif what == "remove":
            self._service.documents.remove(user, data.document)
            scope = scope and (tuple(one for one in scope if one != data.document) or None)
        is_gone = what == "remove" and view is not None and view.document == data.document
        shown = (None, update(None)) if is_gone else (same, same)
        return self._queue(user), self._shelf(user, scope), scope, self._chips(spot, scope), *shown, same

    def _ticked(self, scope: Scope, ids: list[str]) -> Scope:
        """The scope after pressing the tick of some documents; all of them is None, none of them is empty."""
        every = [info.id for info in self._service.pipeline.documents()]
        asked = set(every if scope is None else scope)
        asked = asked - set(ids) if set(ids) <= asked else asked | set(ids)
        chosen = tuple(one for one in every if one in asked)
        return None if len(chosen) == len(every) else chosen

    # questions

    async def ask(
        self,
        box: dict[str, Any] | None,
        conversation: str | None,
        spot: RegionSelection | None,
        scope: Scope,
        request: gr.Request,
    ) -> AsyncIterator[Sequence[Any]]:
        """Asks what stands in the box, in the conversation that is on the screen, and shows the answer as it grows."""
        user, box = user_of(request), box or {}
        with said():
            if scope == ():
                raise OctavoError("No document is ticked: tick those to look in.")
            files = received_in(self._received, box.get("files") or ())
            pictures = [await asyncio.to_thread(self._service.picture, user, file) for file in files]
            asked = AskedQuestion(box.get("text") or "", tuple(pictures), spot, scope)
            run = await asyncio.to_thread(self._service.ask, user, conversation or "", asked)
            async for shown in self._follow(user, run, request):
                yield shown

    async def retry(self, event: gr.EventData, request: gr.Request) -> AsyncIterator[Sequence[Any]]:
        """Asks a question once more as it was asked, or from the nearest places; or one that was suggested."""
        user = user_of(request)
        with said():
            data = pressed(event)
            at = data.at
            if data.open == "suggested":
                asked = AskedQuestion(data.text)
            else:
                asked = self._service.turn(user, at).asked
                asked = replace(asked, anyway=asked.anyway or data.open == "anyway")
            run = await asyncio.to_thread(self._service.ask, user, at.conversation, asked)
            async for shown in self._follow(user, run, request):
                yield shown

    async def resume(self, conversation: str, request: gr.Request) -> AsyncIterator[Sequence[Any]]:
        """Goes on showing an answer that is being written in the conversation that was opened."""
        user = user_of(request)
        with said():
            run = self._service.running(user, conversation)
            if run is None:
                yield [gr.skip()] * 5
                return
            async for shown in self._follow(user, run, request):
                yield shown

    async def _follow(self, user: str, run: AnswerRun, request: gr.Request) -> AsyncIterator[Sequence[Any]]:
        """Past, live, panel, chips and spot, as the answer grows, until another conversation is on the screen."""
        at, same = run.id, gr.skip()
        looked, is_first = None, True
        async for turn, done in run.watch(lambda: self._screens.shows(request, at.conversation)):
            html, panel = update(thread.turn(turn, at, running=not done)), same
            if turn.answer is not None and (done or turn.answer.candidates != looked):
                looked = turn.answer.candidates
                panel = update(evidence.panel(turn, at))
            if is_first:
                chips = self._chips(None, turn.asked.documents)
                yield update(self._past(user, at.conversation, at.number)), html, panel, chips, None
            else:
                yield same, html, panel, same, same
            is_first = False
        yield [same] * 5  # Gradio shows the last values once more at the end, when another conversation may be there

    @said()
    def stop(self, event: gr.EventData, request: gr.Request) -> None:
        """Breaks off the answer that is seen being written."""
        at = pressed(event).at
        run = self._service.running(user_of(request), at.conversation)
        if run and run.id == at:
            run.stop()

    # evidence

    @said()
    def press_thread(self, event: gr.EventData, request: gr.Request) -> Sequence[Any]:
        """A citation, a piece of evidence, a nearest place or a drawn part: opens its page."""
        user, data = user_of(request), pressed(event)
        what = data.open
        if what == "sample":
            self._service.documents.add_sample(user)
            return gr.skip(), gr.skip(), gr.skip()
        if what == "page":
            view = self._drawn_view(data)
            return gr.skip(), view, self._show(view, user)
        at = data.at
        turn = self._service.turn(user, at)
        panel = update(evidence.panel(turn, at))
        if what == "evidence":
            return panel, None, update(None)
        chosen = data.number
        result = page.of_citation(turn, chosen) if what == "cite" else page.of_evidence(turn, chosen, what)
        return panel, result, self._show(result, user)

    def _drawn_view(self, data: Pressed) -> View:
        mark = page.Mark(data.document, data.page, (page.Box(*data.box),), "asked")
        return View(data.document, data.page, (mark,), 0)

    @said()
    def leaf(self, view: View | None, event: gr.EventData, request: gr.Request) -> Sequence[Any]:
        """Pages on or back from the page that is seen."""
        data = pressed(event)
        if view is None:
            return None, update(None)
        if (view.document, view.page) != (data.document, data.page):  # another page was opened meanwhile
            return gr.skip(), gr.skip()
        info = self._service.pipeline.library.info(view.document)
        number = min(max(view.page + data.step, 0), info.pages - 1)
        view = replace(view, page=number, focus=None, message="")
        return view, self._show(view, user_of(request))

    @said()
    def find(self, view: View | None, event: gr.EventData, request: gr.Request) -> Sequence[Any]:
        """The next page of the document that holds a text."""
        data = pressed(event)
        if view is None or view.document != data.document or view.document.startswith(PREFIX):
            return gr.skip(), gr.skip()
        result = page.find(view, data.text[:200], data.step, self._service.pipeline.library)
        return result, self._show(result, user_of(request))

    def close(self) -> Sequence[Any]:
        """Closes the page."""
        return None, update(None)

    @said()
    def drawn(self, scope: Scope, event: gr.EventData) -> Sequence[Any]:
        """A box was drawn: the next question is about it."""
        data = pressed(event)
        spot = self._service.spot(data.document, data.page, data.box)
        return spot, self._chips(spot, scope)

    @said()
    def press_chip(
        self, spot: RegionSelection | None, scope: Scope, event: gr.EventData, request: gr.Request
    ) -> Sequence[Any]:
        """Takes a part of a page or a scope away from the next question."""
        what = pressed(event).open
        spot, scope = (None if what == "unspot" else spot), (None if what == "unscope" else scope)
        return spot, scope, self._chips(spot, scope), self._shelf(user_of(request), scope)

    # conversations

    @said()
    def new(self, search: str | None, request: gr.Request) -> Sequence[Any]:
        """A new conversation."""
        return self._open(user_of(request), new_conversation(), search, request)

    def search(self, search: str | None, conversation: str, request: gr.Request) -> Any:
        """The conversations that hold some words."""
        return self._talks(user_of(request), conversation, search)

    @said()
    def press_talk(
        self, conversation: str, search: str | None, event: gr.EventData, request: gr.Request
    ) -> Sequence[Any]:
        """Opens, renames or deletes a conversation."""
        user, data = user_of(request), pressed(event)
        if data.open == "talk":
            self._service.history.turn(user, TurnId(data.talk, 0))
            return self._open(user, data.talk, search, request)
        if data.open == "rename":
            self._service.rename(user, data.talk, data.text)
        if data.open == "delete":
            self._service.delete(user, data.talk)
            if data.talk == conversation:
                return self.new(search, request)
        return (*[gr.skip()] * 4, self._talks(user, conversation, search), gr.skip(), gr.skip())

    def _open(self, user: str, conversation: str, search: str | None, request: gr.Request) -> Sequence[Any]:
        opened = self._opened(user, conversation, request)
        return (*opened, self._talks(user, conversation, search), None, update(None))

    def _opened(self, user: str, conversation: str, request: gr.Request) -> Sequence[Any]:
        """Its id, past, live and panel; what was on the screen of this session before is not followed any more."""
        self._screens.show(request, conversation)
        run = self._service.running(user, conversation)
        number = run.id.number if run else self._service.history.count(user, conversation)
        last = TurnId(conversation, number - 1)
        panel = evidence.panel(self._service.turn(user, last) if number else None, last)
        past = self._past(user, conversation, number) if run or number else self._welcome(conversation)
        live = thread.turn(run.turn, run.id, running=True) if run else ""
        return conversation, update(past), update(live), update(panel)

    def _welcome(self, conversation: str) -> Markup:
        unread = sum(not job.over for job in self._service.jobs.all())
        latest = sorted(self._service.pipeline.documents(), key=lambda info: info.added_at, reverse=True)[:WELCOMED]
        return thread.welcome(
            conversation,
            has_model=bool(self._service.preferences.llm_url),
            documents=[(info.name, self._service.suggestions(info.id)) for info in latest],
            unread=being_read(unread) if unread else "",
        )

    def _past(self, user: str, conversation: str, number: int) -> Markup:
        """The turns of a conversation before `number`; what was shown before is not made again."""
        first = max(0, number - SHOWN)
        known = {n: html for n, html in self._html.pop(conversation, {}).items() if first <= n < number}
        start = max(known, default=first - 1) + 1
        new = self._service.history.turns(user, conversation, start, number)
        known |= {n: thread.turn(turn, TurnId(conversation, n)) for n, turn in enumerate(new, start)}
        self._html[conversation] = known
        for oldest in list(self._html)[:-REMEMBERED]:
            self._html.pop(oldest, None)
        return thread.past(conversation, list(known.values()), hidden=first)

    def _show(self, view: View | None, user: str) -> Any:
        return update(page.shown(view, self._service.pipeline.library, self._service.pages(user)))

    def _queue(self, user: str) -> Any:
        service = self._service
        aside = service.documents.aside(user)
        return update(queue_list(service.jobs.all(), service.embedder.renewal, aside=aside))

    def _shelf(self, user: str, scope: Scope) -> Any:
        service = self._service
        return update(
            document_list(
                service.pipeline.documents(),
                scope,
                aside=service.documents.aside(user),
                guarded=service.documents.guarded(user),
                is_reading=bool(shown_jobs(service.jobs.all()) or service.embedder.renewal),
            )
        )

    def _talks(self, user: str, conversation: str, search: str | None = None) -> Any:
        result = self._service.history.conversations(user, search or "")
        return update(conversation_list(result, conversation, search or ""))

    def _chips(self, spot: RegionSelection | None, scope: Scope) -> Any:
        return update(thread.chips(spot, scope, {info.id: info.name for info in self._service.pipeline.documents()}))

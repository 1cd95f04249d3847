"""Handlers of the documents: uploads, the queue, the list, and which documents are asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from markupsafe import escape

from octavo.apps.chat import conversation as thread
from octavo.apps.chat.components import Components, Scope
from octavo.apps.chat.events import pressed, said, update, user_of
from octavo.apps.chat.page_view import View
from octavo.apps.chat.service import ChatService
from octavo.apps.chat.turns import RegionSelection
from octavo.apps.chat.uploads import DEFAULT, collection, received_in


class DocumentHandlers:
    """Handlers of the documents of one service; files are uploaded into the folder `received`."""

    def __init__(self, service: ChatService, components: Components, received: Path) -> None:
        self._service, self._components, self._received = service, components, received

    def collections(self) -> list[str]:
        """The names of the collections, at least one."""
        return sorted({collection(info) for info in self._service.pipeline.documents()}) or [DEFAULT]

    def progressed(self, request: gr.Request) -> Any:
        """Returns the queue alone, after a step of reading or embedding."""
        return self._components.queue(user_of(request))

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
        """A tick, a thumbnail, or one of the buttons of a document or a file."""
        data, user = pressed(event), user_of(request)
        what, same = data.open, gr.skip()
        if what == "page":
            view = View(data.document, data.page)
            info = self._service.pipeline.library.info(data.document)
            about = update(thread.about_document(info, self._service.suggestions(info.id)))
            return same, same, same, same, view, self._components.page(view, ""), about
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
        queue, documents = self._components.queue(user), self._components.documents(user, scope)
        return queue, documents, scope, self._components.chips(spot, scope), *shown, same

    def _ticked(self, scope: Scope, ids: list[str]) -> Scope:
        """The scope after pressing the tick of some documents; all of them is None, none of them is empty."""
        every = [info.id for info in self._service.pipeline.documents()]
        asked = set(every if scope is None else scope)
        asked = asked - set(ids) if set(ids) <= asked else asked | set(ids)
        chosen = tuple(one for one in every if one in asked)
        return None if len(chosen) == len(every) else chosen

    @said()
    def press_chip(
        self, spot: RegionSelection | None, scope: Scope, event: gr.EventData, request: gr.Request
    ) -> Sequence[Any]:
        """Takes a part of a page or a scope away from the next question."""
        what = pressed(event).open
        spot, scope = (None if what == "unspot" else spot), (None if what == "unscope" else scope)
        return spot, scope, self._components.chips(spot, scope), self._components.documents(user_of(request), scope)

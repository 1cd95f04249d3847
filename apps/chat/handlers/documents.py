"""Handlers of the documents: uploads, the queue, the list, and which documents are asked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from markupsafe import escape

from octavo.apps.chat.components import Components, Scope
from octavo.apps.chat.events import PressedElement, parse_event, show_errors, update, user_of
from octavo.apps.chat.page_view import View
from octavo.apps.chat.service import ChatService
from octavo.apps.chat.tags import parse_tags
from octavo.apps.chat.turns import RegionSelection
from octavo.apps.chat.uploads import DEFAULT, collection, received_in


class DocumentHandlers:
    """Handlers of the documents of one service; files are uploaded into the folder `received`."""

    def __init__(self, service: ChatService, components: Components, received: Path) -> None:
        self._service, self._components, self._received = service, components, received

    def collections(self) -> list[str]:
        """Returns the names of the collections, at least one."""
        return sorted({collection(info) for info in self._service.pipeline.documents()}) or [DEFAULT]

    def show_progress(self, request: gr.Request) -> Any:
        """Returns the queue alone, after a step of reading or embedding."""
        return self._components.queue(user_of(request))

    @show_errors()
    def upload(self, files: list[str] | None, name: str | None, request: gr.Request) -> Sequence[Any]:
        """Queues uploaded files."""
        received = received_in(self._received, files or ())
        for sentence in self._service.documents.upload(user_of(request), received, name or DEFAULT):
            gr.Warning(str(escape(sentence)), title="")
        names = sorted({*self.collections(), name or DEFAULT})
        return None, gr.update(choices=names, value=name or DEFAULT)

    def find_documents(self, find: str | None, scope: Scope, request: gr.Request) -> Any:
        """Returns the documents that have some words or tags."""
        return self._components.documents(user_of(request), scope, find)

    @show_errors()
    def press_document(
        self,
        scope: Scope,
        regions: tuple[RegionSelection, ...],
        view: View | None,
        find: str | None,
        event: gr.EventData,
        request: gr.Request,
    ) -> Sequence[Any]:
        """Handles a tick, a thumbnail, or one of the buttons of a document or a file."""
        data, user, same = parse_event(event), user_of(request), gr.skip()
        if data.open == "page":
            view = View(data.document, data.page)
            introduction = self._service.introductions.get(self._service.pipeline.library.info(data.document))
            about = self._components.about(data.document, introduction)
            return same, same, same, same, view, self._components.page(view, ""), about
        view_updates = (same, same)
        if data.open == "scope":
            scope = self._with_ticks(scope, list(data.ids))
        elif data.open == "remove":
            for document in data.ids:
                self._service.documents.remove(user, document)
            scope = scope and (tuple(one for one in scope if one not in data.ids) or None)
            if view is not None and view.document in data.ids:
                view_updates = (None, update(None))
        else:
            self._change(user, data)
        queue, documents = self._components.queue(user), self._components.documents(user, scope, find)
        return queue, documents, scope, self._components.chips(regions, scope), *view_updates, same

    async def introduce(self, event: gr.EventData) -> Any:
        """Shows a document's introduction when it is made, where the document was opened before that.

        It holds no thread while it waits, and one who leaves takes the introduction from no other. Nothing is shown
        where the introduction is dropped, as when the chat ends.
        """
        with show_errors():
            data = parse_event(event)
            if data.open != "page":
                return gr.skip()
            info = self._service.pipeline.library.info(data.document)
            if self._service.introductions.get(info) is not None:
                return gr.skip()
            await asyncio.wait([asyncio.wrap_future(self._service.introductions.begin(info))])
            introduction = self._service.introductions.get(info)
            return self._components.about(info.id, introduction) if introduction is not None else gr.skip()

    def _change(self, user: str, data: PressedElement) -> None:
        """Does what a button of a document or a file says."""
        shared = self._service.documents
        match data.open:
            case "again":
                shared.read_again(user, data.document)
            case "tags":
                shared.set_tags(user, data.document, parse_tags(data.text))
            case "addTags":
                shared.add_tags(user, data.ids, parse_tags(data.text))
            case "sample":
                shared.add_sample(user)
            case "unlock":
                shared.unlock(user, data.job, data.password)
            case "cancel":
                shared.cancel(user, data.job)
            case "dismiss":
                self._service.dismiss(user, data.job)
            case "replace" | "both":
                shared.choose(user, data.file, replace=data.open == "replace")
            case "discard":
                shared.discard(user, data.file)
            case "restore":
                for file in data.files:
                    shared.restore(user, file)

    def _with_ticks(self, scope: Scope, ids: list[str]) -> Scope:
        """Returns the scope after pressing the tick of some documents; all of them is None, none of them is empty."""
        every = [info.id for info in self._service.pipeline.documents()]
        ticked = set(every if scope is None else scope)
        ticked = ticked - set(ids) if set(ids) <= ticked else ticked | set(ids)
        chosen = tuple(one for one in every if one in ticked)
        return None if len(chosen) == len(every) else chosen

    @show_errors()
    def press_chip(
        self,
        regions: tuple[RegionSelection, ...],
        scope: Scope,
        find: str | None,
        event: gr.EventData,
        request: gr.Request,
    ) -> Sequence[Any]:
        """Takes a part of a page or a scope away from the next question."""
        data = parse_event(event)
        if data.open == "unscope":
            scope = None
        else:
            regions = tuple(region for n, region in enumerate(regions) if n != data.number)
        return (
            regions,
            scope,
            self._components.chips(regions, scope),
            self._components.documents(user_of(request), scope, find),
        )

"""Handlers of the evidence and the page viewer: citations are opened, pages turned, found and drawn on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import gradio as gr

from octavo.apps.chat import evidence_view, page_view
from octavo.apps.chat.asking import MOST_REGIONS
from octavo.apps.chat.components import Components, Scope
from octavo.apps.chat.events import PressedElement, parse_event, show_errors, update, user_of
from octavo.apps.chat.page_view import Mark, View
from octavo.apps.chat.pictures import PREFIX
from octavo.apps.chat.service import ChatService
from octavo.apps.chat.turns import RegionSelection
from octavo.ingest import Box, OctavoError


class ReaderHandlers:
    """Handlers of what is read beside the conversation."""

    def __init__(self, service: ChatService, components: Components) -> None:
        self._service, self._components = service, components

    @show_errors()
    def press_thread(self, event: gr.EventData, request: gr.Request) -> Sequence[Any]:
        """Opens the page of a citation, a piece of evidence, a nearest place or a drawn part."""
        user, data = user_of(request), parse_event(event)
        what = data.open
        if what == "sample":
            self._service.documents.add_sample(user)
            return gr.skip(), gr.skip(), gr.skip()
        if what == "page":
            view = _drawn_view(data)
            return gr.skip(), view, self._components.page(view, user)
        at = data.at
        turn = self._service.turn(user, at)
        panel = update(evidence_view.panel(turn, at))
        if what == "evidence":
            return panel, None, update(None)
        chosen = data.number
        result = page_view.of_citation(turn, chosen) if what == "cite" else page_view.of_evidence(turn, chosen, what)
        return panel, result, self._components.page(result, user)

    @show_errors()
    def turn_page(self, view: View | None, event: gr.EventData, request: gr.Request) -> Sequence[Any]:
        """Turns to the next or the previous page."""
        data = parse_event(event)
        if view is None:
            return None, update(None)
        if (view.document, view.page) != (data.document, data.page):  # another page was opened meanwhile
            return gr.skip(), gr.skip()
        info = self._service.pipeline.library.info(view.document)
        number = min(max(view.page + data.step, 0), info.pages - 1)
        view = replace(view, page=number, focus=None, message="")
        return view, self._components.page(view, user_of(request))

    @show_errors()
    def find(self, view: View | None, event: gr.EventData, request: gr.Request) -> Sequence[Any]:
        """Opens the next page of the document that holds a text."""
        data = parse_event(event)
        if view is None or view.document != data.document or view.document.startswith(PREFIX):
            return gr.skip(), gr.skip()
        result = page_view.find(view, data.text[:200], data.step, self._service.pipeline.library)
        return result, self._components.page(result, user_of(request))

    def close(self) -> Sequence[Any]:
        """Closes the page."""
        return None, update(None)

    @show_errors()
    def select_region(self, regions: tuple[RegionSelection, ...], scope: Scope, event: gr.EventData) -> Sequence[Any]:
        """Adds a drawn box to what the next question is about."""
        data = parse_event(event)
        if len(regions) == MOST_REGIONS:
            raise OctavoError(f"A question is about {MOST_REGIONS} parts of pages at most: take one away first.")
        region = self._service.region(data.document, data.page, data.box)
        regions = tuple(dict.fromkeys((*regions, region)))
        return regions, self._components.chips(regions, scope)


def _drawn_view(data: PressedElement) -> View:
    if not any(data.box):
        return View(data.document, data.page)
    mark = Mark(data.document, data.page, (Box(*data.box),), "asked")
    return View(data.document, data.page, (mark,), 0)

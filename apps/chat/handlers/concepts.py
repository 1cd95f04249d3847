"""Handlers of the concepts: their list, and the form that adds and changes one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from markupsafe import escape

from octavo.apps.chat.components import Components
from octavo.apps.chat.events import parse_event, show_errors, user_of
from octavo.apps.chat.service import ChatService
from octavo.apps.chat.uploads import received_in

_EMPTY = ("", "", "", "", "", None)
"""The form where no concept is edited: the edited name, name, other names, category, note and pictures."""


class ConceptHandlers:
    """Handlers of the concepts of one service; pictures are uploaded into the folder `received`."""

    def __init__(self, service: ChatService, components: Components, received: Path) -> None:
        self._service, self._components, self._received = service, components, received

    @show_errors()
    def press_concept(self, edited: str, event: gr.EventData, request: gr.Request) -> Sequence[Any]:
        """Fills the form with a concept, deletes it, or takes its pictures away; returns the form and the list."""
        user, data = user_of(request), parse_event(event)
        form: Sequence[Any] = (gr.skip(),) * len(_EMPTY)
        if data.open == "concept":
            concept = self._service.concepts.get(data.text)
            form = (concept.name, concept.name, ", ".join(concept.aliases), concept.category, concept.note, None)
        elif data.open == "forget":
            self._service.concepts.remove(user, data.text)
            form = _EMPTY if data.text == edited else form
        elif data.open == "unpicture":
            self._service.concepts.drop_pictures(user, data.text)
        return *form, self._components.concepts(user)

    @show_errors()
    def save(
        self,
        edited: str,
        name: str,
        aliases: str,
        category: str,
        note: str,
        pictures: list[str] | None,
        request: gr.Request,
    ) -> Sequence[Any]:
        """Adds the concept of the form, or changes the one that is edited; returns an empty form and the list."""
        user, files = user_of(request), received_in(self._received, pictures or ())
        names = [part.strip() for part in re.split(r"[,;\n]", aliases) if part.strip()]
        concept = self._service.concepts.save(
            user, edited, name, aliases=names, category=category, note=note, pictures=files
        )
        for file in files:
            file.unlink(missing_ok=True)
        gr.Info(f"{escape(concept.name)} is known from the next question on.", duration=3, title="")
        return *_EMPTY, self._components.concepts(user)

    def clear(self) -> Sequence[Any]:
        """Returns an empty form."""
        return _EMPTY

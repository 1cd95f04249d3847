"""Handlers of Gradio's events: they call the service and return updates of components."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from markupsafe import escape

from octavo.apps.chat.components import Components, Scope
from octavo.apps.chat.events import Screens, show_errors, update, user_of
from octavo.apps.chat.handlers.concepts import ConceptHandlers
from octavo.apps.chat.handlers.conversations import ConversationHandlers
from octavo.apps.chat.handlers.documents import DocumentHandlers
from octavo.apps.chat.handlers.questions import QuestionHandlers
from octavo.apps.chat.handlers.reader import ReaderHandlers
from octavo.apps.chat.handlers.settings import SettingsHandlers
from octavo.apps.chat.service import ChatService
from octavo.apps.chat.store.history import new_conversation
from octavo.apps.chat.turns import TurnId
from octavo.ingest import OctavoError

__all__ = ["Handlers"]


class Handlers:
    """Handlers of one service for all users; the user comes with each request. Files are uploaded into `received`."""

    def __init__(self, service: ChatService, received: Path) -> None:
        self._service, screens = service, Screens()
        self.components = Components(service)
        self.documents = DocumentHandlers(service, self.components, received)
        self.concepts = ConceptHandlers(service, self.components, received)
        self.questions = QuestionHandlers(service, self.components, screens, received)
        self.reader = ReaderHandlers(service, self.components)
        self.conversations = ConversationHandlers(service, self.components, screens)
        self.settings = SettingsHandlers(service)

    @show_errors()
    def load(self, conversation: str | None, request: gr.Request) -> Sequence[Any]:
        """Returns a fresh page: the conversation that its address names, else the user's last one.

        What a user may not do has no controls: no uploads for readers, no settings for others than owners.
        """
        user = user_of(request)
        current = self._conversation_of_address(user, conversation or "")
        names, can_edit = self.documents.collections(), self._service.rights.can_edit(user)
        return (
            *self.conversations.show(user, current, request),
            self.components.conversations(user, current),
            self.components.queue(user),
            self.components.documents(user, None),
            gr.update(choices=names, value=names[0], visible=can_edit),
            gr.update(visible=can_edit),
            gr.update(visible=self._service.rights.is_owner(user)),
            self.settings.embedding_state(user),
            self.settings.model(user),
            self.components.concepts(user),
            gr.update(visible=can_edit),
            *self.settings.values(user),
        )

    def _conversation_of_address(self, user: str, conversation: str) -> str:
        if conversation:
            try:
                self._service.history.turn(user, TurnId(conversation, 0))
                return conversation
            except OctavoError as error:
                gr.Warning(str(escape(str(error))), title="")
                return new_conversation()
        latest = self._service.history.conversations(user)
        return latest[0].id if latest else new_conversation()

    def refresh(
        self, conversation: str, scope: Scope, search: str | None, find: str | None, request: gr.Request
    ) -> Sequence[Any]:
        """Returns the lists, after something has changed in the library, its queue or the user's conversations."""
        user, past = user_of(request), gr.skip()
        if not self._service.history.count(user, conversation) and not self._service.running(user, conversation):
            past = update(self.components.welcome(user, conversation))
        return (
            self.components.queue(user),
            self.components.documents(user, scope, find),
            self.components.conversations(user, conversation, search),
            self.settings.embedding_state(user),
            past,
        )

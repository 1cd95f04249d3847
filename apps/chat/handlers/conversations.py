"""Handlers of conversations: they are begun, opened, searched, renamed and deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from octavo.apps.chat import conversation as thread, evidence_view
from octavo.apps.chat.components import Components
from octavo.apps.chat.events import Screens, parse_event, show_errors, update, user_of
from octavo.apps.chat.service import ChatService
from octavo.apps.chat.store.history import new_conversation
from octavo.apps.chat.turns import TurnId


class ConversationHandlers:
    """Handlers of the conversations of one service."""

    def __init__(self, service: ChatService, components: Components, screens: Screens) -> None:
        self._service, self._components, self._screens = service, components, screens

    @show_errors()
    def new(self, search: str | None, request: gr.Request) -> Sequence[Any]:
        """Opens a new conversation."""
        return self._open(user_of(request), new_conversation(), search, request)

    def search(self, search: str | None, conversation: str, request: gr.Request) -> Any:
        """Returns the conversations that hold some words."""
        return self._components.conversations(user_of(request), conversation, search)

    @show_errors()
    def press_conversation(
        self, conversation: str, search: str | None, event: gr.EventData, request: gr.Request
    ) -> Sequence[Any]:
        """Opens, renames, shares or deletes a conversation."""
        user, data = user_of(request), parse_event(event)
        if data.open == "conversation":
            self._service.history.turn(user, TurnId(data.conversation, 0))
            return self._open(user, data.conversation, search, request)
        if data.open == "rename":
            self._service.rename(user, data.conversation, data.text)
        if data.open == "share":
            self._service.share(user, data.conversation)
        if data.open == "unshare":
            self._service.unshare(user, data.conversation)
        if data.open == "delete":
            self._service.delete(user, data.conversation)
            if data.conversation == conversation:
                return self.new(search, request)
        conversations = self._components.conversations(user, conversation, search)
        return (*[gr.skip()] * 4, conversations, gr.skip(), gr.skip())

    def _open(self, user: str, conversation: str, search: str | None, request: gr.Request) -> Sequence[Any]:
        opened = self.show(user, conversation, request)
        return (*opened, self._components.conversations(user, conversation, search), None, update(None))

    def show(self, user: str, conversation: str, request: gr.Request) -> Sequence[Any]:
        """Returns a conversation's id, past, live and panel; what its window showed before is followed no more."""
        self._screens.show(request, conversation)
        run = self._service.running(user, conversation)
        number = run.id.number if run else self._service.history.count(user, conversation)
        last = TurnId(conversation, number - 1)
        panel = evidence_view.panel(self._service.turn(user, last) if number else None, last)
        has_turns = run or number
        past = (
            self._components.past(user, conversation, number)
            if has_turns
            else self._components.welcome(user, conversation)
        )
        live = thread.turn(run.turn, run.id, running=True) if run else ""
        return conversation, update(past), update(live), update(panel)

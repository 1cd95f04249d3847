"""The conversations of a user as HTML."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from octavo.apps.chat.markup import render
from octavo.apps.chat.store.history import Conversation


def conversation_list(conversations: Sequence[Conversation], current: str, search: str = "") -> Markup:
    """Returns the conversations that hold `search`, the latest first, with the open one (`current`) marked."""
    return render("conversations.html", conversations=conversations, current=current, search=search)

"""The conversations of a user as HTML."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from octavo.apps.chat.history import Conversation
from octavo.apps.chat.markup import render


def conversation_list(conversations: Sequence[Conversation], current: str) -> Markup:
    """The conversations, the latest first; the open one (`current`) is marked."""
    return render("conversations.html", conversations=conversations, current=current)

"""The chat model, asked for a few words in little time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from octavo.rag import Settings
from octavo.rag.answering import AnswerError
from octavo.rag.clients.messages import Message

if TYPE_CHECKING:
    from octavo.rag.answering.endpoint import ChatClients


def say(clients: ChatClients, settings: Settings, messages: Sequence[Message], tokens: int, seconds: float) -> str:
    """Returns what the model says in so many tokens at most.

    Raises `AnswerError`, also where it takes more than so many seconds.
    """
    chat = clients.get(settings.model_copy(update={"llm_timeout": seconds}))
    until, text = time.monotonic() + seconds, ""
    with closing(chat.stream(messages, max_tokens=tokens)) as pieces:
        for piece in pieces:
            text += piece
            if time.monotonic() > until:
                raise AnswerError(f"{chat.name} takes longer than {seconds:g} seconds.")
    return text

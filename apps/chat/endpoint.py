"""The model endpoint that the settings name: asked once what it serves, and again after it failed."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from octavo.rag import Delta, Evidence, Finished, Settings
from octavo.rag.answering import AnswerError, PageStore, make_answerer
from octavo.rag.clients.messages import Message

if TYPE_CHECKING:
    from octavo.rag.clients.chat import ChatClient


class ChatEndpoint:
    """Answers by quotes, or by a model; what is known of it is remembered between questions."""

    def __init__(self) -> None:
        self._known: dict[str, ChatClient] = {}

    def stream(
        self, settings: Settings, pages: PageStore, question: str, evidence: Sequence[Evidence]
    ) -> Generator[Delta | Finished]:
        """The answer in pieces, then whole; raises `AnswerError` when the model cannot be asked."""
        answered = False
        try:
            for event in make_answerer(settings, pages, connect=self._client).stream(question, evidence):
                answered = isinstance(event, Finished) and bool(event.answer.model)
                yield event
        finally:
            if not answered:
                self._known.clear()

    def say(self, settings: Settings, messages: Sequence[Message], tokens: int, seconds: float) -> str:
        """What the model says in so many tokens at most; raises `AnswerError`, also where it takes too many seconds."""
        chat = self._client(settings.model_copy(update={"llm_timeout": seconds}))
        until, said = time.monotonic() + seconds, ""
        with closing(chat.stream(messages, max_tokens=tokens)) as pieces:
            for piece in pieces:
                said += piece
                if time.monotonic() > until:
                    raise AnswerError(f"{chat.name} takes longer than {seconds:g} seconds.")
        return said

    def _client(self, settings: Settings) -> ChatClient:
        from octavo.rag.answering.endpoint import connect

        names = ("llm_url", "llm_model", "llm_key", "llm_headers", "llm_body", "llm_ca", "llm_context", "llm_timeout")
        key = repr([getattr(settings, name) for name in names])
        if key not in self._known:
            self._known[key] = connect(settings)
        return self._known[key]

"""The model endpoint that the settings name: asked once what it serves, and again after it failed."""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Sequence
from contextlib import closing

import httpx
import openai
from llama_index.core.llms import ChatMessage

from octavo.rag import Delta, Evidence, Finished, Settings
from octavo.rag.answering import AnswerError, PageStore, make_answerer
from octavo.rag.answering.endpoint import client, explain, model


class ChatEndpoint:
    """Answers by quotes, or by a model whose name and context are remembered between questions."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[str, int]] = {}

    def stream(
        self, settings: Settings, pages: PageStore, question: str, evidence: Sequence[Evidence]
    ) -> Generator[Delta | Finished]:
        """The answer in pieces, then whole; raises `AnswerError` when the model cannot be asked."""
        try:
            yield from make_answerer(self._named(settings), pages).stream(question, evidence)
        except AnswerError:
            self._known.clear()
            raise

    def say(self, settings: Settings, messages: Sequence[ChatMessage], tokens: int, seconds: float) -> str:
        """What the model says in so many tokens at most; raises `AnswerError`, also where it takes too many seconds."""
        named = self._named(settings.model_copy(update={"llm_timeout": seconds, "llm_max_tokens": tokens}))
        until, said = time.monotonic() + seconds, ""
        try:
            with client(named, named.llm_model, named.llm_context) as llm, closing(llm.stream_chat(messages)) as pieces:
                for piece in pieces:
                    said += piece.delta or ""
                    if time.monotonic() > until:
                        raise AnswerError(f"{named.llm_model} takes longer than {seconds:g} seconds.")
        except (openai.OpenAIError, httpx.HTTPError, json.JSONDecodeError) as error:
            raise explain(error, named, named.llm_model) from error
        return said

    def _named(self, settings: Settings) -> Settings:
        if not settings.llm_url:
            return settings
        key = (settings.llm_url, settings.llm_model)
        if key not in self._known:
            self._known[key] = model(settings)
        name, context = self._known[key]
        return settings.model_copy(update={"llm_model": name, "llm_context": context})

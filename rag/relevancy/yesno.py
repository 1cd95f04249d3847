"""A vision-language model says Yes or No: the score is the probability of its first token."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import httpx

from octavo.rag.clients.calls import map_concurrent, retry_shortened
from octavo.rag.clients.errors import EndpointError
from octavo.rag.entry import Entry
from octavo.rag.image_source import ImageSource
from octavo.rag.images import image_part
from octavo.rag.index import Index
from octavo.rag.query.question import Query
from octavo.rag.relevancy.model_based import PREFIX, EntryView, ServedScorer
from octavo.rag.relevancy.prompts import PROMPTS, forms
from octavo.rag.settings import YesNoRelevancyOptions

_MOST = 20
"""The most tokens whose log probabilities servers return."""


class YesNoScorer(ServedScorer):
    """RAG-Check's relevancy score (arXiv 2501.03995) as a zero-shot prompt: P(Yes) / (P(Yes) + P(No)).

    A page is shown as its screenshot, a figure or table as its crop, a chunk as its text with crops of its figures.
    """

    def __init__(self, index: Index, options: YesNoRelevancyOptions) -> None:
        super().__init__(index, options, f"yes-no/{options.prompt}")
        self._prompt = PROMPTS[options.prompt]
        self._wanted: dict[str, Any] = {}

    def judge(self, question: Query, entries: Sequence[Entry], images: ImageSource) -> list[float]:
        workers = self._options.concurrency
        with self._endpoint.open(workers) as http:
            self._wanted = self._wanted or self._tokens(http)

            def probability(entry: Entry) -> float:
                candidate = self._view(entry, images)
                send = lambda shorter: self._endpoint.post(http, "chat/completions", self._body(question, shorter))  # noqa: E731
                return self._parse_score(retry_shortened(send, candidate))

            return list(map_concurrent(probability, entries, workers))

    def _body(self, question: Query, candidate: EntryView) -> dict[str, Any]:
        content = self._prompt.content(question, candidate.text, candidate.pictures)
        pixels = self._options.max_pixels
        parts = [{"type": "text", "text": c} if isinstance(c, str) else image_part(c, pixels) for c in content]
        messages: list[dict[str, Any]] = [{"role": "user", "content": parts}]
        if self._prompt.system:
            messages.insert(0, {"role": "system", "content": self._prompt.system})
        asking = {"model": self._options.model, "max_tokens": 1, "temperature": 0, "logprobs": True}
        return {**asking, **self._wanted, "messages": messages}

    def _tokens(self, http: httpx.Client) -> dict[str, Any]:
        """Returns the fields that ask for both words' log probabilities, exact where the server tells their tokens."""
        ids: list[int] = []
        for word in self._prompt.words:
            tokens = [result[0] for form in forms(word) if len(result := self._tokenize(http, form)) == 1]
            if not tokens:
                return {"top_logprobs": _MOST}
            ids += tokens
        return {"logprob_token_ids": list(dict.fromkeys(ids))}

    def _tokenize(self, http: httpx.Client, text: str) -> list[int]:
        body = {"model": self._options.model, "prompt": text, "add_special_tokens": False}
        try:
            result: list[int] = self._endpoint.post(http, "/tokenize", body)["tokens"]
        except EndpointError as error:
            if error.status in (401, 403) or not error.status:
                raise
            return []
        return result

    def _parse_score(self, answer: Any) -> float:
        try:
            (first, *_) = answer["choices"][0]["logprobs"]["content"]
            logprobs = {row["token"]: float(row["logprob"]) for row in first["top_logprobs"]}
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise self._endpoint.unreadable("no log probabilities") from error
        yes, no = (sum(math.exp(p) for token, p in logprobs.items() if _is(token, word)) for word in self._prompt.words)
        if yes + no == 0 or math.isnan(yes + no):
            raise EndpointError(
                f"{self.place} gives {' and '.join(self._prompt.words)} no probability "
                f"(its first word was {first['token']!r}): set another {PREFIX}MODEL, one that does not "
                "think before it answers."
            )
        return yes / (yes + no)


def _is(token: str, word: str) -> bool:
    return token.strip().lower() == word.lower()

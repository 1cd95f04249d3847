"""A cross-encoder reads question and entry together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from octavo.rag.clients.calls import map_concurrent, retry_shortened
from octavo.rag.clients.errors import EndpointError, ServerSetupError
from octavo.rag.entry import Entry
from octavo.rag.image_source import ImageSource
from octavo.rag.images import image_part
from octavo.rag.index import Index
from octavo.rag.query.question import Query
from octavo.rag.relevancy.model_based import EntryView, ServedScorer
from octavo.rag.settings import RerankRelevancyOptions

_FLAT = 0.02
"""Scores that are all so near to 0.5 say nothing."""


class RerankScorer(ServedScorer):
    """Scores of a reranker behind `/v1/rerank`, as Qwen3-VL-Reranker or jina-reranker-m0 under vLLM; one request each.

    Raises `EndpointError` also where the server is no cross-encoder (scores outside [0, 1]), and where it gives all
    of several entries 0.5, as a reranker does that was started without its overrides and template.
    """

    def __init__(self, index: Index, options: RerankRelevancyOptions) -> None:
        super().__init__(index, options, "rerank")

    def judge(self, question: Query, entries: Sequence[Entry], images: ImageSource) -> list[float]:
        workers = self._options.concurrency
        with self._endpoint.open(workers) as http:

            def score(entry: Entry) -> float:
                candidate = self._view(entry, images)
                send = lambda shorter: self._endpoint.post(http, "rerank", self._body(question, shorter))  # noqa: E731
                return self._parse_score(retry_shortened(send, candidate))

            results = list(map_concurrent(score, entries, workers))
        self.check(results)
        return results

    def check(self, scores: Sequence[float]) -> None:
        """Raises `EndpointError` where scores show that the server is not what it should be."""
        if any(score < 0 or score > 1 for score in scores):
            raise EndpointError(
                f"{self.place} gives scores such as {min(scores):.2f} and "
                f"{max(scores):.2f}, so it is an embedding model and no cross-encoder: set OCTAVO_RELEVANCY__MODEL."
            )
        if len(scores) > 1 and all(abs(score - 0.5) < _FLAT for score in scores):
            raise ServerSetupError(
                f"{self.place} gives every entry about 0.5, so it was started without the overrides or the template "
                "that it needs: start it with those."
            )

    def _body(self, question: Query, candidate: EntryView) -> dict[str, Any]:
        document = self._content(candidate.text, candidate.pictures)
        query = self._content(question.text, (question.picture,) if question.picture else ())
        return {"model": self._options.model, "query": query, "documents": [document]}

    def _content(self, text: str, pictures: Sequence[bytes]) -> str | dict[str, Any]:
        """Returns a query or a document; several pictures in one content are one document."""
        if not pictures:
            return text
        parts = [image_part(picture, self._options.max_pixels) for picture in pictures]
        return {"content": [*parts, {"type": "text", "text": text}] if text else parts}

    def _parse_score(self, answer: Any) -> float:
        try:
            return float(answer["results"][0]["relevance_score"])
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise self._endpoint.unreadable("no score") from error

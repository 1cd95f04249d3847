"""The support of an answer's spans, scored by a model: RAG-Check's correctness score (arXiv 2501.03995)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from octavo.rag.answering.base import AnswerError
from octavo.rag.answering.requests import EvidenceRequests
from octavo.rag.answering.spans import SpanText, cited_evidence, split_spans
from octavo.rag.answering.structured import complete_json, json_values
from octavo.rag.clients.calls import map_concurrent
from octavo.rag.clients.errors import EndpointError
from octavo.rag.clients.messages import ChatModel
from octavo.rag.evidence import Evidence, Span

MOST_SPANS = 20
"""Spans of an answer that a model scores, the first ones."""
_AT_ONCE = 4
_TOKENS = 200
_TASK = """Do not answer the question. Judge one span of an answer to it against the evidence.
objective: whether the span states a fact that evidence can bear out. Opinions, greetings, questions and remarks about \
the answer itself are not objective.
score: how far the evidence bears the span out. 1: fully; 0: not at all, or contradicted.
Reply with one JSON object and nothing else: {{"reason": "in a few words", "objective": true, "score": 0.5}}
<span>
{span}
</span>"""


class _Verdict(BaseModel):
    reason: str = ""
    objective: bool
    score: float = Field(ge=0, le=1)


@dataclass(frozen=True, slots=True)
class ScoredSpans:
    """Spans with their scores, and what kept a model from scoring some."""

    spans: tuple[Span, ...]
    problems: tuple[str, ...] = ()


class SupportScorer:
    """Asks a model for the score of each span of an answer, with the text and the pictures of what the span cites."""

    def __init__(self, chat: ChatModel, requests: EvidenceRequests) -> None:
        self._chat, self._requests = chat, requests

    def score(self, answer: str, question: str, evidence: Sequence[Evidence], spans: Sequence[Span]) -> ScoredSpans:
        """Returns the `spans` of an answer, those by words, with the model's verdicts in the place of their own.

        A span that the model gives no verdict on, or that comes after the first `MOST_SPANS`, has no score, which
        its `reason` and a problem say.
        """
        texts = {(span.start, span.end): span for span in split_spans(answer)}
        verdicts = map_concurrent(
            lambda span: self._verdict(texts[span.start, span.end], question, evidence), spans[:MOST_SPANS], _AT_ONCE
        )
        scored = [_with_verdict(span, verdict) for span, verdict in zip(spans, verdicts, strict=False)]
        left_out = [replace(span, score=None, reason="it was not scored") for span in spans[MOST_SPANS:]]
        failed = [span.reason for span in scored if span.is_objective and span.score is None]
        problems = []
        if failed:
            problems.append(f"{len(failed)} of {len(spans)} sentences of the answer were not checked ({failed[0]}).")
        if left_out:
            problems.append(f"Only the first {MOST_SPANS} of {len(spans)} sentences of the answer were checked.")
        return ScoredSpans((*scored, *left_out), tuple(problems))

    def _verdict(self, span: SpanText, question: str, evidence: Sequence[Evidence]) -> _Verdict | str:
        """Returns the model's verdict, or why there is none."""
        task = _TASK.format(span=span.text)
        try:
            _, reply = self._requests.send(
                question,
                cited_evidence(span, evidence),
                None,
                lambda request: complete_json(self._chat, request.messages, _TOKENS, "verdict", _SCHEMA),
                [],
                task,
            )
        except (AnswerError, EndpointError) as error:
            return str(error).rstrip(".")
        for value in json_values(reply.text):
            try:
                return _Verdict.model_validate(value)
            except ValidationError:
                continue
        return f"{self._chat.name} gave no verdict that can be read"


_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "reason": {"type": "string"},
        "objective": {"type": "boolean"},
        "score": {"type": "number", "minimum": 0, "maximum": 1},
    },
    "required": ["reason", "objective", "score"],
    "additionalProperties": False,
}


def _with_verdict(span: Span, verdict: _Verdict | str) -> Span:
    if isinstance(verdict, str):
        return replace(span, is_objective=True, score=None, reason=verdict)
    score = verdict.score if verdict.objective else None
    return replace(span, is_objective=verdict.objective, score=score, reason=verdict.reason)

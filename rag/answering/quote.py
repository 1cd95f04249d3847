"""Answers without a model: the best sentences or table rows of the evidence, quoted with their boxes."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from octavo.ingest import Kind
from octavo.ingest.model import HEADINGS
from octavo.rag.answering.base import Answerer
from octavo.rag.answering.citations import citations, whole, without_citations
from octavo.rag.answering.passages import Passage, passages, with_lists
from octavo.rag.evidence import Answer, Delta, Evidence, Finished
from octavo.rag.image_source import PageStore
from octavo.rag.query.analysis import terms
from octavo.rag.query.question import parse_query, picture_words

NOTICE = "Quoted from the documents; no model wrote this."
MAX_QUOTES = 3
_ENOUGH = 0.7
"""Further quotes must score at least this share of the first."""
_BESIDE, _ABOVE_ROW = 0.3, 0.8
"""What a term counts that stands beside a sentence, or above a table row, and not in it."""
_COUNTING = re.compile(
    r"\b(?:how (?:many|much|long|old|large|big|far)|percent\w*|share|rates?|ratio|total|amounts?"
    r"|number|values?|costs?|price|average|balance|sum|revenues?|income|size)\b",
    re.I,
)
_DATING = re.compile(r"\b(?:when|(?:what|which) (?:year|date|day|month)s?)\b", re.I)
_NUMBER = re.compile(r"(?!(?:19|20)\d\d$)\d")
_YEAR = re.compile(r"(?:19|20)\d\d$")
_POINTER = re.compile(r"\b(?:following|below)\b", re.I)


@dataclass(frozen=True, slots=True)
class _Candidate:
    number: int
    passage: Passage
    words: frozenset[str]
    context: frozenset[str]


class QuoteAnswerer(Answerer):
    """Quotes up to `MAX_QUOTES` passages that fit the question best, word for word, and says that no model wrote it."""

    def __init__(self, pages: PageStore) -> None:
        self._pages = pages

    def stream(
        self, question: str, evidence: Sequence[Evidence], picture: bytes | None = None
    ) -> Iterator[Delta | Finished]:
        asked = question if question.strip() or picture is None else picture_words(picture)
        quotes = self._best(asked, evidence)
        parts = [f"{_shown(quote.passage)} [{quote.number}]" for quote in quotes]
        if not quotes:
            first = evidence[0]
            parts = [f"The nearest place holds no words to quote: see {first.name}, page {first.page + 1} [1]."]
        cited = [c for q in quotes for c in citations(q.number, evidence[q.number - 1], [q.passage])]
        pieces = [f"{part}\n\n" for part in parts] + [NOTICE]
        for piece in pieces:
            yield Delta(piece)
        found = tuple(cited) or whole(1, evidence[0])
        yield Finished(Answer(question, "".join(pieces), found, tuple(evidence)))

    def _best(self, question: str, evidence: Sequence[Evidence]) -> list[_Candidate]:
        """The candidates to quote, best first, none said twice."""
        found = [c for n, e in enumerate(evidence, 1) for c in _candidates(n, e, with_lists(passages(e, self._pages)))]
        scores = _scores(question, found, evidence)
        ranked = sorted(zip(scores, found, strict=True), key=lambda pair: -pair[0])
        chosen: list[_Candidate] = []
        said: list[str] = []
        for score, candidate in ranked:
            if len(chosen) == MAX_QUOTES or (chosen and score <= _ENOUGH * ranked[0][0]):
                break
            text = candidate.passage.text
            if not any(text in other or other in text for other in said):
                said.append(text)
                chosen.append(candidate)
        return chosen


def _candidates(number: int, evidence: Evidence, found: Sequence[Passage]) -> Iterator[_Candidate]:
    """Passages with their words, and the words that stand above and beside them."""
    words = [frozenset(terms(passage.raw, stop_words=False)) for passage in found]
    heading = frozenset(terms(evidence.heading, stop_words=False))
    for n, passage in enumerate(found):
        beside = frozenset[str]() if passage.header else frozenset().union(*words[max(0, n - 1) : n + 2])
        yield _Candidate(
            number, passage, words[n], heading | beside | frozenset(terms(passage.context, stop_words=False))
        )


def _scores(question: str, found: Sequence[_Candidate], evidence: Sequence[Evidence]) -> list[float]:
    """How well each passage fits: the share of the question's terms that it holds, rare ones counting more.

    Years and other numbers asked for count double. A passage that only repeats the question, a heading, one that is
    very short or very long, and one of less relevant evidence count less; where the question asks for a number, one
    that holds a new number counts more.
    """
    asked = terms(question, stop_words=False) or terms(question)
    frequency = Counter(t for c in found for t in c.words)
    weight = {t: math.log(1 + len(found) / (0.5 + frequency[t])) for t in asked}
    for text in parse_query(question).numbers:
        for t in terms(text):
            weight[t] = 2 * weight.get(t, 1.0)
    total = sum(weight.values()) or 1.0
    wanted = _YEAR if _DATING.search(question) else _NUMBER if _COUNTING.search(question) else None
    return [_score(c, weight, wanted) / total * (0.6 + 0.4 * evidence[c.number - 1].score) for c in found]


def _score(c: _Candidate, weight: Mapping[str, float], wanted: re.Pattern[str] | None) -> float:
    is_row = c.passage.kind is Kind.TABLE
    beside = _ABOVE_ROW if is_row else _BESIDE
    score = sum(w * (1 if t in c.words else beside * (t in c.context)) for t, w in weight.items())
    news = c.words - weight.keys()
    length = len(c.passage.raw.split())
    score *= min(1.0, 0.4 + 0.15 * length) * (1 if length <= 50 else 50 / length)
    score *= 1 if news else 0.3
    score *= 0.6 if c.passage.kind in HEADINGS or _POINTER.search(c.passage.text) else 1
    return score * (2 if wanted and any(wanted.match(t) for t in news) else 1)


def _shown(passage: Passage) -> str:
    """The quote without the document's own marks such as `[7]`; a row with the header that names its columns."""
    quote = f"“{without_citations(passage.text)}”"
    if passage.header:
        return f"{quote}, under “{without_citations(passage.header.text)}”"
    return quote

"""Answers without a model: the best sentences or table rows of the evidence, quoted with their boxes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

from ..analyze import terms
from ..evidence import Answer, Citation, Delta, Evidence, Finished
from ..question import parse
from .base import Answerer, Pages
from .lines import Passage, passages

NOTICE = "Quoted from the documents; no model wrote this."
MAX_QUOTES = 3
_ENOUGH = 0.55
"""Further quotes must score at least this share of the first."""


class QuoteAnswerer(Answerer):
    """Quotes what fits the question best, word for word, and says that no model wrote it."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def stream(self, question: str, evidence: Sequence[Evidence]) -> Iterator[Delta | Finished]:
        quotes = self._best(question, evidence)
        parts = [f"“{_shown(passage)}” [{number}]" for number, passage in quotes]
        text = "\n".join([*parts, NOTICE])
        citations = tuple(_citation(number, evidence[number - 1], passage) for number, passage in quotes)
        yield Delta(text)
        yield Finished(Answer(question, text, citations, tuple(evidence)))

    def _best(self, question: str, evidence: Sequence[Evidence]) -> list[tuple[int, Passage]]:
        """Up to `MAX_QUOTES` passages with the number of their evidence, best first, none said twice."""
        found = [(n, e.score, p) for n, e in enumerate(evidence, 1) for p in passages(e, self._pages)]
        if not found:
            return [
                (1, Passage(evidence[0].text[:300], evidence[0].page, tuple(r.box for r in evidence[0].regions[:1])))
            ]
        bags = [set(terms(f"{p.header} {p.text}")) for _, _, p in found]
        scores = _scores(question, bags, [set(terms(e.heading)) for e in evidence], found)
        ranked = sorted(zip(scores, range(len(found)), strict=True), key=lambda pair: (-pair[0], pair[1]))
        chosen: list[tuple[int, Passage]] = []
        said: set[str] = set()
        for score, n in ranked:
            number, _, passage = found[n]
            if len(chosen) == MAX_QUOTES or (chosen and score < _ENOUGH * ranked[0][0]):
                break
            if passage.text not in said:
                said.add(passage.text)
                chosen.append((number, passage))
        return chosen


def _scores(
    question: str, bags: Sequence[set[str]], headings: Sequence[set[str]], found: Sequence[tuple[int, float, Passage]]
) -> list[float]:
    """How well each passage fits: the question's terms that it holds, rare ones counting more, numbers twice.

    A term that only the heading above holds counts a third; a passage of one or two words counts for little.
    """
    asked = parse(question)
    frequency = Counter(t for bag in bags for t in bag)
    weight = {t: math.log(1 + len(bags) / (0.5 + frequency[t])) for t in asked.terms}
    for number in asked.numbers:
        for t in terms(number):
            weight[t] = 2 * weight.get(t, math.log(1 + len(bags)))
    total = sum(weight.values()) or 1.0
    scores = []
    for bag, (number, relevancy, passage) in zip(bags, found, strict=True):
        held = sum(w for t, w in weight.items() if t in bag)
        above = sum(w for t, w in weight.items() if t not in bag and t in headings[number - 1]) / 3
        length = len(passage.text.split())
        short = min(1.0, length / 4)
        wordy = 1.0 if length <= 50 else 50 / length
        answers = 1.1 if any(c.isdigit() for c in passage.text) and asked.text.lower().startswith(_COUNTING) else 1.0
        scores.append((held + above) / total * short * wordy * answers * (0.7 + 0.3 * relevancy))
    return scores


_COUNTING = ("how many", "how much", "what percentage", "when", "what was", "in what year", "which year")


def _shown(passage: Passage) -> str:
    return f"{passage.header}\n{passage.text}" if passage.header else passage.text


def _citation(number: int, evidence: Evidence, passage: Passage) -> Citation:
    return Citation(
        number=number,
        document=evidence.document,
        name=evidence.name,
        page=passage.page,
        boxes=passage.boxes,
        quote=passage.text,
        evidence=evidence.id,
    )

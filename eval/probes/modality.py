"""Modality: what text and pictures are worth to an answer, and which kinds of entry retrieval prefers.

Right and wrong answers with text only, pictures only and both give the shares that are redundant, unique to one, or
due to both together (after bounds of interaction, arXiv 2306.04539). Retrieved kinds are held against the gold's, as
in MM-Embed's check of modality bias (arXiv 2411.02571).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from operator import itemgetter

from octavo.eval.datasets import Question
from octavo.eval.probes.base import Figure, ProbeTarget, Trial, is_right, mean
from octavo.eval.runs.rows import Row
from octavo.ingest import Kind
from octavo.ingest.imaging import encode
from octavo.ingest.model import FIGURES
from octavo.rag import Evidence, Level

KINDS = ("text", "table", "figure")
FORMS = ("text", "picture", "both")
SHARES: dict[str, tuple[bool, bool, bool | None]] = {
    "redundant": (True, True, None),
    "unique to text": (True, False, None),
    "unique to pictures": (False, True, None),
    "of both together": (False, False, True),
}
"""Shares of the answers by whether they are right with text only, pictures only and both."""
_K = 5
_SIDE = 1280
_IMPORTANCE = (
    "How much does a right answer to the question rest on the picture of the page, rather than on its text? Reply with "
    "a number from 0, the text alone, to 10, the picture alone."
)


class ModalityProbe:
    """The probe of modalities; answers are measured where the system has a model."""

    needs_model = False

    def trials(self, source: ProbeTarget) -> Iterator[Trial]:
        """Yields a trial for each question."""
        for question in source.grounded:
            yield Trial(question.id, partial(_measure, source, question))

    def figures(self, rows: Sequence[Row]) -> list[Figure]:
        """Returns shares of kinds among the first five elements by the gold's kind, and of answers by modality."""
        results: list[Figure] = []
        for gold in KINDS:
            matching = [row for row in rows if gold in row["gold"]]
            for kind in KINDS:
                shares = [row["kinds"] for row in matching]
                results += mean(f"{gold} asked for: {kind} of the first five", shares, itemgetter(kind))
        for kind in KINDS:
            results += mean(f"bias towards {kind}: share of the first five less the gold's", rows, partial(_bias, kind))
        right = [row["right"] for row in rows if "right" in row]
        for name, pattern in SHARES.items():
            results += mean(name, right, partial(_is, pattern))
        for form in FORMS:
            results += mean(f"right answers, {form}", right, itemgetter(form))
        results += mean("importance of the picture by the model's word", rows, lambda row: row.get("importance"))
        return results


PROBE = ModalityProbe()


def _bias(kind: str, row: Row) -> float:
    """Returns the share of a kind among the first elements less its share of the gold's kinds, in [-1, 1]."""
    return float(row["kinds"][kind] - (kind in row["gold"]) / max(1, len(row["gold"])))


def _is(pattern: tuple[bool, bool, bool | None], right: Row) -> bool:
    return all(expected in (None, right[form]) for expected, form in zip(pattern, FORMS, strict=True))


def _measure(source: ProbeTarget, question: Question) -> Row:
    hits = source.pipeline.search(question.question, level=Level.ELEMENT, k=_K, scope=source.scope(question))
    counts = Counter(_kind(hit.kind) for hit in hits)
    row: Row = {"kinds": {kind: counts[kind] / max(1, len(hits)) for kind in KINDS}, "gold": _gold(source, question)}
    if source.has_model and question.answer:
        whole = source.gold_page(question)
        row["right"] = {
            "text": _right(source, question, whole, blind=True),
            "picture": _right(source, question, replace(whole, text="")),
            "both": _right(source, question, whole),
        }
        row["importance"] = _importance(source, question, whole)
    return row


def _right(source: ProbeTarget, question: Question, evidence: Evidence, *, blind: bool = False) -> bool:
    settings = source.pipeline.settings
    if blind:
        settings = settings.model_copy(update={"llm_images": 0})
    return is_right(question, source.pipeline.ask(question.question, evidence=[evidence], settings=settings))


def _importance(source: ProbeTarget, question: Question, evidence: Evidence) -> float | None:
    """Returns what the model, shown the text and the picture of a page, says of the picture's part in [0, 1]."""
    parts: list[str | bytes] = [f"{evidence.text[:3000]}\n\nQuestion: {question.question}\n\n{_IMPORTANCE}"]
    if source.pipeline.settings.llm_images:
        parts.insert(
            0, encode(source.pipeline.library.screenshot(evidence.document, evidence.page), "JPEG", 88, side=_SIDE)
        )
    reply = source.ask_model(*parts, max_tokens=100)
    number = re.search(r"\d+(?:\.\d+)?", reply)
    return min(10.0, float(number[0])) / 10 if number else None


def _kind(kind: Kind | None) -> str:
    return "table" if kind is Kind.TABLE else "figure" if kind in FIGURES else "text"


def _gold(source: ProbeTarget, question: Question) -> list[str]:
    """Returns the kinds of the elements in which the gold boxes lie, else those that the data set names."""
    document = source.ids[question.doc]
    kinds = set()
    for region in question.gold_layouts:
        elements = source.pipeline.library.page(document, region.page).elements
        best = max(elements, key=lambda e: (e.box & region.box).area, default=None)
        if best is not None and (best.box & region.box).area:
            kinds.add(_kind(best.kind))
    if kinds:
        return sorted(kinds)
    modalities = {"Table": "table", "Chart": "figure", "Figure": "figure"}
    return sorted({modalities.get(kind, "text") for kind in question.evidence_type})

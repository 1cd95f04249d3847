"""Amounts over a year, and years between two dates."""

from __future__ import annotations

from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Reply, Said
from octavo.rag.answering.plans.operands import find
from octavo.rag.answering.quantities import written

_YEARLY = pattern("compute", "yearly")
_MONTHLY = pattern("compute", "monthly")
_PRICED = pattern("compute", "priced")
_SPAN = pattern("compute", "span")
_RANGE = pattern("compute", "range")


def yearly(material: Material) -> Reply | None:
    """A monthly amount over a year."""
    text = material.query.text
    if not _YEARLY.search(text) or not _PRICED.search(text):
        return None
    operand = find(material, f"{_YEARLY.sub(' ', text)} monthly")
    if operand is None:
        return None
    around = f"{operand.name} {operand.candidate.passage.context} {operand.candidate.passage.text}"
    if not _MONTHLY.search(around):
        return None
    q = operand.quantity
    result = written(12 * q.value, q.places, q.unit, q.scale)
    return Reply((Said(f"{result} = 12 × {written(q.value, q.places)}. From {operand.shown}", (operand.candidate,)),))


def span(material: Material) -> Reply | None:
    """Answers by a duration from its first and last year."""
    if not _SPAN.search(material.query.text):
        return None
    for scored in material.ranked()[:3]:
        if match := _RANGE.search(scored.candidate.passage.text):
            count = int(match[2]) - int(match[1])
            text = f"{count} years = {match[2]} - {match[1]}. From “{scored.candidate.passage.text}”"
            return Reply((Said(text, (scored.candidate,)),))
    return None

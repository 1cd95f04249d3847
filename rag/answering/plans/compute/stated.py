"""Numbers that one sentence states against another: from 195 to 210, $800 more than planned."""

from __future__ import annotations

from dataclasses import replace

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Reply
from octavo.rag.answering.plans.compute.formulas import alike, computed_reply, difference, plain
from octavo.rag.answering.plans.compute.pairs import compares
from octavo.rag.answering.plans.operands import Operand
from octavo.rag.answering.quantities import decimal_sign, quantities
from octavo.rag.query.language import any_of

_RISE = pattern("compute", "rise")
_FROM_TO = pattern("compute", "from_to")
_NOW_BEFORE = pattern("compute", "now_before")
_PLANNED = pattern("compute", "planned")
ENOUGH, NEAREST = 0.5, 3
_AFTER = 25
"""Letters between a difference and what it is a difference from."""


def risen(material: Material) -> Reply | None:
    """Returns by how much a number changed that a sentence states before and after."""
    if not _RISE.search(material.query.text):
        return None
    for c in _near(material):
        match = _FROM_TO.search(c.passage.text)
        if match is None:
            continue
        before, after = (_operand(c, match.start(side)) for side in ("a", "b"))
        if before is None or after is None:
            continue
        in_one_unit = replace(before, quantity=replace(before.quantity, unit=after.quantity.unit))
        if reply := difference(after, in_one_unit, absolute=True):
            return reply
    return None


def changed(material: Material) -> Reply | None:
    """Returns the difference of two numbers that a sentence states as now and before: "23 days, down from 31"."""
    text = material.query.text
    if not _RISE.search(text) and not compares(text):
        return None
    analysis = material.analysis
    terms = {t for t in analysis.terms if not t[0].isdigit()}
    for c in _near(material):
        for match in _NOW_BEFORE.finditer(c.passage.text):
            start = max(c.passage.text.rfind(mark, 0, match.start()) for mark in (". ", "•", ";")) + 1
            said = analysis.matched_in(c.passage.text[start : match.end()])
            now, before = (_operand(c, match.start(side)) for side in ("a", "b"))
            if now is None or before is None or 2 * len(said & terms) < len(terms):
                continue
            in_one_unit = replace(before, quantity=replace(before.quantity, unit=now.quantity.unit))
            return difference(now, in_one_unit, absolute=True)
    return None


def planned_change(material: Material) -> Reply | None:
    """Returns the planned amount, from the actual amount and the stated difference."""
    cue = _PLANNED.search(material.query.text)
    if cue is None:
        return None
    words = material.analysis.language.conditions
    for c in _near(material):
        text = c.passage.text
        mention = _PLANNED.search(text)
        found = list(quantities(text, decimal_sign(c.evidence.text)))
        if mention is None or len(found) != 2 or mention.start() < found[1].end:
            continue
        between = text[found[1].end : mention.start()]
        is_more = any_of(words.above).search(f"{between.strip()} ")
        is_less = any_of(words.below).search(f"{between.strip()} ")
        whole, part = (Operand(q, text, c) for q in found)
        if len(between) > _AFTER or bool(is_more) is bool(is_less) or not alike(whole, part):
            continue
        sign, result = ("-", whole.quantity.value - part.quantity.value)
        if is_less:
            sign, result = ("+", whole.quantity.value + part.quantity.value)
        places = max(whole.quantity.places, part.quantity.places)
        shown = plain(whole, result, places, whole.quantity.unit, whole.quantity.scale)
        return computed_reply(shown, f"{plain(whole)} {sign} {plain(part)}", [whole, part])
    return None


def _near(material: Material) -> list[Candidate]:
    """Returns the sentences that say most of the question."""
    ranked = [s for s in material.ranked() if s.candidate.passage.row is None and s.coverage >= ENOUGH]
    return [s.candidate for s in ranked[:NEAREST]]


def _operand(c: Candidate, start: int) -> Operand | None:
    found = quantities(c.passage.text, decimal_sign(c.evidence.text))
    quantity = next((q for q in found if q.start <= start < q.end), None)
    return Operand(quantity, c.passage.text, c) if quantity else None

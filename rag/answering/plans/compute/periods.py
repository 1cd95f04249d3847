"""Amounts over a year, and the time between two years or days."""

from __future__ import annotations

from datetime import date

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.dates import Date, dates
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Paragraph, Reply
from octavo.rag.answering.plans.compute.formulas import computed_reply, plain
from octavo.rag.answering.plans.named_rows import named_rows
from octavo.rag.answering.plans.operands import find
from octavo.rag.answering.plans.relation import cells_of, relations
from octavo.rag.answering.quantities import decimal_sign, quantities
from octavo.rag.answering.question_analysis import analyze_question
from octavo.rag.answering.units import unit_of

_YEARLY = pattern("compute", "yearly")
_MONTHLY = pattern("compute", "monthly")
_PRICE_CUE = pattern("compute", "priced")
_SPAN = pattern("compute", "span")
_RANGE = pattern("compute", "range")
_BETWEEN = pattern("compute", "days_between")
ENOUGH = 0.6
_WEEK = 7


def yearly(material: Material) -> Reply | None:
    """Returns a monthly amount over a year."""
    text = material.query.text
    if not _YEARLY.search(text) or not _PRICE_CUE.search(text):
        return None
    phrase = _YEARLY.sub(" ", text)
    operand = find(material, f"{phrase} monthly") or find(material, phrase)
    if operand is None:
        return None
    c, q = operand.candidate, operand.quantity
    if not _MONTHLY.search(f"{operand.name} {c.passage.context} {c.passage.text}"):
        return None
    amounts = [other for other in quantities(c.passage.text, decimal_sign(c.evidence.text)) if other.unit == q.unit]
    if operand.cell is None and len(amounts) > 1:
        return None
    return computed_reply(plain(operand, 12 * q.value, q.places, q.unit, q.scale), f"12 × {plain(operand)}", [operand])


def span(material: Material) -> Reply | None:
    """Returns a duration from its first and last year."""
    if not _SPAN.search(material.query.text):
        return None
    for scored in material.ranked()[:3]:
        if match := _RANGE.search(scored.candidate.passage.text):
            count = int(match[2]) - int(match[1])
            text = f"{count} years = {match[2]} - {match[1]}. From “{scored.candidate.passage.text}”"
            return Reply((Paragraph(text, (scored.candidate,)),))
    return None


def between_days(material: Material) -> Reply | None:
    """Returns the years, weeks or days between two days that passages state."""
    match = _BETWEEN.search(material.query.text)
    if match is None:
        return None
    first, last = _days_of_rows(material, match["a"], match["b"]) or (
        _day(material, match["a"]),
        _day(material, match["b"]),
    )
    if first is None or last is None or not first[0].year or not last[0].year:
        return None
    (a, one), (b, other) = sorted((first, last), key=lambda pair: (pair[0].year, pair[0].month, pair[0].day))
    unit_name = match.groupdict().get("unit") or ""
    unit = unit_of(unit_name) if unit_name else None
    days = (date(b.year, b.month, b.day) - date(a.year, a.month, a.day)).days
    if unit and unit.group == "years":
        result = f"{b.year - a.year - ((b.month, b.day) < (a.month, a.day))} {unit_name}"
    elif unit and unit.group == "weeks":
        result = f"{days // _WEEK} {unit_name}"
    elif unit_name:
        result = f"{days} {unit_name}"
    else:
        result = f"{days} days" if days % _WEEK else f"{days} days ({days // _WEEK} weeks)"
    text = f"{result}, from {a.year}-{a.month:02}-{a.day:02} to {b.year}-{b.month:02}-{b.day:02}"
    return Reply((Paragraph(text, tuple(dict.fromkeys((one, other)))),), checked=first[1].passage.row is not None)


def _days_of_rows(material: Material, a: str, b: str) -> tuple[tuple[Date, Candidate], tuple[Date, Candidate]] | None:
    """Returns the days of two rows of one table that are called by what a question names, each with one day."""
    sides = [analyze_question(side) for side in (a, b)]
    for relation in relations(material):
        rows = [named_rows(side, relation) for side in sides]
        if any(len(days_of_rows) != 1 for days_of_rows in rows) or rows[0] == rows[1]:
            continue
        days_of_rows = [[day for cell in cells_of(c) for day in dates(cell.text)] for (c,) in rows]
        if all(len(days) == 1 for days in days_of_rows):
            return (days_of_rows[0][0], rows[0][0]), (days_of_rows[1][0], rows[1][0])
    return None


def _day(material: Material, phrase: str) -> tuple[Date, Candidate] | None:
    """Returns the day that the passage nearest to a phrase states."""
    for scored in material.ranked(phrase)[:3]:
        days = list(dates(scored.candidate.passage.text))
        if len(days) == 1 and scored.coverage >= ENOUGH:
            return days[0], scored.candidate
    return None

"""Days that a row states by another day and a length of time: the end of a warranty, the last day for a notice."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.dates import MONTHS, Date, dates
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Paragraph, Reply
from octavo.rag.answering.plans.relation import Relation, cell_in, cells_of, name_of, relations
from octavo.rag.answering.quantities import quantities
from octavo.rag.answering.question_analysis import words_of
from octavo.rag.answering.units import Unit, unit_written
from octavo.rag.query.language import AnswerKind

_NOTICE = pattern("compute", "notice")
CAPITALS = frozenset({"en", "de"})
"""Languages that write months with a capital."""
Length = tuple[float, Unit, str]
"""A number of a unit of time, and its column."""


def offset(material: Material) -> Reply | None:
    """Returns the day that lies a length of time before or after another one, both cells of the row that is named."""
    analysis = material.analysis
    if analysis.answer_kind is not AnswerKind.WHEN:
        return None
    for relation in relations(material):
        row = _best_row(material, relation)
        length = _length(material, row) if row else None
        days = [day for cell in cells_of(row) for day in dates(cell.text)] if row else []
        if row is None or length is None or len(days) != 1 or not days[0].year:
            continue
        number, unit, column = length
        sign = -1 if _NOTICE.search(column) else 1
        result = _moved(days[0], sign * number, unit)
        cell = cell_in(row, column)
        if result is None or cell is None:
            continue
        start = f"{days[0].year}-{days[0].month:02}-{days[0].day:02}"
        month = analysis.language.months[result.month - 1]
        in_words = f"{result.day} {month.title() if analysis.language.code in CAPITALS else month} {result.year}"
        formula = f"{result.isoformat()} ({in_words}) = {start} {'-' if sign < 0 else '+'} {number:g} {unit.name}"
        text = f"{formula}. From {cells_of(row)[0].text}, {column}: {cell.text}"
        return Reply((Paragraph(text, (row,)),), checked=True)
    return None


def _best_row(material: Material, relation: Relation) -> Candidate | None:
    """Returns the one row whose cells say most of a question, at least a word of its first cell."""
    analysis = material.analysis
    matches = {c: analysis.matched_in(" ".join(cell.text for cell in cells_of(c))) for c in relation.counted}
    matches = {c: terms for c, terms in matches.items() if analysis.matched_in(cells_of(c)[0].text)}
    most = max(map(len, matches.values()), default=0)
    best = [c for c, terms in matches.items() if len(terms) == most]
    return best[0] if len(best) == 1 else None


def _length(material: Material, row: Candidate) -> Length | None:
    """Returns the one length of time of a row in a column that the question names."""
    lengths: list[Length] = []
    for cell in cells_of(row)[1:]:
        column = name_of(cell)
        number = next(quantities(cell.text), None)
        words = [*words_of(cell.text), *(word.strip("()") for word in column.split())]
        unit = next((unit for word in (*cell.text.split(), *words) if (unit := unit_written(word))), None)
        is_time = unit is not None and unit.group in ("days", "weeks", "months", "years")
        if number and unit and is_time and not any(dates(cell.text)) and material.analysis.matched_in(column):
            lengths.append((number.value, unit, column))
    return lengths[0] if len(lengths) == 1 else None


def _moved(day: Date, number: float, unit: Unit) -> date | None:
    start = date(day.year, day.month, day.day)
    if unit.group in ("days", "weeks"):
        return start + timedelta(days=number * (7 if unit.group == "weeks" else 1))
    months = start.year * MONTHS + start.month - 1 + int(number * (MONTHS if unit.group == "years" else 1))
    year, month = divmod(months, MONTHS)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))

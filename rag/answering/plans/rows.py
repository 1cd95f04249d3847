"""Rows of tables that a question selects: how many there are, what they come to, which they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from octavo.ingest.model import HEADINGS
from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.dates import dates
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Paragraph, Reply
from octavo.rag.answering.plans.compute.formulas import add
from octavo.rag.answering.plans.compute.pairs import compares
from octavo.rag.answering.plans.relation import Relation, cell_in
from octavo.rag.answering.plans.selection import Selection, column_of, noun_after, selections
from octavo.rag.answering.question_analysis import words_of
from octavo.rag.query.language import AnswerKind

_COUNTED = pattern("rows", "counted")
_SUMMED = pattern("rows", "summed")
_WHICH = pattern("rows", "which")
_TOTAL = pattern("totals", "sum")
_ALL = pattern("rows", "all")
_SCALED = pattern("rows", "scaled")
MOST_LISTED = 20


def rows(material: Material) -> Reply | None:
    """Returns how many rows a question selects, or the sum of the column of numbers that it asks for."""
    text = material.query.text
    summed = _SUMMED.search(text)
    asked = summed or _COUNTED.search(text)
    if asked is None or compares(text) or _SCALED.match(asked["rest"]):
        return None
    noun = noun_after(material.analysis, asked["rest"])
    if not noun or any(_states_count(c, noun[-1]) for c in material.candidates):
        return None
    for selection in selections(material):
        if summed and not (selection.bounds or _is_total(text)):
            continue
        reply = _sum(material, selection, noun)
        if reply is None and not summed:
            reply = _count(material, selection, noun)
        if reply is not None:
            return reply
    return None


def select(material: Material) -> Reply | None:
    """Returns which rows a question selects, by the names in the column that it asks for."""
    match = _WHICH.search(material.query.text)
    asks = material.analysis.answer_kind
    noun = noun_after(material.analysis, match["rest"]) or list(words_of(match["rest"].split()[0])) if match else []
    if not noun and asks not in (AnswerKind.WHO, AnswerKind.WHEN):
        return None
    generic = {t for word in material.analysis.language.generic for t in words_of(word)}
    for selection in selections(material):
        column = _column(material, selection, noun)
        found = [c for c in selection.rows if column is not None and cell_in(c, column)]
        is_part = 0 < len(found) < len(selection.relation.counted) and len(found) <= MOST_LISTED
        if column is None or not is_part or not selection.bounds or not generic.issuperset(selection.other_terms):
            continue
        names = "; ".join(dict.fromkeys(selection.relation.label(c, column) for c in found))
        count = f" ({len(found)} of {len(selection.relation.counted)} rows)"
        return Reply((Paragraph(f"{names}{count}", tuple(found)),), checked=True)
    return None


def _states_count(c: Candidate, noun: str) -> bool:
    """Returns whether a sentence has a number right before the noun."""
    if c.passage.row is not None or c.passage.kind in HEADINGS:
        return False
    return re.search(rf"(?<!\S)\d+ (?:\w+ )?{re.escape(noun)}(?!\S)", c.spans) is not None


def _is_total(text: str) -> bool:
    """Returns whether a question asks for the sum of all rows."""
    return bool(_TOTAL.search(text) or _ALL.search(text))


def _sum(material: Material, selection: Selection, noun: list[str]) -> Reply | None:
    column = _numbers(material, selection, noun)
    is_total = _is_total(material.query.text)
    if column is None or not (selection.bounds or is_total):
        return None
    found = [selection.relation.number(c, column) for c in selection.rows]
    operands = [operand for operand in found if operand]
    if not operands or len(operands) < len(found) or (len(operands) == 1 and is_total and not selection.bounds):
        return None
    if len(operands) == 1:
        return Reply((Paragraph(operands[0].description, (operands[0].candidate,)),))
    reply = add([(1.0, operand) for operand in operands])
    return Reply(reply.paragraphs, checked=True) if reply else None


def _numbers(material: Material, selection: Selection, noun: list[str]) -> str | None:
    """Returns the column of numbers that a question names by its name, unit or year; of named things the quantity."""
    relation, analysis = selection.relation, material.analysis
    open_columns = [column for column in relation.values if column not in selection.used_columns]
    named = [c for c in open_columns if set(noun) & analysis.matched_terms(frozenset(words_of(c)))]
    named = named or [c for c in open_columns if any(unit.stands_in(c) for unit in analysis.units)]
    if not named and set(noun) & analysis.matched_terms(relation.above):
        named = [c for c in open_columns if any(year in c for year in analysis.years)]
    if not named and set(noun) & selection.said_by_cells:
        counting = {t for word in analysis.language.quantity for t in words_of(word)}
        named = [c for c in open_columns if counting & set(words_of(c))]
    return named[0] if len(named) == 1 else None


def _count(material: Material, selection: Selection, noun: list[str]) -> Reply | None:
    relation, analysis = selection.relation, material.analysis
    things = [c for c in relation.columns if c not in relation.values]
    named = [c for c in things if set(noun) & analysis.matched_terms(frozenset(words_of(c)))]
    named.sort(key=lambda c: len(words_of(c)))
    is_heading = bool(set(noun) & analysis.matched_terms(relation.above))
    if not (is_heading or (named and selection.bounds)) or analysis.units or len(relation.counted) < 2:
        return None
    if not selection.rows:
        return None
    listed = ", ".join(relation.label(c, named[0] if named else "") for c in selection.rows[:MOST_LISTED])
    return Reply((Paragraph(f"{len(selection.rows)}: {listed}.", selection.rows),), checked=True)


def _column(material: Material, selection: Selection, noun: Sequence[str]) -> str | None:
    """Returns the column that a question asks for: names after who, days after when, else the one its noun names."""
    relation, analysis = selection.relation, material.analysis
    free = [c for c in relation.columns if c not in selection.used_columns and c not in relation.values]
    people = {t for word in analysis.language.people for t in words_of(word)}
    if analysis.answer_kind is AnswerKind.WHO or (noun and noun[0] in people):
        return names_of(selection) or (column_of(selection, analysis, noun) if noun else None)
    if analysis.answer_kind is AnswerKind.WHEN:
        days = [c for c in free if _holds(relation, c, lambda text: any(dates(text)))]
        return days[0] if days else column_of(selection, analysis, noun)
    return column_of(selection, analysis, noun)


def names_of(selection: Selection) -> str | None:
    """Returns the first column of names."""
    relation = selection.relation
    free = [c for c in relation.columns if c not in selection.used_columns and c not in relation.values]
    return next((c for c in relation.names if c in free), None)


def _holds(relation: Relation, column: str, test: Callable[[str], bool]) -> bool:
    """Returns whether most cells of a column are of a kind."""
    texts = [cell.text for c in relation.rows if (cell := cell_in(c, column))]
    return sum(map(test, texts)) > 0.7 * len(texts)

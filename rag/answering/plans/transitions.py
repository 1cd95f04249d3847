"""Transitions: which rows went from one value to another, between two columns or two tables of alike columns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Paragraph, Reply
from octavo.rag.answering.plans.compute.pairs import compares
from octavo.rag.answering.plans.relation import Relation, cells_of, name_of, relations
from octavo.rag.answering.plans.selection import noun_after
from octavo.rag.answering.question_analysis import words_of
from octavo.rag.answering.rows import NamedCell
from octavo.rag.query.language import any_of

_CUE = pattern("transitions", "cue")
_ASKED = pattern("rows", "which"), pattern("rows", "counted")
_YEAR_ASKED = pattern("compute", "year_asked")
_ALL = pattern("rows", "all")
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class _State:
    """A cell with a value, in its row and table; `column` is the name of its column without a year."""

    relation: Relation
    row: Candidate
    cell: NamedCell
    column: str

    @property
    def label(self) -> str:
        return cells_of(self.row)[0].text.strip()


def transitions(material: Material) -> Reply | None:
    """Returns the rows that went from one value to another, or rose or fell, each with its earlier and later cell."""
    text = material.query.text
    if not any(form.search(text) for form in _ASKED):
        return None
    pairs = _between_values(material) or _changed(material)
    if not pairs:
        return None
    names = "; ".join(f"{label} ({one.cell.text} → {other.cell.text})" for label, (one, other) in pairs.items())
    support = tuple(dict.fromkeys(state.row for pair in pairs.values() for state in pair))
    count = f"{len(pairs)}: " if _ASKED[1].search(text) else ""
    return Reply((Paragraph(f"{count}{names}", support),), checked=True)


def _between_values(material: Material) -> dict[str, tuple[_State, _State]]:
    """Returns the rows that a question says to have gone from one value to another, by their labels."""
    match = _CUE.search(material.query.text)
    if match is None:
        return {}
    before, after = (list(_states(material, match[v], match[y] or "")) for v, y in (("a", "p"), ("b", "q")))
    return {one.label: (one, other) for one in before for other in after if _follows(one, other)}


def _changed(material: Material) -> dict[str, tuple[_State, _State]]:
    """Returns the rows whose number rose, or fell, from the table of one year to that of another, by their labels."""
    words, text, years = material.analysis.language.conditions, material.query.text, sorted(material.analysis.years)
    is_rise, is_fall = (
        any_of(own, re.I).search(text) is not None for own in ((*words.rose, *words.more), (*words.fell, *words.less))
    )
    match = next(filter(None, (form.search(text) for form in _ASKED)))
    noun = set(noun_after(material.analysis, match["rest"])[:1])
    if len(years) != 2 or is_rise is is_fall or compares(text) or _YEAR_ASKED.search(text) or not noun:
        return {}
    sides = [[r for r in relations(material) if _is_of_year(r, year)] for year in years]
    for first, last in product(*sides):
        fits = {column: len(material.analysis.matched_in(column)) for column in first.values}
        best = [column for column in fits if fits[column] == max(fits.values())]
        things = set(words_of(first.columns[0])) | material.analysis.matched_terms(first.around)
        if first.columns != last.columns or len(best) != 1 or not fits[best[0]] or not noun & things:
            continue
        pairs = {}
        for one, other in product(_numbers(first, best[0]), _numbers(last, best[0])):
            if one[0].label == other[0].label and (other[1] - one[1]) * (1 if is_rise else -1) > 0:
                pairs[one[0].label] = one[0], other[0]
        return pairs
    return {}


def _is_of_year(relation: Relation, year: str) -> bool:
    """Returns whether a table, none of whose columns is called by a year, is of a year."""
    return year in relation.around and not any(_YEAR.search(column) for column in relation.columns)


def _numbers(relation: Relation, column: str) -> Iterator[tuple[_State, float]]:
    for c in relation.counted:
        operand = relation.number(c, column)
        if operand and operand.cell and not _ALL.match(cells_of(c)[0].text):
            yield _State(relation, c, operand.cell, column), operand.quantity.amount


def _states(material: Material, value: str, year: str) -> Iterator[_State]:
    """Yields the cells that say a value and nothing else, of a year where one is given."""
    said = set(words_of(value))
    for relation in relations(material):
        is_by_column = any(_YEAR.search(column) for column in relation.columns)
        for c in relation.counted:
            for cell in cells_of(c)[1:]:
                words, name = words_of(cell.text), name_of(cell)
                is_of_year = not year or (year in name if is_by_column else year in relation.around)
                if words and is_of_year and said.issuperset(words):
                    yield _State(relation, c, cell, _YEAR.sub("", name).strip())


def _follows(one: _State, other: _State) -> bool:
    """Returns whether two states are of one thing: in two columns of its row, or in columns alike of two tables."""
    if one.label.casefold() != other.label.casefold():
        return False
    if one.relation is other.relation:
        return one.row is other.row and one.cell.column < other.cell.column
    return one.column == other.column

"""Transitions: which rows went from one value to another, between two columns or two tables of alike columns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Paragraph, Reply
from octavo.rag.answering.plans.relation import Relation, cells_of, name_of, relations
from octavo.rag.answering.question_analysis import words_of
from octavo.rag.answering.rows import NamedCell

_CUE = pattern("transitions", "cue")
_ASKED = pattern("rows", "which"), pattern("rows", "counted")
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
    """Returns the rows with the first value in an earlier column or table, and with the second in a later one."""
    text = material.query.text
    match = _CUE.search(text)
    if match is None or not any(form.search(text) for form in _ASKED):
        return None
    before, after = (list(_states(material, match[v], match[y] or "")) for v, y in (("a", "p"), ("b", "q")))
    pairs = {one.label: (one, other) for one in before for other in after if _follows(one, other)}
    if not pairs:
        return None
    names = "; ".join(f"{label} ({one.cell.text} → {other.cell.text})" for label, (one, other) in pairs.items())
    support = tuple(dict.fromkeys(state.row for pair in pairs.values() for state in pair))
    count = f"{len(pairs)}: " if _ASKED[1].search(text) else ""
    return Reply((Paragraph(f"{count}{names}", support),), checked=True)


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

"""Balances: what accounts leave over, the income less the spending of the row that a question means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Reply
from octavo.rag.answering.plans.binding import is_bound
from octavo.rag.answering.plans.compute.formulas import difference
from octavo.rag.answering.plans.named_rows import named_rows
from octavo.rag.answering.plans.operands import TOTAL, Operand
from octavo.rag.answering.plans.relation import Relation, cells_of, relations
from octavo.rag.answering.question_analysis import words_of

_CUE = pattern("balances", "cue")
_INCOME = pattern("balances", "income")
_SPENDING = pattern("balances", "spending")


def balance(material: Material) -> Reply | None:
    """Returns income less spending where a question asks for a surplus or a deficit that no passage states."""
    cues = " ".join(match[0] for match in _CUE.finditer(material.query.text))
    if not cues:
        return None
    explained = {*words_of(cues), *TOTAL}
    stated = {c.document for c in material.candidates if _CUE.search(c.passage.text)}
    for relation in (table for table in relations(material) if table.rows[0].document not in stated):
        for income, spending in _sides(material, relation):
            rows = [income.candidate, spending.candidate]
            reply = difference(income, spending) if is_bound(material, rows, explained) else None
            if reply:
                return replace(reply, checked=True)
    return None


def _sides(material: Material, relation: Relation) -> Iterator[tuple[Operand, Operand]]:
    """Yields the numbers of income and of spending: two columns of a row, or two rows of a column."""
    columns = [[c for c in relation.values if form.search(c)] for form in (_INCOME, _SPENDING)]
    named = named_rows(material.analysis, relation)
    rows = named or relation.total_rows
    if all(len(own) == 1 for own in columns) and len(rows) == 1:
        pair = [relation.number(rows[0], own[0]) for own in columns]
        if pair[0] and pair[1]:
            yield pair[0], pair[1]
    labelled = [[c for c in relation.rows if form.search(_label(c))] for form in (_INCOME, _SPENDING)]
    if all(len(own) == 1 for own in labelled) and len(relation.values) == 1:
        pair = [relation.number(own[0], relation.values[0]) for own in labelled]
        if pair[0] and pair[1]:
            yield pair[0], pair[1]


def _label(c: Candidate) -> str:
    return cells_of(c)[0].text

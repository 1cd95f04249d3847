"""Budgets: how much more or less was spent than planned, by the two columns of a table that say both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern, words
from octavo.rag.answering.plans.base import Reply
from octavo.rag.answering.plans.compute.formulas import difference
from octavo.rag.answering.plans.named_rows import named_rows
from octavo.rag.answering.plans.relation import Relation, relations
from octavo.rag.answering.question_analysis import terms_of_words, words_of
from octavo.rag.query.language import AnswerKind

_CUE = pattern("compute", "overspent")
_CHANGE = pattern("compute", "change")
_PLANNED = terms_of_words(words("compute", "words_planned"))
_OUTLOOK = terms_of_words(words("compute", "words_outlook"))
_SPENT = terms_of_words(words("compute", "words_spent"))


def overspent(material: Material) -> Reply | None:
    """Returns the difference of what was spent and what was planned, in the row that is named, or that of totals.

    A forecast is a plan where there is no other; beside a plan it is another outcome, and the row is left to be quoted.
    """
    analysis = material.analysis
    cue = _CUE.search(analysis.text)
    if cue is None or not (analysis.answer_kind is AnswerKind.AMOUNT or _CHANGE.search(analysis.text)):
        return None
    asked = [t for t in analysis.terms if t not in _PLANNED | _SPENT | set(words_of(cue[0]))]
    tables = [(relation, columns) for relation in relations(material) if (columns := _planned_and_spent(relation))]
    named = [(*table, row) for table in tables if (row := _only(named_rows(analysis, table[0]), table[0]))]
    for relation, (planned, outlook, spent), row in named or [
        (*table, table[0].total_rows[0]) for table in tables if len(table[0].total_rows) == 1
    ]:
        says = analysis.matched_terms(row.words | relation.around)
        if not says or not analysis.names <= says or not (named or says.issuperset(asked)):
            continue
        if planned and outlook:
            return None
        reply = difference(relation.number(row, spent[0]), relation.number(row, (planned or outlook)[0]), absolute=True)
        return replace(reply, checked=True) if reply else None
    return None


def _planned_and_spent(relation: Relation) -> tuple[list[str], list[str], list[str]] | None:
    """Returns the columns of what was planned, is forecast, and was spent; `None` where they are not one each."""
    planned, outlook = _columns(relation, _PLANNED), _columns(relation, _OUTLOOK)
    spent = [c for c in _columns(relation, _SPENT) if c not in planned + outlook]
    is_clear = len(spent) == 1 and len(planned) <= 1 and len(outlook) <= 1 and bool(planned or outlook)
    return (planned, outlook, spent) if is_clear else None


def _columns(relation: Relation, words: frozenset[str]) -> list[str]:
    return [c for c in relation.values if words & set(words_of(c))]


def _only(rows: Sequence[Candidate], relation: Relation) -> Candidate | None:
    counted = [c for c in rows if c in relation.counted]
    return counted[0] if len(counted) == 1 else None

"""Budgets: how much more or less was spent than planned, by the two columns of a table that say both."""

from __future__ import annotations

from dataclasses import replace

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern, words
from octavo.rag.answering.plans.base import Reply
from octavo.rag.answering.plans.compute.formulas import difference
from octavo.rag.answering.plans.named_rows import named_rows
from octavo.rag.answering.plans.operands import TOTAL
from octavo.rag.answering.plans.relation import Relation, cells_of, relations
from octavo.rag.answering.question_analysis import terms_of_words, words_of
from octavo.rag.query.language import AnswerKind

_CUE = pattern("compute", "overspent")
_CHANGE = pattern("compute", "change")
_PLANNED = terms_of_words(words("compute", "words_planned"))
_SPENT = terms_of_words(words("compute", "words_spent"))


def overspent(material: Material) -> Reply | None:
    """Returns the difference of what was spent and what was planned, in the row that is named, or that of totals."""
    analysis = material.analysis
    is_amount = analysis.answer_kind is AnswerKind.AMOUNT or _CHANGE.search(analysis.text)
    if not is_amount or not _CUE.search(analysis.text):
        return None
    for relation in relations(material):
        planned = [c for c in relation.values if _PLANNED & set(words_of(c))]
        spent = [c for c in relation.values if _SPENT & set(words_of(c)) and c not in planned]
        row = _row(material, relation)
        if len(planned) != 1 or len(spent) != 1 or row is None:
            continue
        around = row.words | relation.around
        if not analysis.matched_terms(around) or not analysis.names <= analysis.matched_terms(around):
            continue
        reply = difference(relation.number(row, spent[0]), relation.number(row, planned[0]), absolute=True)
        return replace(reply, checked=True) if reply else None
    return None


def _row(material: Material, relation: Relation) -> Candidate | None:
    named = [c for c in named_rows(material.analysis, relation) if c in relation.counted]
    totals = [c for c in relation.rows if c is relation.total or TOTAL & set(words_of(cells_of(c)[0].text))]
    rows = named or totals
    return rows[0] if len(rows) == 1 else None

"""Rows that a question names by their first cell."""

from __future__ import annotations

import re
from collections.abc import Sequence

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.intervals import intervals
from octavo.rag.answering.plans.operands import TOTAL
from octavo.rag.answering.plans.relation import Relation, cells_of
from octavo.rag.answering.proper_names import is_initialism
from octavo.rag.answering.question_analysis import QuestionAnalysis, words_of
from octavo.rag.query.language import split

_BRACKETED = re.compile(r"\([^)]*\)")
_IN_BRACKETS = re.compile(r"\(([^)]+)\)\s*$")
FEWEST = 2
"""Words of a label that a question says at least, where it says no whole label."""


def named_rows(analysis: QuestionAnalysis, relation: Relation) -> list[Candidate]:
    """Returns the rows of whose label a question says all words but those that any row has; the longest labels.

    What stands in brackets, such as a unit, need not be said. Where no label has words, that is the row whose number
    the question says in the unit of the column: "200 g" of "Nominal (g)".
    """
    fits: dict[Candidate, int] = {}
    function = analysis.language.function
    for c in relation.rows:
        name = _BRACKETED.sub(" ", cells_of(c)[0].text).strip() or cells_of(c)[0].text
        content = [word for word in split(name) if word not in function or is_initialism(name.strip())]
        label = frozenset(t for word in content for t in words_of(word))
        matches = analysis.matched_terms(label)
        own = {t for t in label if t.isalpha()}
        is_named = all(analysis.matched_terms(frozenset((t,))) for t in own)
        if own and matches and is_named and not (own <= TOTAL):
            in_brackets = frozenset(words_of(cells_of(c)[0].text)) - label
            fits[c] = len(own) + len((label - own) & matches) + len(analysis.matched_terms(in_brackets))
    best = [c for c, n in fits.items() if n == max(fits.values())]
    return within_bounds(analysis, best) or best or _measured_rows(analysis, relation)


def _measured_rows(analysis: QuestionAnalysis, relation: Relation) -> list[Candidate]:
    """Returns the rows whose label is a number that a question says with the unit in brackets of the column's name."""
    unit = _IN_BRACKETS.search(relation.columns[0])
    if unit is None:
        return []
    said = {match[1] for match in re.finditer(rf"(?<![\d.,])([\d.,]*\d)\s?{re.escape(unit[1])}(?!\w)", analysis.text)}
    return [c for c in relation.rows if cells_of(c)[0].text.strip() in said]


def within_bounds(analysis: QuestionAnalysis, rows: Sequence[Candidate]) -> list[Candidate]:
    """Returns the rows whose label has a range that a question states as well: "up to 10 m", and not "over 10 m"."""
    bounds = {(i.low, i.high) for i in intervals(analysis.text)}
    return [c for c in rows if any((i.low, i.high) in bounds for i in intervals(cells_of(c)[0].text))]


def best_rows(analysis: QuestionAnalysis, relation: Relation) -> list[Candidate]:
    """Returns the rows that a question names; where it says no whole label, those of which it says most words."""
    if rows := named_rows(analysis, relation):
        return rows
    counts = {c: len(analysis.matched_in(cells_of(c)[0].text)) for c in relation.counted}
    most = max(counts.values(), default=0)
    return [c for c, n in counts.items() if n == most >= FEWEST]

"""Editions: the numbers of one thing in two documents that their titles tell apart, as by a year or a season."""

from __future__ import annotations

from itertools import permutations

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.operands import TOTAL, Operand, find
from octavo.rag.answering.plans.relation import Relation, cells_of, is_number, relations
from octavo.rag.answering.question_analysis import (
    QuestionAnalysis,
    analyze_question,
    terms_of_words,
    words_of,
    words_of_names,
)

_ALL = pattern("rows", "all")


def of_editions(material: Material, phrase: str, a: str, b: str) -> tuple[Operand | None, Operand | None]:
    """Returns the numbers of a phrase in the two documents that `a` and `b` name.

    They are cells of tables in both documents, else numbers of sentences in both.
    """
    titles = {c.document: words_of_names(c.evidence.title, c.evidence.name) for c in material.candidates}
    pair = _told_apart(titles, a, b)
    if pair is None:
        return None, None
    both = titles[pair[0]] | titles[pair[1]]
    rest = " ".join(word for word in phrase.split() if not both & set(words_of(word)))
    one, other = (_cell(material, document, analyze_question(rest)) for document in pair)
    if one is None or other is None:
        pools = ([c for c in material.candidates if c.document == document] for document in pair)
        one, other = (find(material, rest, among=[c for c in pool if c.passage.row is None]) for pool in pools)
    return one, other


def _told_apart(titles: dict[str, frozenset[str]], a: str, b: str) -> tuple[str, str] | None:
    """Returns the two documents of whose titles each side says a word that the other title lacks; the most alike."""
    analyses = [analyze_question(side) for side in (a, b)]
    sides = [set(analysis.terms) - _fillers(analysis) for analysis in analyses]
    first, second = sides[0] - sides[1], sides[1] - sides[0]
    alike: dict[tuple[str, str], int] = {}
    for one, other in permutations(titles, 2):
        own, others = titles[one] - titles[other], titles[other] - titles[one]
        if first & own and second & others and not first & others and not second & own:
            alike[one, other] = len(titles[one] & titles[other])
    best = [pair for pair, count in alike.items() if count == max(alike.values())]
    return best[0] if len(best) == 1 else None


def _cell(material: Material, document: str, analysis: QuestionAnalysis) -> Operand | None:
    """Returns the number where the row and the column of a document's table cross that a phrase names.

    Where it names no row, it is that of totals.
    """
    fillers = _fillers(analysis)
    for relation in relations(material):
        if relation.rows[0].document != document:
            continue
        row = _row(relation, analysis)
        said = _said(row, analysis) if row else set()
        columns = {column: analysis.matched_in(column) - said for column in relation.values}
        most = max(map(len, columns.values()), default=0)
        best = [column for column in columns if len(columns[column]) == most]
        if row is None or len(best) != 1 or not said | columns[best[0]]:
            continue
        explained = said | columns[best[0]] | analysis.matched_terms(relation.around) | fillers
        operand = relation.number(row, best[0])
        if operand and explained.issuperset(analysis.terms):
            return operand
    return None


def _fillers(analysis: QuestionAnalysis) -> frozenset[str]:
    language = analysis.language
    return terms_of_words((*language.conditions.verbs, *language.generic, *language.money, *language.price_words))


def _row(relation: Relation, analysis: QuestionAnalysis) -> Candidate | None:
    said = {c: len(_said(c, analysis)) for c in relation.counted}
    most = max(said.values(), default=0)
    rows = [c for c in said if said[c] == most]
    if not most:
        labels = {c: cells_of(c)[0].text for c in relation.rows}
        rows = [c for c in labels if c is relation.total or TOTAL & set(words_of(labels[c])) or _ALL.match(labels[c])]
    return rows[0] if len(rows) == 1 else None


def _said(c: Candidate, analysis: QuestionAnalysis) -> set[str]:
    """Returns the terms of a phrase that the cells of a row say, but for those with numbers."""
    return analysis.matched_in(" ".join(cell.text for cell in cells_of(c) if not is_number(cell.text)))

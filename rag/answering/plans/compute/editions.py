"""Editions: the numbers of one thing in two documents that their titles tell apart, as by a year or a season."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import permutations

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.compute.amounts import amounts_of
from octavo.rag.answering.plans.fields import years_of_form
from octavo.rag.answering.plans.operands import TOTAL, Operand, find, of_cell
from octavo.rag.answering.plans.relation import Relation, cells_of, is_number, relations_of
from octavo.rag.answering.question_analysis import (
    QuestionAnalysis,
    analyze_question,
    terms_of_words,
    words_of,
    words_of_names,
)
from octavo.rag.query.language import any_of

_ALL = pattern("rows", "all")
_COUNTED = pattern("rows", "counted")
FIELD = 2
"""Columns of a table of labels and values."""
_WORD = re.compile(r"\s+[^\W\d_]+")


def in_tables(material: Material, phrase: str, a: str, b: str) -> tuple[Operand, Operand] | None:
    """Returns the cells that a phrase names in the tables of the two documents that `a` and `b` name."""
    pair, rest = _told_apart(material, phrase, a, b)
    cells = [_cell(material, document, analyze_question(rest)) for document in pair]
    known = [cell for cell in cells if cell]
    return (known[0], known[1]) if len(known) == 2 else None


def in_counts(material: Material, phrase: str, a: str, b: str) -> tuple[Operand, Operand] | None:
    """Returns the numbers right before a word of a phrase in sentences of the two documents: seven of "seven swims".

    They are counted where the question asks how many, or for more or less.
    """
    conditions = material.analysis.language.conditions
    comparatives = any_of((*conditions.more, *conditions.less), re.I)
    if not comparatives.search(material.query.text) and not _COUNTED.search(material.query.text):
        return None
    pair, rest = _told_apart(material, phrase, a, b)
    counts = [_count(material, document, rest) for document in pair]
    known = [count for count in counts if count]
    return (known[0], known[1]) if len(known) == 2 else None


def in_sentences(material: Material, phrase: str, a: str, b: str) -> tuple[Operand | None, Operand | None]:
    """Returns the numbers that a phrase names in sentences of the two documents that `a` and `b` name."""
    pair, rest = _told_apart(material, phrase, a, b)
    sentences = [c for c in material.candidates if c.passage.row is None]
    pools = [[c for c in sentences if c.document == document] for document in pair]
    return (find(material, rest, among=pools[0]), find(material, rest, among=pools[1])) if pools else (None, None)


def _count(material: Material, document: str, phrase: str) -> Operand | None:
    terms = {t for t in analyze_question(phrase).terms if t.isalpha()}
    pool = [c for c in material.candidates if c.document == document and c.passage.row is None]
    for scored in material.ranked(phrase, pool):
        text = scored.candidate.passage.text
        for q in amounts_of(scored.candidate):
            following = _WORD.match(text, q.end)
            if following and terms.intersection(words_of(following[0])):
                return Operand(replace(q, unit=following[0].strip()), phrase, scored.candidate)
    return None


def _told_apart(material: Material, phrase: str, a: str, b: str) -> tuple[tuple[str, ...], str]:
    """Returns the two documents of whose titles each side says a word that the other title lacks; the most alike.

    The year of a document's form is as good as one of its title.

    There are none where several pairs are as much alike. With them comes the phrase without the words of their titles.
    """
    titles = {c.document: words_of_names(c.evidence.title, c.evidence.name) for c in material.candidates}
    titles = {document: words | years_of_form(material, document) for document, words in titles.items()}
    analyses = [analyze_question(side) for side in (a, b)]
    sides = [set(analysis.terms) - _fillers(analysis) for analysis in analyses]
    first, second = sides[0] - sides[1], sides[1] - sides[0]
    alike: dict[tuple[str, str], int] = {}
    for one, other in permutations(titles, 2):
        own, others = titles[one] - titles[other], titles[other] - titles[one]
        if first & own and second & others and not first & others and not second & own:
            alike[one, other] = len(titles[one] & titles[other])
    best = [pair for pair, count in alike.items() if count == max(alike.values())]
    if len(best) != 1:
        return (), phrase
    both = titles[best[0][0]] | titles[best[0][1]]
    return best[0], " ".join(word for word in phrase.split() if not both & set(words_of(word)))


def _cell(material: Material, document: str, analysis: QuestionAnalysis) -> Operand | None:
    """Returns the number where the row and the column of a document's table cross that a phrase names.

    Where it names no row, it is that of totals. In a table of labels and values it is the first number of the row.
    """
    fillers = _fillers(analysis)
    for relation in relations_of(material, document, named=False):
        row = _row(relation, analysis)
        if len(relation.columns) <= FIELD:
            if row and (field := _field(relation, row, analysis)):
                return field
            continue
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


def _field(relation: Relation, row: Candidate, analysis: QuestionAnalysis) -> Operand | None:
    """Returns the first number of a row whose label, with what belongs to its table, says all of a phrase."""
    label = analysis.matched_in(relation.label(row))
    explained = label | analysis.matched_terms(relation.around) | _fillers(analysis)
    cell = next(iter(cells_of(row)[1:]), None)
    return of_cell(row, cell) if cell and label and explained.issuperset(analysis.terms) else None


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

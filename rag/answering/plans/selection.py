"""Selections: the rows of a table that meet the conditions of a question, and the column that it asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.near_words import nearest_name
from octavo.rag.answering.plans.conditions import ConditionReader
from octavo.rag.answering.plans.relation import Relation, relations
from octavo.rag.answering.question_analysis import QuestionAnalysis, analyze_question, terms_of_words, words_of
from octavo.rag.answering.question_nouns import head_nouns
from octavo.rag.query.language import ENGLISH, AnswerKind, split

_BRACKETS = re.compile(r"\([^)]*\)")
NOUN = 3
"""Words that may say what is asked for."""
MOST_LISTED = 20
"""Rows that are listed at most."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The rows of a relation that meet a question's conditions.

    `analysis` is the question's, where a word of it that stands nowhere may mean a column's name: mileage, odometer.
    `explained_terms` are the terms in conditions, column names, headings or titles, `other_terms` the others.
    `bounds` counts the conditions, `used_columns` are their columns, `said_by_cells` those in cells, and
    `headings` the columns that are called by a day that the question names. `change` are the columns of two periods
    between which rows rose or fell.
    """

    analysis: QuestionAnalysis
    relation: Relation
    rows: tuple[Candidate, ...]
    explained_terms: frozenset[str]
    other_terms: tuple[str, ...]
    bounds: int
    used_columns: frozenset[str]
    said_by_cells: frozenset[str]
    headings: tuple[str, ...] = ()
    change: tuple[str, str] | None = None


def selections(material: Material, text: str = "", *, by_document: bool = False) -> Iterator[Selection]:
    """Yields a selection of each table that says all names, numbers and things of the question, best evidence first.

    `text` is what is read in the place of the whole question. With `by_document`, a name may stand anywhere in the
    document, where no other one says it.
    """
    analysis = analyze_question(text or material.query.text)
    for relation in relations(material):
        reader = ConditionReader(_with_near_columns(material, analysis, relation), relation)
        if by_document:
            reader.explained_terms |= _names_of(material, relation.rows[0].document)
        if reader.read():
            yield Selection(
                reader.analysis,
                relation,
                tuple(reader.rows),
                frozenset(reader.explained_terms),
                reader.other_terms,
                reader.bounds,
                frozenset(reader.used_columns),
                reader.by_cells,
                tuple(reader.headings),
                reader.change,
            )


def _things(analysis: QuestionAnalysis) -> dict[str, str]:
    """Returns the things that a question in English asks for, as words by their terms."""
    return {term: word for word, term in head_nouns(analysis)} if analysis.language.code == ENGLISH else {}


def _with_near_columns(material: Material, analysis: QuestionAnalysis, relation: Relation) -> QuestionAnalysis:
    """Returns the analysis with the words of the column that means nearly the same as a thing its document lacks."""
    document = relation.rows[0].document
    lacking = {term: word for term, word in _things(analysis).items() if term not in analysis.names}
    if not lacking:
        return analysis
    words = frozenset().union(*(c.words for c in material.candidates if c.document == document))
    said = analysis.matched_terms(words | relation.around)
    columns = [column.lower() for column in relation.columns if column]
    names = {term: nearest_name(word, columns) for term, word in lacking.items() if term not in said}
    near = {term: frozenset(words_of(name)) for term, name in names.items() if name}
    return replace(analysis, near=near) if near else analysis


def _names_of(material: Material, document: str) -> set[str]:
    """Returns the names of a question that one document says, and no other."""
    names = material.analysis.names
    own = {t for t in names if any(c.document == document and t in c.words for c in material.candidates)}
    return {t for t in own if not any(c.document != document and t in c.words for c in material.candidates)}


def noun_after(analysis: QuestionAnalysis, text: str) -> list[str]:
    """Returns the terms at the beginning of a text that say what is asked for: `items` of "of the items come"."""
    result: list[str] = []
    for word in dropwhile(lambda word: word in analysis.language.articles, split(text)):
        terms = [t for t in words_of(word) if t in analysis.terms and not t.isdigit()]
        if not terms:
            break
        result += terms
    return result[:NOUN]


def column_of(selection: Selection, analysis: QuestionAnalysis, noun: Sequence[str]) -> str | None:
    """Returns the column without numbers that a noun names; the label's where the heading says the noun."""
    relation = selection.relation
    free = [c for c in relation.columns if c not in selection.used_columns and c not in relation.values]
    words = {c: frozenset(words_of(_BRACKETS.sub(" ", c)) or words_of(c)) for c in free}
    ranked = [(len(set(noun) & (analysis.matched_terms(own) | own)) / max(1, len(own)), c) for c, own in words.items()]
    best, column = max(ranked, key=lambda pair: pair[0], default=(0.0, ""))
    if best:
        return column
    generic = terms_of_words(analysis.language.generic)
    is_heading = bool(set(noun) & analysis.matched_terms(relation.around)) or (
        bool(noun) and analysis.answer_kind is None and set(noun) <= generic
    )
    return relation.columns[0] if is_heading and relation.columns[0] in free else None


def names_of(selection: Selection, analysis: QuestionAnalysis) -> str | None:
    """Returns the column of names that a question names best, the first of those that it names alike."""
    free = [c for c in selection.relation.names if c not in selection.used_columns]

    def said_share(column: str) -> float:
        words = frozenset(words_of(column))
        return len(analysis.matched_terms(words)) / max(1, len(words))

    return max(free, key=said_share, default=None)


def label_asked_for(selection: Selection, analysis: QuestionAnalysis, noun: Sequence[str]) -> str | None:
    """Returns the column that tells which row is meant: of names after who, else the one that a noun names."""
    is_who = analysis.answer_kind is AnswerKind.WHO
    return names_of(selection, analysis) if is_who else column_of(selection, analysis, noun)

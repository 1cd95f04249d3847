"""Selections: the rows of a table that meet the conditions of a question, and the column that it asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.plans.conditions import ConditionReader
from octavo.rag.answering.plans.relation import Relation, relations
from octavo.rag.answering.question_analysis import QuestionAnalysis, terms_of_words, words_of
from octavo.rag.query.language import AnswerKind, split

NOUN = 3
"""Words that may say what is asked for."""
MOST_LISTED = 20
"""Rows that are listed at most."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The rows of a relation that meet a question's conditions.

    `explained_terms` are the terms in conditions, column names, headings or titles, `other_terms` the others.
    `bounds` counts the conditions, `used_columns` are their columns, `said_by_cells` those in cells, and
    `headings` the columns that are called by a day that the question names. `change` are the columns of two periods
    between which rows rose or fell.
    """

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
    for relation in relations(material):
        reader = ConditionReader(text or material.query.text, relation)
        if by_document:
            reader.explained_terms |= _names_of(material, relation.rows[0].document)
        if reader.read():
            yield Selection(
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
    words = {c: frozenset(words_of(c)) for c in free}
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

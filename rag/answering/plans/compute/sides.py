"""Rows that one side of a comparison calls: by a whole label, its beginning, or with words that the other side has."""

from __future__ import annotations

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.dates import month_names, month_of_label
from octavo.rag.answering.plans.relation import Relation, cells_of
from octavo.rag.answering.question_analysis import QuestionAnalysis, analyze_question, words_of


def is_row_of(analysis: QuestionAnalysis, c: Candidate) -> bool:
    """Returns whether a question says all words of the name of a row, of a month also its short name."""
    if month := month_of_label(cells_of(c)[0].text):
        return month in {name.month for name in month_names(analysis.text)}
    words = frozenset(words_of(cells_of(c)[0].text))
    label = frozenset(t for t in words if t.isalpha()) or words
    whole = " ".join(words_of(cells_of(c)[0].text))
    if len(words) > 1 and f" {whole} " in f" {' '.join(words_of(analysis.text))} ":
        return True
    return bool(label) and len(analysis.matched_terms(label) & label) == len(label)


def completed(relation: Relation, a: str, b: str) -> list[Candidate]:
    """Returns the row of a side that leaves out words of the other: "a synthetic one" of "a feather double duvet"."""
    words = a.split()
    for n in range(len(words)):
        side = analyze_question(" ".join((*words[:n], b, *words[n + 1 :])))
        rows = [c for c in relation.counted if is_row_of(side, c) and side.matched_in(b)]
        if len(rows) == 1 and analyze_question(b).matched_in(cells_of(rows[0])[0].text):
            return rows
    return []


def beginning_with(relation: Relation, side: QuestionAnalysis) -> list[Candidate]:
    """Returns the rows whose label begins with all that a side says: "Implant with crown" of "the implant"."""
    terms = set(side.terms)
    labels = {c: words_of(cells_of(c)[0].text)[: len(terms)] for c in relation.counted}
    return [c for c, label in labels.items() if terms and terms <= side.matched_terms(frozenset(label))]

"""Cells that a question names: by the label of the row and the name of the column, or by a measure beside years."""

from __future__ import annotations

import re

from octavo.rag.answering.question_analysis import QuestionAnalysis, terms_of_words, words_of
from octavo.rag.answering.rows import NamedCell, Row

NAME_WORDS = 2
"""Words of a column's name that tells, said word for word, which cell is asked for."""
_YEAR = re.compile(r"(?:19|20)\d\d")


def named_cell(analysis: QuestionAnalysis, row: Row | None) -> NamedCell | None:
    """Returns the cell whose row's label and whose column's name of several words a question says word for word."""
    generic = terms_of_words(analysis.language.generic)
    if row is None or not _is_said(analysis, row.label) or generic.issuperset(words_of(row.label)):
        return None
    cells = [
        cell for cell in row.values if len(words_of(_name(cell))) >= NAME_WORDS and _is_said(analysis, _name(cell))
    ]
    return max(cells, key=lambda cell: len(_name(cell)), default=None)


def measure_beside_years(analysis: QuestionAnalysis, row: Row | None) -> NamedCell | None:
    """Returns the one cell of a row whose column a question calls by its words, where other columns are years.

    "What is the CAGR of radio from 2012 to 2016?" asks for the column CAGR, and for no year's.
    """
    if row is None or sum(_YEAR.search(_name(cell)) is not None for cell in row.values) < NAME_WORDS:
        return None
    generic = terms_of_words(analysis.language.generic)
    cells = [cell for cell in row.values if _is_measure(_name(cell), frozenset(analysis.terms) - generic)]
    return cells[0] if len(cells) == 1 else None


def _is_measure(name: str, terms: frozenset[str]) -> bool:
    own = words_of(name)
    return bool(own) and not any(t[0].isdigit() for t in own) and terms.issuperset(own)


def _is_said(analysis: QuestionAnalysis, name: str) -> bool:
    own = words_of(name)
    return bool(own) and f" {' '.join(own)} " in f" {' '.join(words_of(analysis.text))} "


def _name(cell: NamedCell) -> str:
    return " ".join(cell.names)

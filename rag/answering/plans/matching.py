"""Matching rows: those whose cells say some terms, those from one label to another, those with a measure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.dates import dates
from octavo.rag.answering.patterns import words
from octavo.rag.answering.plans.relation import Relation, cell_in, is_number
from octavo.rag.answering.quantities import decimal_sign, quantities
from octavo.rag.answering.question_analysis import analyze_question, terms_of_words, words_of
from octavo.rag.answering.units import Unit, unit_of
from octavo.rag.query.language import any_form, languages, numeral_form, split

CellTerms = Mapping[Candidate, Mapping[str, frozenset[str]]]
"""The terms of a question that the cells of rows hold, by the names of their columns."""
_SHORT_DATE = re.compile(r"\d{1,2}[./]\d{1,2}\.?")
_NUMBER = r"\d[\d.,]*"
_LABEL = r"[^\W_][\w./-]*"


def rows_with(
    run: frozenset[str], terms_of: CellTerms, exact: Collection[str]
) -> tuple[frozenset[Candidate], set[str]]:
    """Returns the rows whose cells hold all terms of a run, and the columns of those cells.

    One cell holds all of them where any does; of several columns those count in which a cell says nothing else.

    Parameters
    ----------
    exact
        The columns with a cell that says the run and nothing else.
    """
    columns = [c for c in exact if any(run <= cells.get(c, frozenset()) for cells in terms_of.values())]
    if columns:
        terms_of = {
            c: {name: terms for name, terms in cells.items() if name in columns} for c, cells in terms_of.items()
        }
    whole = [c for c, cells in terms_of.items() if any(run <= terms for terms in cells.values())]
    matching = whole or [c for c, cells in terms_of.items() if run <= frozenset().union(*cells.values())]
    used = {name for c in matching for name, terms in terms_of[c].items() if terms & run}
    return frozenset(matching), used


def alternatives(run: frozenset[str], text: str, code: str) -> list[frozenset[str]]:
    """Returns the parts of a run that the question joins by "and", "or" or a comma; nothing where it joins none.

    >>> [sorted(part) for part in alternatives(frozenset(("tenor", "bass")), "Tenor und Bass zusammen", "de")]
    [['tenor'], ['bass']]
    """
    words = any_form(languages()[code].pages.conjunctions)
    pieces = [run & frozenset(words_of(piece)) for piece in re.split(rf"\s*(?:,|{words})\s*", text, flags=re.I)]
    parts = [part for part in pieces if part]
    is_split = len(parts) > 1 and frozenset().union(*parts) == run and sum(map(len, parts)) == len(run)
    return parts if is_split else []


@cache
def _range(code: str) -> re.Pattern[str]:
    to = any_form(word for word in languages()[code].pages.to)
    return re.compile(rf"(?P<a>{_LABEL})\s*(?:{to}|[-–—])\s*(?P<b>{_LABEL})", re.I)


def ranges(text: str, code: str, relation: Relation) -> Iterator[tuple[str, str, tuple[Candidate, ...]]]:
    """Yields each range of labels such as "C1 to C4" as it is said, with its column and its rows in order."""
    for match in _range(code).finditer(text):
        for column in relation.columns:
            if column in relation.values:
                continue
            first = [c for c in relation.counted if (cell := cell_in(c, column)) and is_called(cell.text, match["a"])]
            last = [c for c in relation.counted if (cell := cell_in(c, column)) and is_called(cell.text, match["b"])]
            if len(first) == len(last) == 1:
                start, end = (relation.counted.index(c) for c in (first[0], last[0]))
                if start < end:
                    yield match[0], column, relation.counted[start : end + 1]
                    break


def is_called(text: str, name: str) -> bool:
    """Returns whether a cell is a name in its own or other words, and says nothing else."""
    words, analysis = words_of(text), analyze_question(name)
    terms = analysis.terms or words_of(name)
    is_same = words == terms or len(analysis.matched_terms(frozenset(words))) == len(terms)
    return len(words) == len(terms) > 0 and is_same


@cache
def _measure(code: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.,])(?P<number>{_NUMBER}|{numeral_form(code)})[\s-]?(?P<unit>[^\W\d_]+)", re.I)


def measures(text: str, code: str, relation: Relation) -> Iterator[tuple[str, str, tuple[Candidate, ...]]]:
    """Yields each number with a unit, such as "three hours", that cells of one column are, with these rows."""
    for match in _measure(code).finditer(text):
        unit = unit_of(match["unit"])
        number = next(iter(words_of(match["number"])), "") if match["number"].isalpha() else match["number"]
        value = next(quantities(number, decimal_sign(text)), None)
        if unit is None or value is None:
            continue
        columns = {c: _rows_measured(relation, c, unit, value.value) for c in relation.columns[1:]}
        matching = {column: rows for column, rows in columns.items() if rows}
        if len(matching) == 1:
            column, rows = next(iter(matching.items()))
            yield match[0], column, rows


def _rows_measured(relation: Relation, column: str, unit: Unit, value: float) -> tuple[Candidate, ...]:
    result = []
    for c in relation.counted:
        cell = cell_in(c, column)
        if cell is None or not is_number(cell.text) or not (unit.stands_in(cell.text) or unit.stands_in(column)):
            continue
        number = next(quantities(cell.text, decimal_sign(c.evidence.text)), None)
        if number is not None and number.value == value:
            result.append(c)
    return tuple(result)


def says_nothing_else(text: str, run: frozenset[str], terms: frozenset[str]) -> bool:
    """Returns whether a cell says all of a run and has no other words."""
    return run <= terms and len(set(words_of(text))) <= len(run)


def is_without(c: Candidate, column: str, relation: Relation) -> bool:
    """Returns whether a row's number in a column is 0, or its cell is empty or a dash."""
    cell = cell_in(c, column)
    if cell is None or not cell.text.strip(" -–—"):
        return True
    number = relation.number(c, column)
    return number is not None and not number.quantity.value


@cache
def row_terms() -> frozenset[str]:
    """Returns the terms for one row of any table, such as "item" and "piece"."""
    return terms_of_words(words("rows", "words_row"))


@cache
def place_terms() -> frozenset[str]:
    """Returns the terms for the place in an order, such as "rank"."""
    return terms_of_words(words("rows", "words_place"))


def is_order(relation: Relation, column: str) -> bool:
    """Returns whether the numbers of a column are places in an order: all from 1 on, perhaps several times."""
    numbers = {o.quantity.amount for c in relation.counted if (o := relation.number(c, column))}
    return numbers == {float(n) for n in range(1, len(numbers) + 1)}


@cache
def unsummed_terms() -> frozenset[str]:
    """Returns the terms for numbers that tell rows apart and add up to nothing, such as "year" and "place"."""
    return terms_of_words(words("rows", "words_unsummed"))


def is_day(relation: Relation, text: str) -> bool:
    """Returns whether a question asks for days, and the rows of a table are days."""
    day = unit_of("day")
    is_asked = day is not None and any(unit == day.form for word in split(text) if (unit := _form_of(word)))
    return is_asked and any(
        all((cell := cell_in(c, column)) is not None and _is_date(cell.text) for c in relation.counted)
        for column in relation.columns
        if column not in relation.values
    )


def _form_of(word: str) -> re.Pattern[str] | None:
    unit = unit_of(word)
    return unit.form if unit else None


def _is_date(text: str) -> bool:
    return _SHORT_DATE.fullmatch(text.strip()) is not None or any(dates(text))

"""Series: the column or the row of numbers in a table whose names and surroundings say most of a question."""

from __future__ import annotations

import re
from collections.abc import Sequence

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import words
from octavo.rag.answering.plans.operands import TOTAL, Operand, of_cell
from octavo.rag.answering.plans.relation import is_number
from octavo.rag.answering.question_analysis import analyze_question, terms_of_words, words_of

TOTAL_OR_MEAN = TOTAL | terms_of_words(words("totals", "words_mean"))
_UNIT = re.compile(r"\(([^)]{1,12})\)\s*\*?$")
ROW_SAID = 0.5
"""The share of a row's label that a question must say to compare the columns of this row."""


def best_series(
    material: Material,
    terms: Sequence[str],
    measures: Sequence[str],
    pair: re.Match[str] | None,
    noun: Sequence[str] = (),
) -> list[tuple[str, Operand]]:
    """Returns the column, or the row, of the one table whose names and surroundings say most of the question.

    They say a word of the `noun`, which is what is compared.
    """
    tables: dict[tuple[str, int, int], list[Candidate]] = {}
    for c in material.candidates:
        if c.passage.row is not None:
            tables.setdefault(c.element, []).append(c)
    best: tuple[float, list[tuple[str, Operand]]] = (0.0, [])
    analysis = analyze_question(" ".join(terms))
    measure_terms = frozenset(t for m in measures for t in words_of(m))
    generic = terms_of_words((*analysis.language.generic, *analysis.language.function))
    for rows in tables.values():
        around = set[str]()
        for share, beside, spans in rows[0].around:
            if share > 0.3:
                around |= analysis.matched_terms(beside, spans)
        around = {t for t in analysis.terms if t in around}
        for name, series in _series(rows):
            own = frozenset(words_of(name))
            matches = analysis.matched_terms(own, " ".join(words_of(name)))
            in_labels = {t for t in analysis.terms if any(t in words_of(label) for label, _ in series)}
            is_row = len({o.candidate for _, o in series}) == 1 < len(series)
            if is_row and len(matches) < ROW_SAID * len({t for t in own - generic if t.isalpha()}):
                continue
            if (
                not matches
                and not measure_terms & own
                and not (measure_terms & frozenset(words_of(rows[0].passage.context)))
            ):
                continue
            if noun and not set(noun) & (matches | in_labels | around):
                continue
            of_measure = set(analysis.terms) - set(noun) - generic
            if noun and of_measure and not measures and not of_measure & (matches | in_labels | around):
                continue
            fit = len(matches | in_labels) + 0.6 * len(around - matches) + 1.5 * bool(measure_terms & own)
            members = [(label, o) for label, o in series if label.strip() and not TOTAL_OR_MEAN & set(words_of(label))]
            if pair:
                members = [(label, o) for label, o in members if _is_one_of(label, pair)]
            else:
                members = _of_kind(members, {t for t in terms if any(t in words_of(label) for label, _ in members)})
            fit += 0.001 * rows[0].evidence.score
            if len(members) >= 2 and fit > best[0]:
                best = fit, members
    count = max(1, len(analysis.terms))
    return best[1] if best[0] >= 0.5 * count else []


def _of_kind(series: list[tuple[str, Operand]], terms: set[str]) -> list[tuple[str, Operand]]:
    """Returns the labels that hold the question's terms: of doors and hinges the doors, where several are."""
    matching = [(label, o) for label, o in series if terms <= set(words_of(label))]
    return matching if len(matching) >= 2 else series


def _series(rows: Sequence[Candidate]) -> list[tuple[str, list[tuple[str, Operand]]]]:
    """Returns each column by its name with the rows' labels, each row by its label with the columns' names."""
    results: list[tuple[str, list[tuple[str, Operand]]]] = []
    columns: dict[tuple[str, ...], list[tuple[str, Operand]]] = {}
    for c in rows:
        row = c.passage.row
        if row is None:
            continue
        own = []
        for cell in row.values:
            if is_number(cell.text) and (operand := of_cell(c, cell)):
                columns.setdefault(cell.names, []).append((row.label, operand))
                own.append((" ".join(cell.names), operand))
        labeled = [pair for pair in own if pair[0]]
        is_in_one_unit = len({o.quantity.unit for _, o in labeled} - {""}) <= 1
        is_of_years = all(re.search(r"\b(?:19|20)\d\d\b", name) for name, _ in labeled)
        if len(labeled) == len(own) > 1 and is_in_one_unit and not is_of_years:
            results.append((row.label, labeled))
    alike = {names: series for names, series in columns.items() if not _are_properties(series)}
    return [(" ".join(names), series) for names, series in alike.items()] + results


def _are_properties(series: Sequence[tuple[str, Operand]]) -> bool:
    """Returns whether labels name measures in different units, which are not compared: "Weight (kg)", "Flow (l/h)"."""
    return len({unit[1] for label, _ in series if (unit := _UNIT.search(label))}) > 1


def _is_one_of(label: str, pair: re.Match[str]) -> bool:
    words = set(words_of(label))
    return any(words and words <= set(words_of(side)) | TOTAL_OR_MEAN for side in (pair[1], pair[2]))

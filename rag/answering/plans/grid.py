"""Grids: where a row and a column of a table cross, as in timetables, rosters, tide tables and lists of prices."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.dates import is_of_other_months
from octavo.rag.answering.days import days_in
from octavo.rag.answering.intervals import intervals
from octavo.rag.answering.material import Material
from octavo.rag.answering.moments import clock_times, time_of_cell
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Paragraph, Reply
from octavo.rag.answering.plans.compute.pairs import compares
from octavo.rag.answering.plans.lookup import cell_text
from octavo.rag.answering.plans.named_rows import within_bounds
from octavo.rag.answering.plans.relation import Relation, cells_of, is_number, name_of, relations
from octavo.rag.answering.question_analysis import terms_of_words, words_of
from octavo.rag.answering.rows import NamedCell
from octavo.rag.query.language import AnswerKind, any_of

_LEFT_OUT = pattern("grid", "left_out")
_WHICH = pattern("rows", "which")
_WHICH_DAY = pattern("grid", "day")
_OTHERS = (
    pattern("extremes", "most"),
    pattern("extremes", "least"),
    pattern("totals", "sum"),
    pattern("prose", "sum"),
    pattern("rows", "total"),
    pattern("compute", "share"),
    pattern("compute", "part"),
    pattern("compute", "exceeds"),
    pattern("compute", "rise"),
    pattern("compute", "change"),
    pattern("compute", "against_column"),
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_BLANK = "-–—−| "
ENOUGH = 0.5
"""The share of a label's words that the question must say."""


def grid(material: Material) -> Reply | None:
    """Returns the cell of the row and the column that a question names by a day, a time, a range or a code."""
    text = material.query.text
    if compares(text) or any(form.search(text) for form in _OTHERS):
        return None
    for relation in relations(material, named=False):
        for operation in (_crossing, _of_codes, _cell, _days_of) if relation.is_named else (_crossing,):
            if (reply := operation(material, relation)) and not _of_other_months(material, reply):
                return reply
    return None


def _of_other_months(material: Material, reply: Reply) -> bool:
    support = [c for paragraph in reply.paragraphs for c in paragraph.support]
    return is_of_other_months(material.query.text, material.texts_beside(support))


def _crossing(material: Material, relation: Relation) -> Reply | None:
    """Returns what another row has where a row has the time that the question states: the next stop of a bus."""
    times = {minutes for minutes, *_ in clock_times(material.query.text)}
    hits = [(c, cell) for c in relation.rows for cell in cells_of(c)[1:] if time_of_cell(cell.text) in times]
    if len(times) != 1 or not hits:
        return None
    analysis = material.analysis
    terms_of = {c: analysis.matched_in(relation.label(c)) for c in relation.rows}
    row, cell = max(hits, key=lambda hit: len(terms_of[hit[0]]))
    beside = {c: _at(c, cell.column) for c in relation.rows if c is not row}
    if _LEFT_OUT.search(material.query.text):
        missed = [c for c, other in beside.items() if other is None or not other.text.strip(_BLANK)]
        names = "; ".join(relation.label(c) for c in missed)
        text = f"{names}: no time in the column of {cell.text} ({relation.label(row)})"
        return Reply((Paragraph(text, (*missed, row)),), checked=True) if missed and len(missed) < len(beside) else None
    if analysis.answer_kind is not AnswerKind.WHEN:
        return _stop(material, relation, hits)
    shares = {c: _share_said(relation.label(c), terms_of[c] - terms_of[row]) for c in beside}
    most = max(shares.values(), default=0.0)
    targets = [(c, at) for c, at in beside.items() if at and shares[c] == most >= ENOUGH]
    explained = terms_of[row].union(analysis.matched_terms(relation.around), *(terms_of[c] for c, _ in targets))
    if not targets or not analysis.names <= explained:
        return None
    arrivals = "; ".join(_named_cell(relation, c, at) for c, at in targets)
    support = (*(c for c, _ in targets), row)
    return Reply((Paragraph(f"{arrivals} ({relation.label(row)}: {cell.text})", support),), checked=True)


def _stop(material: Material, relation: Relation, hits: Sequence[tuple[Candidate, NamedCell]]) -> Reply | None:
    """Returns the one row that has the time which the question states, where it asks where or which stop that is."""
    analysis = material.analysis
    is_asked = analysis.answer_kind is AnswerKind.WHERE or _WHICH.search(analysis.text)
    around = analysis.matched_terms(relation.around)
    if not is_asked or len(hits) != 1 or not around or not analysis.names <= around:
        return None
    ((row, cell),) = hits
    return Reply((Paragraph(_named_cell(relation, row, cell), (row,)),), checked=True)


def _share_said(label: str, terms: Collection[str]) -> float:
    """Returns the share of a label's words that are among some terms: of the whole, or of what its comma ends."""
    parts = (frozenset(words_of(part)) for part in (label, label.partition(",")[0]))
    return max(len(words.intersection(terms)) / max(1, len(words)) for words in parts)


def _of_codes(material: Material, relation: Relation) -> Reply | None:
    """Returns the cells of a day that stand behind a code whose meaning the question says: high water, first of two."""
    rows = _rows_of_days(material, relation)
    if len(rows) != 1:
        return None
    analysis, (row,) = material.analysis, rows
    groups = coded_groups(relation, row)
    terms_of = {code: analysis.matched_in(relation.meanings[code]) for code in {g[0] for g in groups}}
    most = max((len(terms) for terms in terms_of.values()), default=0)
    codes = [code for code, terms in terms_of.items() if len(terms) == most]
    if not most or len(codes) != 1 or len(groups) < 2:
        return None
    free = _unexplained(material, relation, terms_of[codes[0]] | _terms_of_days(material))
    ordinals = [any_of(forms, re.I) for forms in (*analysis.language.pages.ordinals, analysis.language.pages.last)]
    places = [n for n, form in enumerate(ordinals) if form.search(analysis.text)]
    if free - {t for n in places for match in ordinals[n].finditer(analysis.text) for t in words_of(match[0])}:
        return None
    runs = [cells for code, cells in groups if code == codes[0]]
    place = -1 if places == [len(ordinals) - 1] else places[0] if places else 0
    chosen = [runs[place]] if places and place < len(runs) else [] if places else runs
    text = "; ".join(" ".join(cell.text for cell in cells) for cells in chosen)
    label = f"{relation.label(row)}: {text} ({codes[0]} = {relation.meanings[codes[0]]})"
    return Reply((Paragraph(label, (row,)),), checked=True) if chosen else None


def coded_groups(relation: Relation, row: Candidate) -> list[tuple[str, list[NamedCell]]]:
    """Returns the cells of a row in groups, each from a cell with a code to the one before the next such cell."""
    groups: list[tuple[str, list[NamedCell]]] = []
    for cell in cells_of(row)[1:]:
        code = cell.text.split()[0] if cell.text.split() else ""
        if code in relation.meanings and code.strip(_BLANK):
            groups.append((code, [cell]))
        elif groups:
            groups[-1][1].append(cell)
    return groups


def _cell(material: Material, relation: Relation) -> Reply | None:
    """Returns the cell of a row in the column that the question names: by a day, a number in its range, its words."""
    analysis = material.analysis
    by_day = [(c, _terms_of_days(material)) for c in relation.columns[1:] if _is_asked_day(material, relation, c)]
    columns = by_day or list(_in_range(material, relation)) or list(_names(material, relation))
    at_time, of_time = _row_at_time(material, relation)
    row = at_time or _row(material, relation, {t for _, terms in columns for t in terms})
    if len(columns) != 1 or row is None:
        return None
    (column, terms), cell = columns[0], next((cell for cell in cells_of(row) if name_of(cell) == columns[0][0]), None)
    if cell is None:
        return None
    label = analysis.matched_in(relation.label(row)) | of_time
    own = analysis.matched_in(f"{column} {cell.text} {relation.meanings.get(cell.text, '')}")
    is_amount = analysis.answer_kind is not AnswerKind.AMOUNT or is_number(cell.text)
    if not is_amount or _unexplained(material, relation, label | own | terms):
        return None
    return Reply((Paragraph(_named_cell(relation, row, cell), (row,)),), checked=True)


def _row_at_time(material: Material, relation: Relation) -> tuple[Candidate | None, set[str]]:
    """Returns the row of a programme that is called by the one time of a question, or by a span with it; its terms."""
    text = material.query.text
    times = clock_times(text)
    if len(times) != 1:
        return None, set()
    (minutes, start, end), spans = times[0], dict[Candidate, list[int]]()
    for c in relation.counted:
        spans[c] = [minute for minute, *_ in clock_times(cells_of(c)[0].text)]
    rows = [c for c, span in spans.items() if span[:1] == [minutes]]
    rows = rows or [c for c, span in spans.items() if len(span) == 2 and span[0] <= minutes < span[1]]
    return (rows[0], set(words_of(text[start:end]))) if len(rows) == 1 else (None, set())


def _days_of(material: Material, relation: Relation) -> Reply | None:
    """Returns the days on which a row, or any row, has what the question says: the columns that are called by them."""
    if len(relation.day_columns) < 2 or any(days_in(material.query.text)):
        return None
    if not _WHICH_DAY.search(material.query.text):
        return None
    analysis = material.analysis
    row = _row(material, relation, set())
    own = analysis.matched_in(relation.label(row)) if row else set[str]()
    free = _unexplained(material, relation, own)
    cells = [(c, cell) for c in ([row] if row else relation.counted) for cell in cells_of(c)[1:]]
    cells = [(c, cell) for c, cell in cells if name_of(cell) in relation.day_columns]
    matching = [(c, cell) for c, cell in cells if free and free <= analysis.matched_terms(_words(relation, cell))]
    if not 0 < len(matching) < len(cells):
        return None
    days = dict.fromkeys(name_of(cell) for _, cell in matching)
    cited = "; ".join(
        dict.fromkeys(f"{relation.label(c)}: {_with_meaning(relation, cell, cell.text)}" for c, cell in matching)
    )
    support = tuple(dict.fromkeys(c for c, _ in matching))
    return Reply((Paragraph(f"{', '.join(days)} ({cited})", support),), checked=True)


def _words(relation: Relation, cell: NamedCell) -> frozenset[str]:
    return frozenset(words_of(f"{cell.text} {relation.meanings.get(cell.text.strip(), '')}"))


def _row(material: Material, relation: Relation, explained: Collection[str]) -> Candidate | None:
    """Returns the one row whose label says most of the question's other words, and enough of its own."""
    analysis = material.analysis
    beside = analysis.matched_terms(relation.around) | set(explained)
    fits: dict[Candidate, tuple[int, float]] = {}
    for c in relation.counted:
        label = frozenset(words_of(relation.label(c)))
        matches = analysis.matched_terms(label)
        if matches - beside and len(matches) >= ENOUGH * len(label):
            fits[c] = len(matches - beside), len(matches) / len(label)
    best = max(fits.values(), default=None)
    chosen = within_bounds(analysis, [c for c, (most, _) in fits.items() if best and most == best[0]])
    chosen = chosen or [c for c, fit in fits.items() if fit == best]
    return chosen[0] if len(chosen) == 1 else None


def _rows_of_days(material: Material, relation: Relation) -> list[Candidate]:
    days = list(days_in(material.query.text))
    return [c for c in relation.counted if any(relation.is_on(cells_of(c)[0].text, day) for day in days)]


def _is_asked_day(material: Material, relation: Relation, column: str) -> bool:
    return any(relation.is_on(column, day) for day in days_in(material.query.text))


def _terms_of_days(material: Material) -> set[str]:
    return {t for day in days_in(material.query.text) for t in words_of(day.text)}


def _in_range(material: Material, relation: Relation) -> Iterator[tuple[str, set[str]]]:
    """Yields the columns of a range, such as "Age 7–9", that holds a number of the question, with what they explain."""
    numbers = [t for t in material.analysis.terms if t.isdigit() and not _YEAR.fullmatch(t)]
    for column in relation.columns[1:]:
        bounds = next(intervals(column), None)
        if bounds is None or _YEAR.search(column):
            continue
        matches = material.analysis.matched_in(column)
        words = {t for t in matches if t.isalpha()}
        inside = {t for t in numbers if bounds.holds(int(t))}
        if inside and (words or not any(t.isalpha() for t in words_of(column))):
            yield column, inside | words


def _names(material: Material, relation: Relation) -> Iterator[tuple[str, set[str]]]:
    """Yields the columns of numbers of whose names the question says all words, and no other word of another's."""
    words = {column: frozenset(words_of(column)) for column in relation.values}
    terms_of = {column: material.analysis.matched_terms(own) for column, own in words.items()}
    for column, own in words.items():
        if own and own <= terms_of[column] and not any(terms - terms_of[column] for terms in terms_of.values()):
            yield column, terms_of[column]


def _unexplained(material: Material, relation: Relation, explained: Collection[str]) -> set[str]:
    """Returns the terms of a question that neither `explained` nor the table's surroundings say."""
    analysis = material.analysis
    fillers = (*analysis.language.conditions.verbs, *analysis.language.generic, *analysis.language.money)
    of_meanings = analysis.matched_in(" ".join(relation.meanings.values()))
    explained_terms = terms_of_words(fillers) | (analysis.matched_terms(relation.around) - of_meanings)
    explained_terms |= {t for unit in analysis.units for t in words_of(unit.name)}
    return {t for t in analysis.terms if t not in explained_terms and t not in explained}


def _at(c: Candidate, column: int) -> NamedCell | None:
    return next((cell for cell in cells_of(c)[1:] if cell.column == column), None)


def _named_cell(relation: Relation, c: Candidate, cell: NamedCell) -> str:
    return _with_meaning(relation, cell, cell_text(c, cell))


def _with_meaning(relation: Relation, cell: NamedCell, text: str) -> str:
    """Returns the text of a cell with the meaning of the cell where that is a code."""
    meaning = relation.meanings.get(cell.text.strip())
    return f"{text} ({meaning})" if meaning else text

"""Departures: the first or the last time in the row or the column of a timetable that a question names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.days import Day, day_groups, heading_day
from octavo.rag.answering.material import Material
from octavo.rag.answering.moments import time_of_cell
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Paragraph, Reply
from octavo.rag.answering.plans.lookup import cell_text
from octavo.rag.answering.plans.relation import Relation, cells_of, name_of, relations
from octavo.rag.answering.question_analysis import QuestionAnalysis, words_of, words_of_names
from octavo.rag.answering.rows import MOSTLY, NamedCell
from octavo.rag.query.language import AnswerKind, any_of, any_word, languages

LEAST, MOST = 3, 8
"""Times of day in a timetable at least, and rows that are answered with at most."""
NIGHT, EVENING, DAY = 4 * 60, 18 * 60, 24 * 60
"""Times before `NIGHT` that stand beside one after `EVENING` are of the next day; all in minutes."""
_SHORT_RANGE = re.compile(r"(?P<a>[^\W\d_]+)\.?\s?[-–—]\s?(?P<b>[^\W\d_]+)\.?")
_JOINT = re.compile(rf"\s{any_word(lambda language: language.plans['departures']['joint'])}\s|\s?[–—→]\s?")
"""What stands between the two ends of a line."""
_Time = tuple[int, Candidate, NamedCell]
"""A time in minutes after midnight, with its row and cell."""


@dataclass(frozen=True, slots=True)
class _Run:
    """The rows or columns of a timetable that a question names.

    `lines` are the times of one row or column, or of each row where the question names none, with their places.
    `explained_terms` are the question's terms that name them; `direction` is the number of places that headings
    have where the question has them, as start or end, less those that they have at the other end.
    """

    relation: Relation
    lines: tuple[tuple[_Time, ...], ...]
    explained_terms: frozenset[str]
    direction: int


def departures(material: Material) -> Reply | None:
    """Returns the first or the last time where a question asks when the first or the last one is.

    The row is the one whose label it names, by a day, a range of days or a place; so is the column. Of timetables that
    say as much of the question, the one counts whose heading names the places in the question's order.
    """
    analysis = material.analysis
    is_first, is_last = _asks_for(analysis)
    if analysis.answer_kind is not AnswerKind.WHEN or is_first == is_last:
        return None
    runs = [run for relation in relations(material, named=False) for run in _runs(material, relation)]
    runs = [run for run in runs if analysis.names <= run.explained_terms]
    most = max(((len(run.explained_terms), run.direction) for run in runs), default=None)
    best = [run for run in runs if (len(run.explained_terms), run.direction) == most]
    if len(best) != 1:
        return None
    lines = [sorted(times, key=lambda time: time[0])[-1 if is_last else 0] for times in best[0].lines]
    paragraphs = [Paragraph(_named(best[0].relation, c, cell), (c,)) for _, c, cell in lines]
    return Reply(tuple(paragraphs), checked=True)


def _named(relation: Relation, c: Candidate, cell: NamedCell) -> str:
    meaning = next((m for code, m in relation.meanings.items() if code in cell.text.split()), "")
    return cell_text(c, cell) + (f" ({meaning})" if meaning else "")


def _asks_for(analysis: QuestionAnalysis) -> tuple[bool, bool]:
    """Returns whether a question asks for the first, and for the last of some things."""
    pages, periods = analysis.language.pages, analysis.language.periods
    first = any_of((*pages.ordinals[0], *periods.ordinals[0]), re.I)
    return first.search(analysis.text) is not None, any_of(pages.last, re.I).search(analysis.text) is not None


def _runs(material: Material, relation: Relation) -> Iterator[_Run]:
    """Yields what a question names of a timetable: a row, a column, a row's cells in a column, or else each row."""
    analysis = material.analysis
    groups = list(day_groups(analysis.text, analysis.language.code))
    days = [day for group in groups for day in group.days]
    cells = [(c, cell) for c in relation.rows for cell in cells_of(c)[1:] if cell.text.strip(" -–—|")]
    times = [(minutes, c, cell) for c, cell in cells if (minutes := time_of_cell(cell.text)) is not None]
    if len(times) < LEAST or len(times) < MOSTLY * len(cells):
        return
    of_days = {t for group in groups for t in words_of(group.text)}
    first = relation.rows[0]
    around = analysis.matched_terms(relation.around | words_of_names(first.evidence.title, first.evidence.name))
    rows = [c for c in relation.rows if _is_on_days(relation, relation.label(c), days)]
    columns = {name for name in relation.columns[1:] if _is_on_days(relation, name, days)}
    if days and not rows and not columns and not _is_on_days(relation, first.passage.section, days):
        return
    labels = {c: analysis.matched_in(relation.label(c)) - of_days for c in rows or relation.rows}
    most = max(map(len, labels.values()))
    if most and len({frozenset(terms) for terms in labels.values()}) > 1:
        rows = [c for c, terms in labels.items() if len(terms) == most]
    explained = around.union(of_days, *(labels[c] for c in rows))
    chosen = [time for time in times if (not rows or time[1] in rows) and (not columns or name_of(time[2]) in columns)]
    groups_of_times = [chosen]
    if not rows and not columns:
        groups_of_times = [[time for time in chosen if time[1] is c] for c in relation.rows]
    lines = [_over_midnight(group) for group in groups_of_times if group]
    if not lines or not explained or len(rows) > 1 or len(lines) > MOST:
        return
    headings = (first.passage.section, *(relation.label(c) for c in rows))
    direction = sum(_direction(analysis, analysis.names - of_days, heading) for heading in headings)
    yield _Run(relation, tuple(lines), frozenset(explained), direction)


def _over_midnight(times: Sequence[_Time]) -> tuple[_Time, ...]:
    """Returns times with those of the night after the others, where there are some in the evening."""
    is_late = max(minutes for minutes, *_ in times) >= EVENING
    return tuple((minutes + DAY * (is_late and minutes < NIGHT), c, cell) for minutes, c, cell in times)


def _is_on_days(relation: Relation, text: str, days: Sequence[Day]) -> bool:
    """Returns whether a label or heading names each of some days, itself or in a range such as "Mon–Fri"."""
    named = [*_days_of(text)]
    return bool(days) and all(relation.is_on(text, day) or any(own.fits(day) for own in named) for day in days)


def _days_of(text: str) -> Iterator[Day]:
    for code in languages():
        for group in day_groups(text, code):
            yield from group.days
    for match in _SHORT_RANGE.finditer(text):
        first, last = heading_day(match["a"]), heading_day(match["b"])
        if first and last and first.weekday <= last.weekday:
            yield from (Day(n) for n in range(first.weekday, last.weekday + 1))


def _direction(analysis: QuestionAnalysis, names: frozenset[str], heading: str) -> int:
    """Returns 1 for each place of some names that a question leaves or goes to and a heading has there, -1 for others.

    A heading such as "From Aby to Burg" or "Aby – Burg" has where one leaves before where one arrives.
    """
    ends = [end for end in _JOINT.split(heading) if end.strip()]
    result = 0
    for name, edge in (("leaves", 0), ("reaches", -1)):
        match = pattern("departures", name, analysis.language.code).search(analysis.text)
        place = set(words_of(match["place"])) & names if match and len(ends) > 1 else set()
        if place and place & set(words_of(heading)):
            result += 1 if place <= set(words_of(ends[edge])) else -1
    return result

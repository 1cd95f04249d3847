"""Spans of time that a table holds without stating them: from a beginning to an end, or since a day or a year."""

from __future__ import annotations

from collections.abc import Sequence

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.moments import clock_range, clock_times, moment
from octavo.rag.answering.plans.base import Paragraph, Reply
from octavo.rag.answering.plans.relation import Relation, cell_in
from octavo.rag.answering.plans.selection import Selection, label_asked_for, selections
from octavo.rag.answering.question_analysis import analyze_question
from octavo.rag.answering.units import unit_of
from octavo.rag.query.language import AnswerKind

_DAY = 24 * 60


def duration(relation: Relation, c: Candidate) -> tuple[int, str] | None:
    """Returns the minutes from the beginning to the end of a row, and both as they stand; `None` without such."""
    cells = [cell for column in relation.columns if (cell := cell_in(c, column))]
    for cell in cells:
        if period := clock_range(cell.text):
            return period[1], period[0]
    times = [(cell.text.strip(), clock[0]) for cell in cells if len(clock := clock_times(cell.text)) == 1]
    whole = [(text, time[0]) for text, time in times if time[2] - time[1] == len(text)]
    if len(whole) != 2:
        return None
    (start, first), (end, last) = whole
    return (last - first) % _DAY, f"{start} to {end}"


def format_minutes(minutes: int) -> str:
    """Returns a duration in minutes, from an hour on in hours as well.

    >>> format_minutes(145), format_minutes(45)
    ('145 minutes (2 h 25 min)', '45 minutes')
    """
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{minutes} minutes"
    return f"{minutes} minutes ({hours} h{f' {rest} min' if rest else ''})"


def duration_of_row(material: Material) -> Reply | None:
    """Returns how long what the one row that a question selects takes, from its beginning to its end."""
    for selection in selections(material):
        if len(selection.rows) == 1 and selection.bounds and (span := duration(selection.relation, selection.rows[0])):
            c = selection.rows[0]
            text = f"{format_minutes(span[0])}, {span[1]}. From {selection.relation.label(c)}"
            return Reply((Paragraph(text, (c,)),), checked=True)
    return None


def longest(
    material: Material, text: str, noun: Sequence[str], measures: Sequence[str], *, lowest: bool
) -> Reply | None:
    """Returns the row with the longest or shortest span, or with the earliest or latest day since when it is so."""
    if not any(unit_of(measure) for measure in measures):
        return None
    analysis = analyze_question(text)
    for selection in selections(material, text):
        relation = selection.relation
        is_who = analysis.answer_kind is AnswerKind.WHO
        label = label_asked_for(selection, analysis, noun)
        spans = {c: span for c in selection.rows if (span := duration(relation, c))}
        if label is not None and len(spans) == len(selection.rows) > 1:
            best = (min if lowest else max)(minutes for minutes, _ in spans.values())
            rows = [c for c, (minutes, _) in spans.items() if minutes == best]
            durations = "; ".join(f"{relation.label(c, label)}: {format_minutes(best)}, {spans[c][1]}" for c in rows)
            return Reply((Paragraph(durations, tuple(rows)),), checked=True)
        if is_who and label is not None and (reply := _since(selection, label, last=lowest)):
            return reply
    return None


def _since(selection: Selection, label: str, *, last: bool) -> Reply | None:
    """Returns the row with the first or last moment in the only column of such."""
    relation = selection.relation
    columns = {
        column: {c: time for c in selection.rows if (cell := cell_in(c, column)) and (time := moment(cell.text))}
        for column in relation.columns
    }
    dated = [(column, times) for column, times in columns.items() if len(times) == len(selection.rows) > 1]
    if len(dated) != 1:
        return None
    column, times = dated[0]
    best = (max if last else min)(times.values())
    rows = [c for c, time in times.items() if time == best]
    cell = cell_in(rows[0], column)
    names = "; ".join(relation.label(c, label) for c in rows)
    return Reply((Paragraph(f"{names}, {column}: {cell.text if cell else ''}", tuple(rows)),), checked=True)

"""Chronology: what comes first or last in time, and how long it is from one time of day to another."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import takewhile

from octavo.ingest.model import HEADINGS
from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.moments import clock_range, clock_times, moment
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Paragraph, Reply, quote
from octavo.rag.answering.plans.measures import measures_of
from octavo.rag.answering.plans.relation import Relation, cell_in, cells_of, name_of, relations
from octavo.rag.answering.plans.selection import Selection, label_asked_for, noun_after, selections
from octavo.rag.answering.plans.spans import duration_of_row, format_minutes
from octavo.rag.answering.question_analysis import QuestionAnalysis, analyze_question, terms_of_words, words_of
from octavo.rag.query.language import AnswerKind

_FIRST = pattern("chronology", "first")
_LAST = pattern("chronology", "last")
_WAY = pattern("chronology", "way")
_LASTS = pattern("chronology", "lasts")
_WHICH = pattern("extremes", "cue")
MOST_WORDS = 15
"""Words of a line that names something by its date."""
ENOUGH = 0.5
"""The share of a question's terms that a sentence with its beginning and end must hold."""


def chronology(material: Material) -> Reply | None:
    """Returns the first or last row or heading in time, the minutes between two stops, the length of an event."""
    return _way(material) or _length(material) or _extreme(material)


def _extreme(material: Material) -> Reply | None:
    text = material.query.text
    if material.names_reported_period:
        return None
    for form, is_first in ((_FIRST, True), (_LAST, False)):
        if match := form.search(text):
            rest = f"{text[: match.start()]} {text[match.end() :]}"
            following = noun_after(analyze_question(rest), text[match.end() :])
            return _of_rows(material, rest, match[0], is_first=is_first) or (
                _of_lines(material, following, is_first=is_first) if following else None
            )
    return None


def _of_rows(material: Material, rest: str, word: str, *, is_first: bool) -> Reply | None:
    """Returns the row whose day, year or time comes first, or last, of those that the rest of the question selects."""
    query = analyze_question(rest)
    which = _WHICH.search(rest)
    noun = noun_after(query, rest[which.end() :]) if which else []
    generic = {t for name in query.language.generic for t in words_of(name)}
    measured = [t for name in measures_of(query.language, word.split()[-1])[0] for t in words_of(name)]
    for selection in sorted(
        selections(material, rest), key=lambda s: not _is_called(s.relation, {*measured, *query.terms})
    ):
        relation = selection.relation
        if _is_said(relation, word):
            continue
        is_who = query.answer_kind is AnswerKind.WHO
        if not generic.issuperset(selection.other_terms) and (is_who or len(_columns_of_time(relation)) > 1):
            continue
        column = _column_of_time(selection, query.terms) or _column_of_time(selection, measured)
        label = label_asked_for(selection, query, noun)
        if column is None or (noun and label is None):
            continue
        is_when = query.answer_kind is AnswerKind.WHEN and not generic.issuperset(words_of(column))
        if is_when and not query.matched_in(column) and _unsaid(relation, query):
            continue  # "When does the first boat leave?" is not answered by when it was built
        moments = [(time, c) for c in selection.rows if (cell := cell_in(c, column)) and (time := moment(cell.text))]
        if len(moments) < 2:
            continue
        best = (min if is_first else max)(time for time, _ in moments)
        rows = [c for time, c in moments if time == best]
        names = "; ".join(dict.fromkeys(relation.label(c, label or "") for c in rows))
        cell = cell_in(rows[0], column)
        sentence = f"{names}: {cell.text if cell else ''} ({word} of {len(moments)})"
        return Reply((Paragraph(sentence, tuple(rows)),), checked=True)
    return None


def _is_called(relation: Relation, terms: Collection[str]) -> bool:
    """Returns whether a column of times is called by a term, or by what a superlative is measured by."""
    return any(not set(terms).isdisjoint(words_of(column)) for column in _columns_of_time(relation))


def _unsaid(relation: Relation, query: QuestionAnalysis) -> set[str]:
    """Returns the terms of a question that neither the table nor its headings say, but for words such as "date"."""
    own = relation.around - relation.beside
    own = own.union(*(c.words for c in relation.rows), words_of(" ".join(relation.columns)))
    return set(query.terms) - terms_of_words(query.language.generic) - query.matched_terms(own)


def _is_said(relation: Relation, word: str) -> bool:
    """Returns whether a column or a cell is called by the word, as in "last bus"."""
    stems = set(words_of(word))
    texts = [*relation.columns, *(cell.text for c in relation.rows for cell in cells_of(c))]
    return any(stems & set(words_of(text)) for text in texts)


def _column_of_time(selection: Selection, terms: Sequence[str]) -> str | None:
    """Returns the column of days, years or times that the question names, or the only one."""
    columns = _columns_of_time(selection.relation)
    matching = [column for column in columns if set(terms) & set(words_of(column))] or columns
    return matching[0] if len(matching) == 1 else None


def _columns_of_time(relation: Relation) -> list[str]:
    return [column for column in relation.columns if column and _holds_times(relation, column)]


def _holds_times(relation: Relation, column: str) -> bool:
    texts = [cell.text for c in relation.counted if (cell := cell_in(c, column))]
    return len(texts) > 1 and sum(moment(text) is not None for text in texts) > 0.7 * len(texts)


def _of_lines(material: Material, noun: Sequence[str], *, is_first: bool) -> Reply | None:
    """Returns the heading or short line that names the thing with the first or last date, and the text under it."""
    lines = [(time, c) for c in material.candidates if (time := _date_of(c, noun))]
    lines = [(time, c) for time, c in lines if c.document == lines[0][1].document]
    if len(lines) < 2:
        return None
    time, line = (min if is_first else max)(lines, key=lambda pair: pair[0])
    if material.analysis.answer_kind is not None:
        return Reply((quote(line),))
    below = material.candidates[material.candidates.index(line) + 1 :]
    under = list(takewhile(lambda c: c.document == line.document and c.passage.kind not in HEADINGS, below))
    return Reply((quote(line), *(quote(c) for c in under[:MOST_WORDS])))


def _date_of(c: Candidate, noun: Sequence[str]) -> tuple[int, int, int, int] | None:
    """Returns the date with a year of a heading or short line that names the thing."""
    is_line = c.passage.row is None and len(c.passage.text.split()) <= MOST_WORDS
    time = moment(c.passage.text) if is_line and set(noun) <= c.words else None
    return time if time and time[0] else None


def _way(material: Material) -> Reply | None:
    """Returns the minutes between the times that two rows have in one column."""
    match = _WAY.search(material.query.text)
    if match is None:
        return None
    stated = {minutes for minutes, *_ in clock_times(material.query.text)}
    for relation in relations(material):
        pair = _stops(relation, match["a"], match["b"])
        if pair is None:
            continue
        named = [name for name in relation.columns[1:] if _is_named(material.query.text, name)]
        for (start, first), (end, last) in _times(*pair, named):
            if stated and stated.isdisjoint((first, last)):
                continue
            formula = f"{format_minutes((last - first) % (24 * 60))} = {end} - {start}"
            names = " to ".join(relation.label(c) for c in pair)
            return Reply((Paragraph(f"{formula}. From {names}", pair),))
    return None


def _stops(relation: Relation, a: str, b: str) -> tuple[Candidate, Candidate] | None:
    """Returns the row of one stop and the nearest one behind it of the other, by the words that their labels say."""
    starts, ends = (_rows_called(relation, side) for side in (a, b))
    places = {c: n for n, c in enumerate(relation.rows)}
    pairs = [(x, y) for x in starts for y in ends if places[x] < places[y]]
    return min(pairs, key=lambda pair: places[pair[1]] - places[pair[0]], default=None)


def _rows_called(relation: Relation, phrase: str) -> list[Candidate]:
    """Returns the rows whose labels say most of a phrase: all of it, or more than a time and a kind of transport."""
    query = analyze_question(phrase)
    matches = {c: query.matched_terms(frozenset(words_of(relation.label(c)))) for c in relation.rows if query.terms}
    most = max((len(terms) for terms in matches.values()), default=0)
    exact = [c for c, terms in matches.items() if len(terms) == len(query.terms)]
    head = query.terms[:1]
    best = [c for c, terms in matches.items() if most and len(terms) == most and terms.issuperset(head)]
    return exact or best


def _is_named(text: str, column: str) -> bool:
    """Returns whether a question says the whole name of a column, such as "Trip 2"."""
    name = " ".join(words_of(column))
    return bool(name) and f" {name} " in f" {' '.join(words_of(text))} "


def _times(a: Candidate, b: Candidate, named: Collection[str]) -> Iterator[tuple[tuple[str, int], tuple[str, int]]]:
    """Yields the times of day of two rows, column by column, each as it stands and in minutes.

    Those of the columns that are `named` count alone, where there are any.
    """
    for cell in cells_of(a)[1:]:
        if named and name_of(cell) not in named:
            continue
        other = next((each for each in cells_of(b)[1:] if each.names == cell.names), None)
        times = [clock_times(text) for text in (cell.text, other.text if other else "")]
        if other and all(len(each) == 1 for each in times):
            yield (cell.text, times[0][0][0]), (other.text, times[1][0][0])


def _length(material: Material) -> Reply | None:
    """Returns the length of an event, from the beginning and the end that a sentence states."""
    if not _LASTS.search(material.query.text):
        return None
    for scored in material.ranked()[:3]:
        c = scored.candidate
        if c.passage.row is None and scored.coverage >= ENOUGH and (period := clock_range(c.passage.text)):
            return Reply((Paragraph(f"{format_minutes(period[1])}, {period[0]}. From “{c.passage.text}”", (c,)),))
    return duration_of_row(material)

"""Cases: what a question says of the asker's own case, and whether the conditions that a text states hold it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from octavo.rag.answering.dates import Date, dates, month_names, months
from octavo.rag.answering.days import day_groups
from octavo.rag.answering.given_amounts import GivenAmount, given_amounts
from octavo.rag.answering.intervals import intervals
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.question_analysis import words_of
from octavo.rag.answering.units import Unit, unit_written
from octavo.rag.query.language import any_condition, any_word, languages, numeral_form, numerals

_GAP = 28
"""Letters between the two ends of a range of days, as in "1 November to the last day of February"."""
_DENIED = 20
"""Letters before a weekday within which a negation denies it."""
_BARE_DAY = re.compile(r"(?<![\d.,:/])([12]?\d|3[01])(?:st|nd|rd|th|\.)?\s*$")
_WORD = re.compile(r"[^\W\d_]+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_SEVERAL = re.compile(r"(?<![\w.,])\d+\s*(?:,|[^\W\d_]{1,3})\s*$")
"""A number before another one that it is joined to, as in "9 and 12 years"."""
_CURRENCY = "$€£"
_DAYS = {"days": 1.0, "weeks": 7.0, "months": 30.4, "years": 365.25}
_FIRST, _LAST = 1, 31
_FAR = 1000
"""How many of one unit another one is that says nothing of the same case."""


@dataclass(frozen=True, slots=True)
class Case:
    """The asker's own case: `amounts` with their units, `days` of a month, other `months` and `weekdays` from 1.

    `terms` are those by which the question says it.
    """

    amounts: tuple[GivenAmount, ...] = ()
    days: tuple[Date, ...] = ()
    months: frozenset[int] = frozenset()
    weekdays: frozenset[int] = frozenset()
    terms: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.amounts or self.days or self.months or self.weekdays)

    def meets(self, text: str, code: str) -> bool | None:
        """Returns whether the case meets the conditions of a text in a language; `None` where the text has none of it.

        >>> case = case_of("Can I light a fire on 4 October?", "en")
        >>> texts = ("Fires: 1 November to the end of February", "Fires until 31 October", "Fires are fine")
        >>> [case.meets(text, "en") for text in texts]
        [False, True, None]
        >>> case_of("I joined two weeks ago. Can I vote?", "en").meets("at least six months", "en")
        False
        """
        results = [
            result
            for result in (self._in_amounts(text, code), self._in_days(text), self._on_weekday(text, code))
            if result is not None
        ]
        return all(results) if results else None

    def _in_amounts(self, text: str, code: str) -> bool | None:
        stated = list(intervals(in_figures(text, code)))
        results = []
        for amount in self.amounts:
            factors = [(_factor(amount.unit, i.unit), i) for i in stated]
            fitting = [i.holds(amount.value * factor) for factor, i in factors if factor is not None]
            if fitting:
                results.append(any(fitting))
        return all(results) if results else None

    def _in_days(self, text: str) -> bool | None:
        ranges = list(day_ranges(text))
        if not ranges or not (self.days or self.months):
            return None
        return all(any(r.holds(day) for r in ranges) for day in self.days) and all(
            any(r.touches(month) for r in ranges) for month in self.months
        )

    def _on_weekday(self, text: str, code: str) -> bool | None:
        if not self.weekdays:
            return None
        positive, negative = set[int](), set[int]()
        for group in day_groups(text, code):
            place = text.find(group.text)
            before = text[max(0, place - _DENIED) : place]
            is_denied = pattern("verdict", "denies", code).search(before) or pattern("verdict", "excepts", code).search(
                before
            )
            (negative if is_denied else positive).update(day.weekday for day in group.days if day.weekday)
        if self.weekdays & negative:
            return False
        return self.weekdays <= positive if positive else None


def _factor(unit: Unit | None, other: Unit | None) -> float | None:
    """Returns the factor from one unit to another; weeks, months and years count as their average number of days.

    There is none for units far apart: two weeks are no case of "more than 30 minutes late".
    """
    if unit is None or other is None:
        return None
    if unit.group in _DAYS and other.group in _DAYS:
        return _DAYS[unit.group] / _DAYS[other.group]
    factor = unit.factor_to(other)
    return factor if factor and 1 / _FAR < factor < _FAR else None


@dataclass(frozen=True, slots=True)
class DayRange:
    """The days of a year from `first` to `last`, each a month and a day; over the end of the year where `last` is less.

    `years` are the years of both where they are said.
    """

    first: tuple[int, int]
    last: tuple[int, int]
    years: tuple[int, int] = (0, 0)

    def holds(self, day: Date) -> bool:
        """Returns whether a day lies in the range."""
        own = (day.month, day.day)
        if all(self.years) and day.year:
            return (self.years[0], *self.first) <= (day.year, *own) <= (self.years[1], *self.last)
        if self.first <= self.last:
            return self.first <= own <= self.last
        return own >= self.first or own <= self.last

    def touches(self, month: int) -> bool:
        """Returns whether a day of a month lies in the range."""
        a, b = self.first[0], self.last[0]
        return a <= month <= b if self.first <= self.last else month >= a or month <= b


@lru_cache(maxsize=1_000)
def case_of(question: str, code: str) -> Case:
    """Returns what a question says of the asker's case; a day that is asked for by "which" is none.

    >>> case = case_of("I cancel 20 hours before a Sunday in May. What do I get?", "en")
    >>> [(a.value, a.word) for a in case.amounts], sorted(case.months), sorted(case.weekdays)
    ([(20.0, 'hours')], [5], [7])
    """
    days = tuple(dates(question))
    amounts = []
    for amount in given_amounts(question, languages()[code]):
        sign = question[amount.start : amount.start + 1]
        unit = unit_written(sign) if sign in _CURRENCY else amount.unit
        is_one = _SEVERAL.search(question[: amount.start]) is None
        if unit is not None and is_one:
            amounts.append(GivenAmount(amount.value, amount.word, unit, amount.start, amount.end, amount.digits))
    groups = list(day_groups(question, code))
    weekdays = {day.weekday for group in groups for day in group.days if day.weekday and not day.day}
    in_days = {day.month for day in days}
    phrases = [question[amount.start : amount.end] for amount in amounts]
    phrases += [question[day.start : day.end] for day in (*days, *month_names(question))]
    phrases += [group.text for group in groups]
    return Case(
        tuple(amounts),
        days,
        frozenset(months(question) - in_days),
        frozenset(weekdays),
        frozenset(t for text in phrases for t in words_of(text)),
    )


def in_figures(text: str, code: str) -> str:
    """Returns a text with its numbers from two on in figures.

    >>> in_figures("Between twelve and six weeks", "en")
    'Between 12 and 6 weeks'
    """
    return re.sub(numeral_form(code), lambda m: str(numerals(code)[m[0].lower()]), text, flags=re.I)


def speaks_of_time(text: str, code: str) -> bool:
    """Returns whether a text states a range of time, such as "up to 60 days before arrival"."""
    return any(i.unit and i.unit.group in (*_DAYS, "hours") for i in intervals(in_figures(text, code)))


@dataclass(frozen=True, slots=True)
class _Mention:
    """A day or a month that a text names: its first and last day, its year or 0, and its place."""

    first: tuple[int, int]
    last: tuple[int, int]
    year: int
    start: int
    end: int


@cache
def _joints() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Returns what joins two days, what joins them after "between", and what stands before a last and a first day."""
    also, last = any_word(lambda language: language.pages.conjunctions), any_condition("before", "until")
    first = any_condition("after", "since", "starting")
    article = rf"(?:\W+{any_word(lambda language: language.articles)})?\W*$"
    return (
        re.compile(rf"^\W*(?:(?:19|20)\d\d\W*)?(?:{_to()}|[-–—])", re.I),
        re.compile(rf"^\W*(?:(?:19|20)\d\d\W*)?{also}\b", re.I),
        re.compile(rf"\b{last}{article}", re.I),
        re.compile(rf"\b{first}{article}", re.I),
    )


def day_ranges(text: str) -> Iterator[DayRange]:
    """Yields the ranges of days that a text names: from one to another, until one, after one.

    >>> texts = ["from 1 May to 30 September", "1 to 21 March", "before 1 April"]
    >>> texts += ["vom 3. bis 9. Juni", "June to August"]
    >>> [[(r.first, r.last) for r in day_ranges(text)] for text in texts[:3]]
    [[((5, 1), (9, 30))], [((3, 1), (3, 21))], [((1, 1), (4, 1))]]
    >>> [[(r.first, r.last) for r in day_ranges(text)] for text in texts[3:]]
    [[((6, 3), (6, 9))], [((6, 1), (8, 31))]]
    """
    mentions, (to, also, until, since) = _mentions(text), _joints()
    n = 0
    while n < len(mentions):
        one = mentions[n]
        before = text[: one.start]
        if n + 1 < len(mentions):
            other = mentions[n + 1]
            between = text[one.end : other.start]
            is_joined = to.match(between) or (also.match(between) and _is_between(before))
            if is_joined and len(between) <= _GAP:
                yield DayRange(one.first, other.last, (one.year or other.year, other.year))
                n += 2
                continue
        n += 1
        bare = _BARE_DAY.search(re.sub(rf"\s*(?:{_to()}|[-–—])\s*$", "", before, flags=re.I))
        if bare and re.search(rf"(?:{_to()}|[-–—])\s*$", before, re.I) and int(bare[1]) <= one.last[1]:
            yield DayRange((one.first[0], int(bare[1])), one.last, (one.year, one.year))
        elif until.search(before):
            yield DayRange((1, 1), one.last, (1, one.year) if one.year else (0, 0))
        elif since.search(before):
            yield DayRange(one.first, (12, 31), (one.year, 9999) if one.year else (0, 0))


@cache
def _to() -> str:
    return any_word(lambda language: language.pages.to)


@cache
def _between_words() -> re.Pattern[str]:
    article = any_word(lambda language: language.articles)
    return re.compile(rf"{any_condition('between')}\W*(?:{article}\W*)?$", re.I)


def _is_between(before: str) -> bool:
    return _between_words().search(before) is not None


def _mentions(text: str) -> list[_Mention]:
    days = list(dates(text))
    results = [_Mention((d.month, d.day), (d.month, d.day), d.year, d.start, d.end) for d in days]
    for name in month_names(text):
        if not any(d.start <= name.start < d.end for d in days):
            results.append(_Mention((name.month, _FIRST), (name.month, _LAST), name.year, name.start, name.end))
    return sorted(results, key=lambda one: one.start)


def asks_yes_or_no(question: str, code: str) -> bool:
    """Returns whether the last sentence of a question, after a clause that begins with "if", asks for yes or no.

    >>> asked = ("I am new. May I vote?", "If it rains on the day, do we get money back?", "When is it, is it known?")
    >>> [asks_yes_or_no(question, "en") for question in asked]
    [True, True, False]
    """
    cue, last = pattern("verdict", "cue", code), _SENTENCE.split(question.strip())[-1]
    if cue.search(last):
        return True
    supposed = pattern("verdict", "supposes", code).search(last)
    return supposed is not None and any(cue.search(part) for part in last.split(",")[1:])

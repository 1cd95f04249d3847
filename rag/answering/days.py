"""Days as columns, rows and questions name them: "Tue 3", "Monday", "4 August", "27.10."."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from octavo.rag.answering.dates import dates
from octavo.rag.query.language import any_form, any_of, languages

_SHORT_OF_TWO = ("en", "de", "nl")
"""Languages whose weekdays are shortened to two letters as well."""
_DAY = r"(?P<day>[12]\d|3[01]|0?[1-9])"
_DAY_ALONE = re.compile(rf"\W*{_DAY}(?:st|nd|rd|th|er|\.|º|°)?\W*", re.I)
_DAY_MONTH = re.compile(rf"(?<![\d.,/]){_DAY}[./](?P<month>1[0-2]|0?[1-9])\b(?:\.(?!\d))?(?![./:]?\d)")
_FIRST = re.compile(r"\W*(?P<name>[^\W\d_]+(?:-feira)?)\.?(?P<rest>.*)", re.S)


@dataclass(frozen=True, slots=True)
class Day:
    """A day as a text names it, in the words of `text`: `weekday` counts from 1, Monday; what is left out is 0."""

    weekday: int = 0
    day: int = 0
    month: int = 0
    year: int = 0
    text: str = ""

    def fits(self, other: Day) -> bool:
        """Returns whether both may be one day: they share a day or weekday and contradict each other in nothing."""
        pairs = [(getattr(self, name), getattr(other, name)) for name in ("weekday", "day", "month", "year")]
        is_shared = any(a and a == b for a, b in pairs[:2])
        return is_shared and all(a == b or not (a and b) for a, b in pairs)


@cache
def _weekdays() -> dict[str, int]:
    """Returns the numbers of weekdays by their names, and by their first three or two letters."""
    result = {name: n for lang in languages().values() for n, name in enumerate(lang.weekdays, 1)}
    for lang in languages().values():
        for n, name in enumerate(lang.weekdays, 1):
            result.setdefault(name[:3], n)
    for code in _SHORT_OF_TWO:
        for n, name in enumerate(languages()[code].weekdays, 1):
            result.setdefault(name[:2], n)
    return result


@cache
def _full_names() -> re.Pattern[str]:
    names = sorted((name for lang in languages().values() for name in lang.weekdays), key=len, reverse=True)
    return re.compile(rf"\b(?P<name>{'|'.join(names)})s?\b", re.I)


def heading_day(text: str) -> Day | None:
    """Returns the day that a heading or a label is the name of; `None` where it is no day, or only a number.

    >>> named = map(heading_day, ("Tue 3", "Mo", "Thursday", "4 August", "Mi 27.10."))
    >>> [(d.weekday, d.day, d.month) for d in named if d]
    [(2, 3, 0), (1, 0, 0), (4, 0, 0), (0, 4, 8), (3, 27, 10)]
    >>> [heading_day(t) for t in ("3", "2024", "Total", "Sat down")]
    [None, None, None, None]
    """
    first = _FIRST.match(text)
    weekday = _weekdays().get(first["name"].lower(), 0) if first and first["name"] else 0
    rest = (first["rest"] if first and weekday else text).strip(" ,.()\n")
    if not rest:
        return Day(weekday, text=text) if weekday else None
    if weekday and (number := _DAY_ALONE.fullmatch(rest)):
        return Day(weekday, int(number["day"]), text=text)
    if short := _DAY_MONTH.fullmatch(rest):
        return Day(weekday, int(short["day"]), int(short["month"]), text=text)
    for written in (rest, text):
        days = list(dates(written))
        if len(days) == 1 and written[days[0].start : days[0].end] == written.strip(" ,.()\n"):
            return Day(weekday if written is rest else 0, days[0].day, days[0].month, days[0].year, text)
    return None


def days_in(text: str) -> Iterator[Day]:
    """Yields the days that a question names, each with its weekday where that stands before it.

    >>> [(d.weekday, d.day, d.month, d.text) for d in days_in("Who works on Tuesday 3 June, and who on Sundays?")]
    [(2, 3, 6, 'Tuesday 3 June'), (7, 0, 0, 'Sundays')]
    """
    days = [(d.start, d.end, Day(0, d.day, d.month, d.year)) for d in dates(text)]
    short = [(m.start(), m.end(), Day(0, int(m["day"]), int(m["month"]))) for m in _DAY_MONTH.finditer(text)]
    days += [one for one in short if not any(a < one[1] and one[0] < b for a, b, _ in days)]
    for name in _full_names().finditer(text):
        weekday = _weekdays()[name["name"].lower()]
        after = next(
            (one for one in days if one[0] - name.end() >= 0 and not text[name.end() : one[0]].strip(" ,.(")), None
        )
        if after:
            days.remove(after)
            start, end, day = after
            days.append((name.start(), end, Day(weekday, day.day, day.month, day.year)))
        else:
            days.append((name.start(), name.end(), Day(weekday)))
    for start, end, day in sorted(days, key=lambda one: one[0]):
        yield Day(day.weekday, day.day, day.month, day.year, text[start:end])


@dataclass(frozen=True, slots=True)
class Days:
    """Several days that a question takes together: a weekend, from one day to another, one and another."""

    days: tuple[Day, ...]
    text: str


def day_groups(text: str, code: str) -> Iterator[Days]:
    """Yields the days that a question names, those together that it joins.

    >>> [[day.weekday for day in group.days] for group in day_groups("from Monday to Wednesday and on Friday", "en")]
    [[1, 2, 3], [5]]
    >>> [[day.weekday for day in group.days] for group in day_groups("at the weekend, on Tuesdays or Fridays", "en")]
    [[2, 5], [6, 7]]
    """
    language = languages()[code]
    joint, to = any_form(language.pages.conjunctions), any_form(language.pages.to)
    group: list[Day] = []
    start = end = 0
    for day in days_in(text):
        place = text.index(day.text, end)
        between = text[end:place].strip(" ,.") if group else ""
        if group and re.fullmatch(rf"{to}|[-–—]", between, re.I) and _is_week(group[-1], day):
            group += [Day(n) for n in _from(group[-1].weekday, day.weekday)[1:]]
        elif group and (not between or re.fullmatch(joint, between, re.I)):
            group.append(day)
        else:
            if group:
                yield Days(tuple(group), text[start:end])
            group, start = [day], place
        end = place + len(day.text)
    if group:
        yield Days(tuple(group), text[start:end])
    for words, numbers in ((language.periods.weekend, (6, 7)), (language.periods.working_days, range(1, 6))):
        if match := any_of(words, re.I).search(text):
            yield Days(tuple(Day(n) for n in numbers), match[0])


def _is_week(first: Day, last: Day) -> bool:
    """Returns whether both days are weekdays without a date."""
    return bool(first.weekday and last.weekday) and not (first.day or last.day)


def _from(first: int, last: int) -> list[int]:
    """Returns the weekdays from one to another, over Sunday where the last is the earlier."""
    return [(n - 1) % 7 + 1 for n in range(first, last + (1 if last >= first else 8))]

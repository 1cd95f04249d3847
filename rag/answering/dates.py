"""Dates of texts in seven languages, with or without a year."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from octavo.rag.query.language import languages


@dataclass(frozen=True, slots=True)
class Date:
    """A day of a month; `year` is 0 where none is said. `start` and `end` are its place in the text."""

    year: int
    month: int
    day: int
    start: int = 0
    end: int = 0

    def fits(self, other: Date) -> bool:
        """Returns whether both are one day, as far as their years are said."""
        years = {self.year, other.year} - {0}
        return (self.month, self.day) == (other.month, other.day) and len(years) < 2


@cache
def _months() -> dict[str, int]:
    return {name: n for lang in languages().values() for n, name in enumerate(lang.months, 1)} | {
        name[:3]: n for n, name in enumerate(languages()["en"].months, 1)
    }


@cache
def _form() -> re.Pattern[str]:
    names = "|".join(sorted(map(re.escape, _months()), key=len, reverse=True))
    day, year = r"(?:[12]\d|3[01]|0?[1-9])", r"(?:19|20)\d\d"
    return re.compile(
        rf"(?<![\d.,/-])(?P<y1>{year})-(?P<m1>\d\d)-(?P<d1>\d\d)(?!\d)"
        rf"|(?<![\d.,/-])(?P<d2>{day})[./](?P<m2>1[0-2]|0?[1-9])[./](?P<y2>{year})(?!\d)"
        rf"|(?<![\d.,/-])(?P<d3>{day})(?:st|nd|rd|th|er|\.|º|°)?\s+(?:of\s+|de\s+)?(?P<m3>{names})\b"
        rf"(?:\.?,?\s+(?:de\s+)?(?P<y3>{year})(?!\d))?"
        rf"|\b(?P<m4>{names})\.?\s+(?P<d4>{day})(?:st|nd|rd|th)?(?![\d.,:]\d|\d|\s?%)(?:,?\s+(?P<y4>{year})(?!\d))?",
        re.I,
    )


def dates(text: str) -> Iterator[Date]:
    """Yields the days that a text names, in order; a number before a month's number is the day.

    >>> [(d.year, d.month, d.day) for d in dates("2024-03-09, 9.3.2024, 9 March 2024, March 9, le 9 mars")]
    [(2024, 3, 9), (2024, 3, 9), (2024, 3, 9), (0, 3, 9), (0, 3, 9)]
    """
    for match in _form().finditer(text):
        kind = next(n for n in "1234" if match[f"d{n}"])
        month = match[f"m{kind}"]
        number = int(month) if month.isdigit() else _months()[month.lower()]
        if number <= 12:
            yield Date(int(match[f"y{kind}"] or 0), number, int(match[f"d{kind}"]), match.start(), match.end())


_NUMERIC = re.compile(r"(?<![\d.,/:-])(\d{1,2})[./](\d{1,2})\.?(?![\d./:]|,\d)")
_BARE = r"(?<![\d.,:/-])0?{day}(?:st|nd|rd|th|er|\.|º|°)?(?![\w:/-]|[.,]\d)"
_BETWEEN = 12
"""Letters between the two days of a range, at most."""


def states_day(text: str, day: Date) -> bool:
    """Returns whether a text names a day, also as a day's and a month's number.

    >>> [states_day(text, Date(2025, 6, 14)) for text in ("Sat 14 June", "14/06", "14:01 on 2 June", "14 June 2024")]
    [True, True, False, False]
    """
    if any(day.fits(other) for other in dates(text)):
        return True
    return any({int(a), int(b)} == {day.day, day.month} for a, b in _NUMERIC.findall(text))


def states_day_number(text: str, day: Date) -> bool:
    """Returns whether a text, such as the label of a row, has the number of a day that is no time and no decimal.

    >>> [states_day_number(text, Date(0, 6, 4)) for text in ("Wed 4", "04:20", "4.2", "4th")]
    [True, False, False, True]
    """
    return re.search(_BARE.format(day=day.day), text) is not None


def spans_day(text: str, day: Date) -> bool:
    """Returns whether a day lies in a range of days that a text names.

    >>> [spans_day("open from 28 June to 8 September", Date(0, 7, number)) for number in (1, 30)]
    [True, True]
    >>> [spans_day("Tides, 1 to 10 June", Date(0, 6, number)) for number in (4, 14)]
    [True, False]
    """
    named = list(dates(text))
    for last in named:
        first = _FIRST_DAY.search(text[: last.start])
        if first and last.month == day.month and int(first[1]) <= day.day <= last.day:
            return True
    for first_day, last in pairwise(named):
        if last.start - first_day.end <= _BETWEEN and _TO.search(text[first_day.end : last.start]):
            a, b, own = ((d.month, d.day) for d in (first_day, last, day))
            if a <= own <= b or (b < a and (own >= a or own <= b)):
                return True
    return False


def _words_to() -> str:
    return "|".join(sorted({re.escape(word) for lang in languages().values() for word in lang.pages.to}, key=len)[::-1])


_TO = re.compile(rf"[-–—]|\b(?:{_words_to()}|until|till)\b", re.I)
_FIRST_DAY = re.compile(
    rf"(?<![\d.,:/])([12]?\d|3[01])(?:st|nd|rd|th|\.)?\s*(?:[-–—]|{_words_to()}|until|till)\s*$", re.I
)

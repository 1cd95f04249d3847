"""Dates of texts in seven languages, with or without a year."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

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

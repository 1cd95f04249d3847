"""Dates of texts in seven languages, with or without a year."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from octavo.rag.query.language import any_word, languages

_BETWEEN = 12
"""Letters between the two days of a range, at most."""
_WORD = re.compile(r"[^\W\d_]+")
_MONTH_OF_YEAR = re.compile(
    r"(?<![\d.,/-])(?:(?:19|20)\d\d[-/](?P<a>0[1-9]|1[0-2])|(?P<b>0?[1-9]|1[0-2])[./-](?:19|20)\d\d)(?![\d/]|-\d)"
)
_NUMERIC = re.compile(r"(?<![\d.,/:-])(\d{1,2})[./](\d{1,2})\.?(?![\d./:]|,\d)")
_BARE = r"(?<![\d.,:/-])0?{day}(?:st|nd|rd|th|er|\.|º|°)?(?![\w:/-]|[.,]\d)"
MONTHS = 12
"""Months of a year."""
ENGLISH_MONTHS = tuple(name.title() for name in languages()["en"].months)
_SHORT_MONTHS = frozenset(name[:3] for name in languages()["en"].months if len(name) > 3)
"""Names of people and other words as well: Jan, mar."""
_SHORT = (3, 4)
"""Letters of the short name of a month."""
_VERBS = frozenset({"May", "March"})
"""English months that are verbs where they begin a text."""
_MONTHS = {name: n for language in languages().values() for n, name in enumerate(language.months, 1)} | {
    name[:3]: n for n, name in enumerate(languages()["en"].months, 1)
}


def _one_of(words: Iterable[str]) -> str:
    """Returns the source of a pattern that matches any of the words, the longest first."""
    return "|".join(sorted({re.escape(word) for word in words}, key=lambda word: (-len(word), word)))


_MONTH = _one_of(_MONTHS)
_UNTIL = any_word(lambda language: language.pages.to)
_DAY, _YEAR = r"(?:[12]\d|3[01]|0?[1-9])", r"(?:19|20)\d\d"
_DATE = re.compile(
    rf"(?<![\d.,/-])(?P<y1>{_YEAR})-(?P<m1>\d\d)-(?P<d1>\d\d)(?!\d)"
    rf"|(?<![\d.,/-])(?P<d2>{_DAY})[./](?P<m2>1[0-2]|0?[1-9])[./](?P<y2>{_YEAR})(?!\d)"
    rf"|(?<![\d.,/-])(?P<d3>{_DAY})(?:st|nd|rd|th|er|\.|º|°)?\s+(?:of\s+|de\s+)?(?P<m3>{_MONTH})\b"
    rf"(?:\.?,?\s+(?:de\s+)?(?P<y3>{_YEAR})(?!\d))?"
    rf"|\b(?P<m4>{_MONTH})\.?\s+(?P<d4>{_DAY})(?:st|nd|rd|th)?(?![\d.,:]\d|\d|\s?%)(?:,?\s+(?P<y4>{_YEAR})(?!\d))?",
    re.I,
)
_TO = re.compile(rf"[-–—]|{_UNTIL}", re.I)
_FIRST_DAY = re.compile(rf"(?<![\d.,:/])([12]?\d|3[01])(?:st|nd|rd|th|\.)?\s*(?:[-–—]|{_UNTIL})\s*$", re.I)
_SPAN_OF_MONTHS = re.compile(rf"\b(?:{_MONTH})\b[^.;\n]{{0,9}}?(?:[-–—]|{_UNTIL})[^.;\n]{{0,9}}?\b(?:{_MONTH})\b", re.I)


@dataclass(frozen=True, slots=True)
class Date:
    """A day of a month; `year` is 0 where none is said. `start` and `end` are its place in the text."""

    year: int
    month: int
    day: int
    start: int = 0
    end: int = 0

    def fits(self, other: Date) -> bool:
        """Returns whether both are the same day; a missing year fits any."""
        years = {self.year, other.year} - {0}
        return (self.month, self.day) == (other.month, other.day) and len(years) < 2


def dates(text: str) -> Iterator[Date]:
    """Yields the days that a text names, in order; a number before a month's number is the day.

    >>> [(d.year, d.month, d.day) for d in dates("2024-03-09, 9.3.2024, 9 March 2024, March 9, le 9 mars")]
    [(2024, 3, 9), (2024, 3, 9), (2024, 3, 9), (0, 3, 9), (0, 3, 9)]
    """
    for match in _DATE.finditer(text):
        kind = next(n for n in "1234" if match[f"d{n}"])
        month = match[f"m{kind}"]
        number = int(month) if month.isdigit() else _MONTHS[month.lower()]
        if number <= 12:
            yield Date(int(match[f"y{kind}"] or 0), number, int(match[f"d{kind}"]), match.start(), match.end())


def months(text: str) -> frozenset[int]:
    """Returns the months that a text names by a word, in a day, or as a number beside a year.

    The English words are taken for months where they have a capital and do not begin a question: "May I", "to march".

    >>> [sorted(months(text)) for text in ("May I pay in March?", "in maggio", "9.7.2024", "05/2024")]
    [[3], [5], [7], [5]]
    """
    numbers = {name.month for name in month_names(text)}
    numbers.update(day.month for day in dates(text))
    numbers.update(int(match["a"] or match["b"]) for match in _MONTH_OF_YEAR.finditer(text))
    return frozenset(numbers)


def month_names(text: str) -> Iterator[Date]:
    """Yields the months that a text names by a word, as dates whose day is 0.

    >>> [(name.month, name.start) for name in month_names("May I pay in March or in maggio?")]
    [(3, 13), (5, 25)]
    """
    for match in _WORD.finditer(text):
        month = None if match[0].lower() in _SHORT_MONTHS else _MONTHS.get(match[0].lower())
        is_verb = match[0] in _VERBS and not match.start() and not re.match(r"\s*\d", text[match.end() :])
        if month and (not _is_english(match[0]) or (match[0][0].isupper() and not is_verb)):
            yield Date(0, month, 0, match.start(), match.end())


def month_of_label(text: str) -> int:
    """Returns the month that a label is the name of, in full or short; 0 where it is more or something else.

    >>> [month_of_label(text) for text in ("August", "Jul", "sept.", "März", "May 2024", "Mayfield")]
    [8, 7, 9, 3, 0, 0]
    """
    word = text.strip().rstrip(".").lower()
    names = ((n, name) for lang in languages().values() for n, name in enumerate(lang.months, 1))
    return next((n for n, name in names if word == name or (len(word) in _SHORT and name.startswith(word))), 0)


def is_of_other_months(question: str, texts: Iterable[str]) -> bool:
    """Returns whether texts name months, but none that a question names, nor a time between two that holds it.

    >>> [is_of_other_months("net pay in May 2024", [text]) for text in ("March 2024", "no month", "April to June")]
    [True, False, False]
    """
    question_months, text_months = months(question), set[int]()
    for text in texts:
        if _SPAN_OF_MONTHS.search(text) or any(_is_short_for(word, question_months) for word in _WORD.findall(text)):
            return False
        text_months |= months(text)
    return bool(question_months and text_months) and question_months.isdisjoint(text_months)


def spanned_months(text: str) -> frozenset[int]:
    """Returns the months of the spans from one month to another that a text names, also by short names.

    >>> sorted(spanned_months("High season (Jun–Aug), low season (November to January)"))
    [1, 6, 7, 8, 11, 12]
    """
    results = set[int]()
    for match in _SPAN_OF_MONTHS.finditer(text):
        ends = [_MONTHS[word.lower()] for word in _WORD.findall(match[0]) if word.lower() in _MONTHS]
        if len(ends) > 1:
            results.update((ends[0] - 1 + n) % 12 + 1 for n in range((ends[-1] - ends[0]) % 12 + 1))
    return frozenset(results)


def _is_short_for(word: str, numbers: Iterable[int]) -> bool:
    return len(word) in _SHORT and any(
        lang.months[n - 1].startswith(word.lower()) for lang in languages().values() for n in numbers
    )


def _is_english(word: str) -> bool:
    return word.lower() in languages()["en"].months


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
    days = list(dates(text))
    for last in days:
        first = _FIRST_DAY.search(text[: last.start])
        if first and last.month == day.month and int(first[1]) <= day.day <= last.day:
            return True
    for first_day, last in pairwise(days):
        if last.start - first_day.end <= _BETWEEN and _TO.search(text[first_day.end : last.start]):
            a, b, own = ((d.month, d.day) for d in (first_day, last, day))
            if a <= own <= b or (b < a and (own >= a or own <= b)):
                return True
    return False

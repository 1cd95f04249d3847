"""The period that a filing reports on, and the years by which its columns name the period that a question asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from octavo.rag.answering.dates import Date, dates
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.quantities import Quantity, quantities
from octavo.rag.answering.rows import NamedCell
from octavo.rag.query.periods import periods

_ENDED = re.compile(r"\b(?:period|quarter|years?|months|weeks|[\"”])\W{0,3}ended\s+", re.I)
_NEAR = 3
"""Letters between "ended" and the day."""
_LENGTH = re.compile(
    r"\b(?:(?P<months>three|six|nine|twelve|3|6|9|12)\s+months"
    r"|(?P<weeks>thirteen|twenty-six|thirty-nine|fifty-two|fifty-three|13|14|26|39|52|53)\s+weeks"
    r"|(?P<quarter>quarters?)|(?P<year>(?:full |fiscal )?years?|twelve[- ]month))\b",
    re.I,
)
_LATEST, _PART = pattern("reporting", "latest"), pattern("reporting", "part")
_MONTHS = {"three": 3, "six": 6, "nine": 9, "twelve": 12, "3": 3, "6": 6, "9": 9, "12": 12}
_WEEKS = {"thirteen": 3, "13": 3, "14": 3, "twenty-six": 6, "26": 6, "thirty-nine": 9, "39": 9}
_QUARTER = re.compile(r"\bQ[1-4](?!\d)|\d{4}Q[1-4]|\bquarter(?:ly)?\b", re.I)
_YEAR = re.compile(
    r"\bFY\W?\d|\b(?:fiscal|full|whole) (?:year )?(?:19|20)\d\d|\b(?:annual|full[- ]year|fiscal year)\b", re.I
)
_YEARS = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_FILLER = re.compile(
    r"(?:\W|\d|\b(?:was|were|is|are|of|at|to|for|in|the|an?|expense|benefit|approximately|about|its|our|company'?s?|reported|and"
    r"|equal(?:ed|led)?|three|six|nine|months|weeks|quarter|fiscal|years?|ended|first|second|third|fourth|as|on|percent"
    r"|Jan\w*|Feb\w*|Mar\w*|Apr\w*|May|Jun\w*|Jul\w*|Aug\w*|Sep\w*|Oct\w*|Nov\w*|Dec\w*)\b)*",
    re.I,
)
"""Words between the name of a measure and its value."""


def reported_until(front: str) -> Date | None:
    """Returns the last day of the period that a filing reports on, as its first page says.

    >>> day = reported_until("QUARTERLY REPORT\\nFor the quarterly period ended July 1, 2023\\nor")
    >>> day.year, day.month, day.day
    (2023, 7, 1)
    """
    for match in _ENDED.finditer(front):
        day = next(dates(front[match.end() : match.end() + 40]), None)
        if day and day.year and day.start <= _NEAR:
            return day
    return None


def quarters(text: str) -> list[tuple[int, int]]:
    """Returns the quarters that a text names, each with its year.

    >>> quarters("2023 Q1 ACME.pdf"), quarters("Sales in the third quarter of fiscal 2022?"), quarters("in 2022")
    ([(1, 2023)], [(3, 2022)], [])
    """
    return [(period.quarter, period.year) for period in periods(text) if period.quarter and period.year]


def names_period(question: str) -> bool:
    """Returns whether a question says which quarter, half or filing it is about.

    >>> [names_period(q) for q in ("What was revenue in the first half?", "In the latest 10-Q?", "Who came first?")]
    [True, True, False]
    """
    return _LATEST.search(question) is not None or _PART.search(question) is not None


def without_period(question: str) -> str:
    """Returns a question without words such as "the most recent quarter", which compare nothing.

    >>> without_period("What was the gross margin in the most recent 10-Q?")
    'What was the gross margin in the  ?'
    """
    return _LATEST.sub(" ", question)


def named_years(years: tuple[str, ...], question: str, name: str, front: str) -> tuple[str, ...]:
    """Returns the years of a question as the columns of a filing name them, by the days on which periods ended.

    The first quarter of a fiscal year may lie in the calendar year before: where the filing's `name` says the quarter
    that the question asks for, its columns have the year of the day that its first page names. The latest period of a
    question without a year is that of the filing.

    >>> front = "For the quarterly period ended December 31, 2022"
    >>> named_years(("2023",), "What were sales in Q1 2023?", "2023 Q1 ACME.pdf", front)
    ('2022',)
    >>> named_years((), "What were sales in the latest quarter?", "report.pdf", front)
    ('2022',)
    """
    until = reported_until(front)
    question_quarters = quarters(question)
    if until is not None and not years and _LATEST.search(question):
        return (str(until.year),)
    if until is None or len(question_quarters) != 1 or question_quarters[0] not in quarters(name):
        return years
    moved = until.year - question_quarters[0][1]
    return tuple(str(int(year) + moved) for year in years)


def months(text: str) -> int:
    """Returns the months of the first period that a column's name says the length of; 0 where it says none.

    >>> [months(text) for text in ("Nine Months Ended July 1, 2023", "26 weeks ended", "Quarter ended", "July 1, 2023")]
    [9, 6, 3, 0]
    """
    match = _LENGTH.search(text)
    if match is None:
        return 0
    if match["months"]:
        return _MONTHS[match["months"].lower()]
    if match["weeks"]:
        return _WEEKS.get(match["weeks"].lower(), 12)
    return 3 if match["quarter"] else 12


def cells_of_length(question: str, cells: Sequence[NamedCell]) -> list[NamedCell]:
    """Returns the cells in columns of the period's length that a question asks for, in order.

    That is a quarter, a year, or as many months as it says; where it says none, as many as the first column. Nothing
    is returned where a column tells no length.
    """
    lengths = [months(" ".join(cell.names)) for cell in cells]
    if not all(lengths):
        return []
    stated = months(question) if re.search(r"\bmonths|\bweeks", question, re.I) else 0
    length = stated or (min(lengths) if _QUARTER.search(question) else max(lengths) if _YEAR.search(question) else 0)
    return [cell for cell, own in zip(cells, lengths, strict=True) if own == (length or lengths[0])]


def stated_percentage(text: str, name: str, year: str = "") -> Quantity | None:
    """Returns the percentage that a sentence states right after a measure's name, of a year where one is given.

    >>> text = "Our tax rate was 19% and 17% for the three months ended March 31, 2023 and 2022, respectively."
    >>> [stated_percentage(text, "tax rate", year).value for year in ("2022", "2023", "")]
    [17.0, 19.0, 19.0]
    >>> stated_percentage("The effective tax rate fell due to a tax of 15% on foreign earnings.", "effective tax rate")
    """
    match = re.search(r"\s+".join(map(re.escape, name.split())), text, re.I)
    if match is None:
        return None
    group = text[match.end() :].partition("respectively")[0]
    results = [q for q in quantities(group) if q.unit == "%"]
    if not results or not _FILLER.fullmatch(group[: results[0].start]):
        return None
    years = _YEARS.findall(group)
    if not year or not years:
        return None if year else results[0]
    if year not in years:
        return None
    return results[years.index(year)] if len(set(years)) == len(results) else results[0] if len(results) == 1 else None

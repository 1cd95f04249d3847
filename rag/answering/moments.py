"""Points in time that a cell or a sentence states: a day, a year or a time of day."""

from __future__ import annotations

import re

from octavo.rag.answering.dates import dates
from octavo.rag.query.language import any_word

_CLOCK = re.compile(
    r"(?<![\d.,:])(?P<hour>[01]?\d|2[0-4])(?:[:.]|\s?h\s?)(?P<minute>[0-5]\d)(?![\d:]|\.\d|\s?min)(?:\s?(?P<half>[ap])\.?m\b)?",
    re.I,
)
_HOUR = re.compile(r"(?<![\d.,:])(?P<hour>1[0-2]|0?[1-9])\s?(?P<half>[ap])\.?m\b", re.I)
_YEAR = re.compile(r"(?<![\d.,/-])(?:19|20)\d\d(?![\d.,]*\d)")
_RANGE = re.compile(rf"\s*(?:[-–—]|{any_word(lambda language: language.pages.to)})\s*", re.I)


def clock_times(text: str) -> list[tuple[int, int, int]]:
    """Returns the times of day of a text, in minutes after midnight, each with where it begins and ends.

    >>> [minutes for minutes, *_ in clock_times("from 7.30 pm until 21:10, or 9 am")]
    [1170, 1270, 540]
    >>> [minutes for minutes, *_ in clock_times("à 19 h 05 ou 18h45, en 2 h 30 min")]
    [1145, 1125]
    """
    matches = sorted([*_CLOCK.finditer(text), *_HOUR.finditer(text)], key=lambda match: match.start())
    return [(_minutes(match), match.start(), match.end()) for match in matches]


def _minutes(match: re.Match[str]) -> int:
    hour, minute = int(match["hour"]), int(match.groupdict().get("minute") or 0)
    if match["half"]:
        hour = hour % 12 + 12 * (match["half"].lower() == "p")
    return 60 * hour + minute


def moment(text: str) -> tuple[int, int, int, int] | None:
    """Returns the one point in time of a text as (year, month, day, minutes); `None` for none or several.

    >>> [moment(text) for text in ("3 June 2024", "1998", "06:25", "never", "May 3 or May 4")]
    [(2024, 6, 3, 0), (1998, 0, 0, 0), (0, 0, 0, 385), None, None]
    """
    days = list(dates(text))
    if days:
        return (days[0].year, days[0].month, days[0].day, 0) if len(days) == 1 else None
    years, times = _YEAR.findall(text), clock_times(text)
    if len(years) == 1 and not times:
        return (int(years[0]), 0, 0, 0)
    return (0, 0, 0, times[0][0]) if len(times) == 1 and not years else None


def time_of_cell(text: str) -> int | None:
    """Returns the time of day that a cell is, in minutes after midnight, perhaps with a mark of two letters at most.

    >>> [time_of_cell(text) for text in ("16:20 S", "06:45–17:30", "about 7.30 pm", "–")]
    [980, None, None, None]
    """
    times = clock_times(text)
    return times[0][0] if len(times) == 1 and len(text.strip()) <= times[0][2] - times[0][1] + 2 else None


def clock_range(text: str) -> tuple[str, int] | None:
    """Returns the one range of times of day in a text, as it stands, and its length in minutes.

    >>> clock_range("Meeting of 6 March, 19:00–21:10, common room")
    ('19:00–21:10', 130)
    """
    times = clock_times(text)
    if len(times) != 2 or not _RANGE.fullmatch(text[times[0][2] : times[1][1]]):
        return None
    return text[times[0][1] : times[1][2]], (times[1][0] - times[0][0]) % (24 * 60)

"""Dates in the form that a question asks for: "as YYYY-MM-DD"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from octavo.rag.answering.dates import Date, dates, month_names

_FORM = re.compile(r"(?<![A-Z])(?:YYYY|MM|DD)(?:[-./ ](?:YYYY|MM|DD)){1,2}(?![A-Z])", re.I)
_PART = re.compile(r"YYYY|MM|DD", re.I)
_YEAR = re.compile(r",?\s+(?:de\s+)?((?:19|20)\d\d)(?!\d)")


def date_format(question: str) -> str:
    """Returns the form in which a question wants dates, such as `YYYY-MM-DD`; empty where it names none.

    >>> date_format("When was it signed? Format the date as DD/MM/YYYY."), date_format("When was it signed?")
    ('DD/MM/YYYY', '')
    """
    match = _FORM.search(question)
    return match[0].upper() if match else ""


def state_dates(text: str, form: str) -> str:
    """Returns a text with its whole dates before it in a form; a date that it begins with is replaced.

    >>> state_dates("“Signed on 24th of March 2015.”", "YYYY-MM-DD"), state_dates("July 2009: “July 2009”", "YYYY-MM")
    ('2015-03-24: “Signed on 24th of March 2015.”', '2009-07: “July 2009”')
    >>> state_dates("“Signed in March.”", "YYYY-MM-DD")
    '“Signed in March.”'
    """
    stated = list(_whole_dates(text, with_day="DD" in form))
    if not stated:
        return text
    if stated[0].start == 0:
        return f"{_as_form(stated[0], form)}{text[stated[0].end :]}"
    return f"{', '.join(dict.fromkeys(_as_form(date, form) for date in stated))}: {text}"


def _whole_dates(text: str, *, with_day: bool) -> Iterator[Date]:
    """Yields the dates with a year, and without a day the months with a year as well."""
    days = [day for day in dates(text) if day.year]
    if with_day:
        yield from days
        return
    months = [name for name in month_names(text) if not any(d.start <= name.start < d.end for d in days)]
    of_years = [(name, match) for name in months if (match := _YEAR.match(text, name.end))]
    named = [Date(int(match[1]), name.month, 0, name.start, match.end()) for name, match in of_years]
    yield from sorted([*days, *named], key=lambda date: date.start)


def _as_form(date: Date, form: str) -> str:
    values = {"YYYY": f"{date.year:04}", "MM": f"{date.month:02}", "DD": f"{date.day:02}"}
    return _PART.sub(lambda match: values[match[0]], form)

"""Amounts that a question gives of its own case: a text compares them with a limit, and need not say them itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from octavo.rag.answering.dates import dates
from octavo.rag.answering.intervals import intervals
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.quantities import decimal_sign
from octavo.rag.answering.units import Unit, unit_of, unit_written
from octavo.rag.query.language import Language, numeral_form

_STATED = pattern("cases", "stated")
_RATE = pattern("compute", "each")
_YEAR = re.compile(r"(?:19|20)\d\d")
_DIGITS = r"(?<![\w.,:/-])[$€£]?\s?(?P<digits>\d+(?:[.,]\d+)*)(?![\d:/]|-\d)"
_AFTER = r"[\s-]?(?P<word>[^\W\d_][\w’'-]*|[%€$£°])?"


@dataclass(frozen=True, slots=True)
class GivenAmount:
    """An amount of a question: the `word` behind it may be a `unit`; `start` and `end` bound both in the text."""

    value: float
    word: str
    unit: Unit | None
    start: int
    end: int
    digits: str = ""


def given_amounts(text: str, language: Language) -> Iterator[GivenAmount]:
    """Yields the amounts that a question gives, in figures or words, but for years, times of day and days of a month.

    >>> from octavo.rag.query.language import languages
    >>> english = languages()["en"]
    >>> [(g.value, g.word) for g in given_amounts("What do two adults and 3 children pay for 2.5 hours?", english)]
    [(2.0, 'adults'), (3.0, 'children'), (2.5, 'hours')]
    """
    days = [(day.start, day.end) for day in dates(text)]
    for match in _amount(language.code).finditer(text):
        digits, word = match["digits"] or "", match["word"] or ""
        if _YEAR.fullmatch(digits) or any(start <= match.start() < end for start, end in days):
            continue
        number = _number(digits, text) if digits else float(language.numerals[match["number"].lower()])
        if number is not None:
            unit = unit_written(word) if word else None
            yield GivenAmount(number, word, unit, *match.span(), digits or match["number"])


def _number(digits: str, text: str) -> float | None:
    """Returns the value of digits; `None` for a version such as 1.2.3."""
    decimal = decimal_sign(text)
    plain = digits.replace("," if decimal == "." else ".", "").replace(",", ".")
    return float(plain) if plain.count(".") < 2 else None


@cache
def _amount(code: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{_DIGITS}|(?P<number>{numeral_form(code)})){_AFTER}", re.I)


def is_compared(number: str, question: str, texts: Iterable[str]) -> bool:
    """Returns whether a question gives a number as an amount, and texts state a limit, a range or a rate for such.

    >>> texts = ["Plots are free for people over 65.", "Each started hour costs €14."]
    >>> [is_compared("70", question, texts) for question in ("My aunt is 70. What must she pay?", "What is 70?")]
    [True, False]
    >>> [is_compared("90", question, texts) for question in ("I am 90 hours late.", "It is 90 kilometres away.")]
    [True, False]
    """
    after = re.search(rf"(?<![\w.,]){re.escape(number)}(?:\s|-)?(?P<unit>[^\W\d_]+)", question)
    unit = unit_of(after["unit"].lower()) if after else None
    if unit is not None:
        return any(unit.stands_in(text) and _limits(text) for text in texts)
    places = [match.start() for match in re.finditer(rf"{re.escape(number)}(?![\w.,]*\w)", question)]
    if _YEAR.fullmatch(number) or not any(_STATED.search(question[:place]) for place in places):
        return False
    return any(_limits(text) for text in texts)


def _limits(text: str) -> bool:
    return next(intervals(text), None) is not None or _RATE.search(text) is not None

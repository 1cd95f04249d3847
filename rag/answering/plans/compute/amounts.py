"""Amounts of a sentence, in figures and in words, without the numbers of its dates, times of day and its own number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.dates import dates
from octavo.rag.answering.moments import clock_times
from octavo.rag.answering.quantities import Quantity, decimal_sign, quantities
from octavo.rag.answering.units import unit_written
from octavo.rag.query.language import Language, languages, numeral_form, numerals

_NUMBERING = re.compile(r"\s*\d{1,2}(?:(?:\.\d{1,2})+\.?|[.)])\s+(?=[A-ZÀ-Þ][a-zß-ÿ])")
"""The number of a clause or of an item of a list, before its first word."""
_FEW = 3
"""Function words of a sentence from which on its numbers may be in that language's words."""


def amounts_of(c: Candidate) -> Iterator[Quantity]:
    """Yields the amounts of a passage: first those in figures, then those in words."""
    text = c.passage.text
    spans = [(day.start, day.end) for day in dates(text)] + [(start, end) for _, start, end in clock_times(text)]
    if numbering := _own_number(c):
        spans.append(numbering.span())
    for q in quantities(text, decimal_sign(c.evidence.text)):
        if not any(start < q.end and q.start < end for start, end in spans):
            yield replace(q, value=abs(q.value))  # brackets make no number of a sentence negative
    for language in languages().values():
        if language.code == "en" or _is_in(language, text):
            yield from _in_words(language, text)


def _own_number(c: Candidate) -> re.Match[str] | None:
    """Returns the number that a sentence has as a clause or an item, such as the `7.3` of "7.3 On early ending"."""
    match = _NUMBERING.match(c.passage.text) if c.passage.row is None else None
    following = match and unit_written(c.passage.text[match.end() :].split()[0])
    return match if following is None else None


def _in_words(language: Language, text: str) -> Iterator[Quantity]:
    for match in _numeral(language.code).finditer(text):
        yield Quantity(float(numerals(language.code)[match[0].lower()]), 0, "", 1, match.start(), match.end())


@cache
def _numeral(code: str) -> re.Pattern[str]:
    """Returns a pattern of the numbers in words but one, which is an article as well."""
    return re.compile(rf"{numeral_form(code)}(?!-)", re.I)


def _is_in(language: Language, text: str) -> bool:
    return sum(word.lower() in language.function for word in text.split()) >= _FEW

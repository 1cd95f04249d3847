"""Amounts that a question gives of its own case: a text compares them with a limit, and need not say them itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.units import unit_of
from octavo.rag.query.language import any_form, languages

_UNIT_AFTER = r"(?:\s|-)?(?P<unit>[^\W\d_]+)"
_STATED = r"\w+\W+\w+\s+(?:is|are|am|was|aged?|bin|ist|sind|est|ai|es|son|tiene|tengo|è|é)\s+(?:only\s+|de\s+)?"
_RANGE = re.compile(r"\d\s?(?:[-–—]|to|and|bis|und|à|et|a|y|tot|en|e)\s?\d")
_RATE = pattern("compute", "each")
_YEAR = re.compile(r"(?:19|20)\d\d")
_BETWEEN = 3
"""Letters between the word of a limit and its number, at most."""


def is_compared(number: str, question: str, texts: Iterable[str]) -> bool:
    """Returns whether a question gives a number as an amount, and texts state a limit, a range or a rate for such.

    >>> texts = ["Plots are free for people over 65.", "Each started hour costs €14."]
    >>> [is_compared("70", question, texts) for question in ("My aunt is 70. What must she pay?", "What is 70?")]
    [True, False]
    >>> [is_compared("90", question, texts) for question in ("I am 90 hours late.", "It is 90 kilometres away.")]
    [True, False]
    """
    after = re.search(rf"(?<![\w.,]){re.escape(number)}{_UNIT_AFTER}", question)
    unit = unit_of(after["unit"].lower()) if after else None
    if unit is not None:
        return any(unit.stands_in(text) and _limits(text) for text in texts)
    is_stated = re.search(rf"{_STATED}{re.escape(number)}(?![\w.,]*\w)", question, re.I)
    if is_stated is None or _YEAR.fullmatch(number):
        return False
    return any(_limits(text) for text in texts)


def _limits(text: str) -> bool:
    return any(form.search(text) for form in (_bound(), _RANGE, _RATE))


@cache
def _bound() -> re.Pattern[str]:
    """Returns a pattern of limits with their numbers in all languages."""
    words = {
        word
        for language in languages().values()
        for kind in ("above", "at_least", "below", "at_most", "after", "before", "since")
        for word in getattr(language.conditions, kind)
    } | {"from", "ab", "von", "dès", "desde", "vanaf", "da"}
    form = any_form(words)
    return re.compile(rf"{form}\W{{0,{_BETWEEN}}}\d|\d\W{{0,{_BETWEEN}}}{form}", re.I)

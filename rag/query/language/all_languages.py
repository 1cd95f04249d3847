"""Regular expressions of the words that all languages have for something, and of numbers in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

from octavo.rag.query.language.loading import languages
from octavo.rag.query.language.model import Language
from octavo.rag.query.language.patterns import any_form


def any_word(of: Callable[[Language], Iterable[str]]) -> str:
    """Returns a regular expression of the words or phrases that `of` takes from each language, whole.

    >>> import re
    >>> re.split(rf"\\s{any_word(lambda language: language.pages.to)}\\s", "1 bis 3 through 5")
    ['1', '3', '5']
    """
    return any_form(dict.fromkeys(word for language in languages().values() for word in of(language)))


def any_condition(*kinds: str) -> str:
    """Returns a regular expression of the words of all languages for some of `ConditionWords`."""
    return any_word(lambda language: (word for kind in kinds for word in getattr(language.conditions, kind)))


@cache
def numerals(code: str = "") -> dict[str, int]:
    """Returns the numbers from two on that a language writes as one word, by it; of all languages without a code.

    The word for one is left out, since it is an article in most languages.
    """
    own = [languages()[code]] if code else languages().values()
    return {word: number for language in own for word, number in language.numerals.items() if number > 1}


@cache
def numeral_form(code: str = "") -> str:
    """Returns a regular expression of `numerals`; a part of a longer number, such as twenty-one, is none of them.

    >>> import re
    >>> re.findall(numeral_form("en"), "two of twenty-one, a six-month stay")
    ['two', 'six']
    """
    words = "|".join(sorted(numerals(code), key=len, reverse=True))
    own = [languages()[code]] if code else languages().values()
    ones = "|".join({word for language in own for word in language.numbers[:9]})
    return rf"(?<![\w-])(?:{words})(?!\w|-(?:{ones})(?!\w))"

"""Regular expressions of words and phrases, and the words of a text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def any_of(words: Iterable[str], flags: int = 0) -> re.Pattern[str]:
    """Returns a pattern of any of some words or phrases, whole; `any_form` is its source.

    >>> any_of(["chart", "pie chart"]).findall("a pie chart of charts")
    ['pie chart']
    """
    return _compiled(tuple(words), flags)


@lru_cache(maxsize=1024)
def _compiled(words: tuple[str, ...], flags: int) -> re.Pattern[str]:
    return re.compile(any_form(words), flags)


def any_form(words: Iterable[str]) -> str:
    """Returns a regular expression of any of some words or phrases, whole, the longest first."""
    longest_first = sorted(words, key=len, reverse=True)
    return rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)"


def split(text: str) -> list[str]:
    """Returns the words of a text in lower case, apart from a French or Italian article: `l'abonnement` is two.

    >>> split("Combien coûte l’abonnement ?")
    ['combien', 'coûte', 'l', 'abonnement']
    """
    results = []
    for word in _WORD.findall(text.lower()):
        head, mark, rest = word.replace("’", "'").partition("'")
        results += [head, rest] if mark and len(head) <= 2 and len(rest) > 2 else [word.replace("’", "'")]
    return results

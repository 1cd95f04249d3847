"""Patterns that are compiled once a text may fit them: a question needs few of all that its languages have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, cached_property


class WordPattern:
    """A regular expression that fits no text without one of some words or phrases.

    It is not compiled before a text has one.

    >>> pages = WordPattern(lambda: r"\\bpages?\\s+(\\d+)", words=["page"])
    >>> pages.search("What was revenue?"), pages.search("See Page 5.")[1]
    (None, '5')
    """

    def __init__(self, source: Callable[[], str], words: Iterable[str], flags: re.RegexFlag = re.I) -> None:
        self._source, self._flags = source, flags
        self._phrases = tuple(map(_words, words))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(self._source(), self._flags)

    def _may_fit(self, text: str) -> bool:
        return "_pattern" in self.__dict__ or _has_any(self._phrases, text.lower())

    def search(self, text: str) -> re.Match[str] | None:
        return self._pattern.search(text) if self._may_fit(text) else None

    def sub(self, replacement: str, text: str) -> str:
        return self._pattern.sub(replacement, text) if self._may_fit(text) else text

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        return self._pattern.finditer(text) if self._may_fit(text) else iter(())


def has_any(phrases: Iterable[str], text: str) -> bool:
    """Returns whether all words of any phrase stand in a text, be it in another order or as parts of longer words.

    >>> has_any(["page", "seite"], "Auf welchen Seiten?"), has_any(["gross margin"], "What was the gross profit?")
    (True, False)
    """
    return _has_any(map(_words, phrases), text.lower())


def _has_any(phrases: Iterable[tuple[str, ...]], lowered: str) -> bool:
    return any(words[0] in lowered and all(word in lowered for word in words) for words in phrases)


@cache
def _words(phrase: str) -> tuple[str, ...]:
    return tuple(re.split(r"[\s'’-]+", phrase.lower()))

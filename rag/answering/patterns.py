"""The words by which plans know their questions, as data: `patterns.toml` and `[plans]` of the languages' files."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from functools import cache, cached_property
from importlib import resources
from typing import Any

from octavo.rag.query.language import languages


@cache
def _all() -> dict[str, dict[str, list[str]]]:
    result: dict[str, dict[str, list[str]]] = tomllib.loads(
        resources.files(__package__).joinpath("patterns.toml").read_text(encoding="utf-8")
    )
    return result


class LazyPattern:
    """Alternatives of a pattern that ignore case; they are compiled when first used: a question uses few of all plans'.

    Each alternative has its own groups. The first match is that which begins first, of those that begin at one place
    that of the first alternative.
    """

    def __init__(self, source: Callable[[], list[str]]) -> None:
        self._source = source

    @cached_property
    def _patterns(self) -> list[re.Pattern[str]]:
        return [re.compile(source, re.I) for source in self._source()]

    def search(self, text: str, start: int = 0) -> re.Match[str] | None:
        matches = [match for form in self._patterns if (match := form.search(text, start))]
        return min(matches, key=lambda match: match.start(), default=None)

    def match(self, text: str, start: int = 0) -> re.Match[str] | None:
        return next((match for form in self._patterns if (match := form.match(text, start))), None)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        return next((match for form in self._patterns if (match := form.fullmatch(text))), None)

    def findall(self, text: str) -> list[Any]:
        return [match for form in self._patterns for match in form.findall(text)]

    def sub(self, replacement: str, text: str) -> str:
        for form in self._patterns:
            text = form.sub(replacement, text)
        return text

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        return (match for form in self._patterns for match in form.finditer(text))


@cache
def pattern(plan: str, name: str, code: str = "") -> LazyPattern:
    """Returns a pattern of a plan: those of all languages in `patterns.toml`, then each language's own.

    With `code`, they are those of one language's file. `{medium}` stands for a word for a document.

    >>> bool(pattern("summary", "cue").search("Worum geht es in dem Bericht?"))
    True
    """

    def source() -> list[str]:
        medium = "|".join(_all()["shared"]["medium"])
        shared = "" if code else "|".join(_all().get(plan, {}).get(name, []))
        of = [languages()[code]] if code else languages().values()
        own = [form for language in of for form in language.plans.get(plan, {}).get(name, ())]
        return [form.replace("{medium}", f"(?:{medium})") for form in ([shared] if shared else []) + own]

    return LazyPattern(source)


def words(plan: str, name: str) -> list[str]:
    """Returns the words of a plan's list."""
    return [word for line in _all()[plan][name] for word in line.split()]

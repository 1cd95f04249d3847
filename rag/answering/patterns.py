"""The words by which plans know their questions, as data: `patterns.toml`, alternatives of regular expressions."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from functools import cache, cached_property
from importlib import resources
from typing import Any


@cache
def _all() -> dict[str, dict[str, list[str]]]:
    result: dict[str, dict[str, list[str]]] = tomllib.loads(
        resources.files(__package__).joinpath("patterns.toml").read_text(encoding="utf-8")
    )
    return result


class LazyPattern:
    """A pattern that ignores case and is compiled when it is first used: a question uses few of all plans'."""

    def __init__(self, source: Callable[[], str]) -> None:
        self._source = source

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(self._source(), re.I)

    def search(self, text: str, start: int = 0) -> re.Match[str] | None:
        return self._pattern.search(text, start)

    def match(self, text: str, start: int = 0) -> re.Match[str] | None:
        return self._pattern.match(text, start)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        return self._pattern.fullmatch(text)

    def findall(self, text: str) -> list[Any]:
        return self._pattern.findall(text)

    def sub(self, replacement: str, text: str) -> str:
        return self._pattern.sub(replacement, text)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        return self._pattern.finditer(text)


def pattern(plan: str, name: str) -> LazyPattern:
    """A pattern of a plan that ignores case; `{medium}` stands for a word for a document.

    >>> bool(pattern("summary", "asked").search("Worum geht es in dem Bericht?"))
    True
    """

    def source() -> str:
        medium = "|".join(_all()["shared"]["medium"])
        return "|".join(_all()[plan][name]).replace("{medium}", f"(?:{medium})")

    return LazyPattern(source)


def words(plan: str, name: str) -> list[str]:
    """The words of a plan's list."""
    return [word for line in _all()[plan][name] for word in line.split()]

"""The words by which plans know their questions, as data: `patterns.toml`, alternatives of regular expressions."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources


@cache
def _all() -> dict[str, dict[str, list[str]]]:
    result: dict[str, dict[str, list[str]]] = tomllib.loads(
        resources.files(__package__).joinpath("patterns.toml").read_text(encoding="utf-8")
    )
    return result


def pattern(plan: str, name: str) -> re.Pattern[str]:
    """A pattern of a plan that ignores case; `{medium}` stands for a word for a document.

    >>> bool(pattern("summary", "asked").search("Worum geht es in dem Bericht?"))
    True
    """
    medium = "|".join(_all()["shared"]["medium"])
    return re.compile("|".join(_all()[plan][name]).replace("{medium}", f"(?:{medium})"), re.I)


def words(plan: str, name: str) -> list[str]:
    """The words of a plan's list."""
    return [word for line in _all()[plan][name] for word in line.split()]

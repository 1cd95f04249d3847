"""Pairs of a question and a sentence in another language that answers it, as data (`translations.toml`)."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources


@cache
def translated_pairs() -> tuple[tuple[str, str], ...]:
    """Returns questions with their answers in another language, no two of them on one matter.

    >>> len(translated_pairs()), translated_pairs()[12]
    (24, ('Which planets have rings?', 'Saturn, Jupiter, Uranus und Neptun haben Ringe.'))
    """
    data = tomllib.loads(resources.files(__package__).joinpath("translations.toml").read_text(encoding="utf-8"))
    return tuple((question, answer) for question, answer in data["pairs"])

"""Languages of questions: their function words and question words, as data (`*.toml`, one file for each language)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
ENGLISH = "en"


class Asks(StrEnum):
    """What kind of thing a question word asks for."""

    WHO = "who"
    WHEN = "when"
    WHERE = "where"
    WHY = "why"
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class Language:
    """A language by its ISO 639-1 `code`: words that carry no content, and how it asks for what.

    `numbers` are the words from one to twelve, `same` groups of phrases that ask for the same thing, `measures` what an
    adjective is measured by (heavy: weight). After its `articles` and `counting` words (how many) a thing is named, but
    for `generic` ones such as a sum; `auxiliary` verbs follow such a thing, whose noun is the first word where the
    language is `head_first`. `money` are words of questions for an amount of money.
    """

    code: str
    name: str
    function: frozenset[str]
    asks: tuple[tuple[Asks, re.Pattern[str]], ...]
    articles: frozenset[str]
    counting: frozenset[str]
    auxiliary: frozenset[str]
    head_first: bool
    generic: frozenset[str]
    money: frozenset[str]
    numbers: tuple[str, ...]
    same: tuple[tuple[str, ...], ...]
    measures: dict[str, tuple[str, ...]]

    def asked(self, question: str) -> Asks | None:
        """What a question asks for by its question word, the first in it.

        >>> languages()["fr"].asked("À quelle heure ferme le musée ?"), languages()["en"].asked("Is it open?")
        (<Asks.WHEN: 'when'>, None)
        """
        found = [(m.start(), -len(m[0]), kind) for kind, form in self.asks if (m := form.search(question.lower()))]
        return min(found)[2] if found else None


@cache
def languages() -> dict[str, Language]:
    """All languages by their code."""
    found = {}
    for file in sorted(resources.files(__name__).iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".toml"):
            continue
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        code = file.name.removesuffix(".toml")
        asks = tuple((kind, _form(data[kind])) for kind in Asks)
        found[code] = Language(
            code,
            data["name"],
            frozenset(data["function"].split()),
            asks,
            frozenset(data["articles"].split()),
            frozenset(data["counting"].split()),
            frozenset(data["auxiliary"].split()),
            data["head_first"],
            frozenset(data["generic"].split()),
            frozenset(data["money"].split()),
            tuple(data["numbers"].split()),
            tuple(map(tuple, data["same"])),
            {word: tuple(names) for word, names in data["measures"].items()},
        )
    return found


def _form(words: list[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)")


def language_of(text: str) -> Language:
    """The language of a question by its function words; English where no other has more of them.

    >>> [language_of(q).code for q in ("Was kostet das?", "What is the fare?", "Qual è il prezzo?", "Umsatz")]
    ['de', 'en', 'it', 'en']
    """
    words = split(text)
    known = languages()

    def fit(code: str) -> tuple[int, bool]:
        return sum(word in known[code].function for word in words), code == ENGLISH

    return known[max(known, key=fit)]


def split(text: str) -> list[str]:
    """The words of a text in lower case, apart from a French or Italian article: `l'abonnement` is two.

    >>> split("Combien coûte l’abonnement ?")
    ['combien', 'coûte', 'l', 'abonnement']
    """
    found = []
    for word in _WORD.findall(text.lower()):
        head, mark, rest = word.replace("’", "'").partition("'")
        found += [head, rest] if mark and len(head) <= 2 and len(rest) > 2 else [word.replace("’", "'")]
    return found

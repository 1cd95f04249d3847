"""Everyday words across languages, as data (`concepts.toml`): what a word of a document is in a question's language."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib import resources

from octavo.rag.query.analysis import terms

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt")
"""ISO 639-1 codes in the order in which a concept lists its words."""
COMPOUNDS = frozenset({"de", "nl"})
"""Languages that write compounds as one word."""
_HEAD = "ammma"
_PART = 4
"""Letters of a word that may be a part of a compound."""


@cache
def _concepts() -> tuple[tuple[str, ...], ...]:
    """Returns for each concept its words in each of `LANGUAGES`, with bars between them."""
    data = tomllib.loads(resources.files(__package__).joinpath("concepts.toml").read_text(encoding="utf-8"))
    return tuple(tuple(concept.split(" ; ")) for concept in data["concepts"])


@cache
def _stems(code: str) -> tuple[frozenset[str], ...]:
    """Returns for each concept the stems of its words in a language."""
    place = LANGUAGES.index(code)
    return tuple(frozenset(terms(words[place])) for words in _concepts())


@cache
def _words(code: str) -> dict[str, frozenset[int]]:
    """Returns the concepts of each stem in a language, by their place in the list."""
    result: dict[str, frozenset[int]] = {}
    for n, stems in enumerate(_stems(code)):
        for stem in stems:
            result[stem] = result.get(stem, frozenset()) | {n}
    return result


@cache
def _tails(code: str) -> dict[str, frozenset[int]]:
    """Returns the concepts of each stem that ends a compound, where it may be shorter than that of the word alone."""
    result: dict[str, frozenset[int]] = {}
    for stem, concepts in _words(code).items():
        tail = terms(_HEAD + stem)[0].removeprefix(_HEAD)
        result[tail] = result.get(tail, frozenset()) | concepts
    return result


@lru_cache(maxsize=100_000)
def _concepts_of(stem: str, code: str) -> frozenset[int]:
    """Returns the concepts of a stem; of a compound those of its parts."""
    concepts = _words(code)
    if stem in concepts or code not in COMPOUNDS or len(stem) < 2 * _PART:
        return concepts.get(stem, frozenset())
    heads = [item for w, item in concepts.items() if len(w) >= _PART and stem.startswith(w)]
    tails = [item for w, item in _tails(code).items() if len(w) >= _PART and stem.endswith(w)]
    return frozenset().union(*heads, *tails)


def _ends_with_concept(stem: str, code: str) -> bool:
    return any(len(tail) >= _PART and stem.endswith(tail) for tail in _tails(code))


def parts(stem: str, code: str) -> tuple[frozenset[str], ...]:
    """Returns for each concept of a compound the stems that say it in the same language; nothing for other words.

    A compound whose last part no concept holds is something else than its first: a flood is no water.

    >>> [sorted(part)[:2] for part in parts("jahresbeitrag", "de")]
    [['beitrag', 'entgelt'], ['jahr', 'jahrlich']]
    >>> parts("watersnoodramp", "nl")
    ()
    """
    if code not in COMPOUNDS or stem in _words(code) or not _ends_with_concept(stem, code):
        return ()
    return tuple(_stems(code)[n] for n in sorted(_concepts_of(stem, code)))


def alternatives(stem: str, code: str) -> frozenset[str]:
    """Returns the stems of the other words for the concepts of a word in its language.

    >>> sorted(alternatives("kaution", "de"))
    ['anzahlung', 'pfand']
    """
    return frozenset().union(*(_stems(code)[n] for n in _words(code).get(stem, ()))) - {stem}


def translate(stems: Iterable[str], source: str, target: str) -> frozenset[str]:
    """Returns the stems of all words in `target` for the words whose stems are given, in `source`.

    Both are codes of `LANGUAGES`; a word that no concept holds adds nothing.

    >>> sorted(translate(terms("Jahresbeitrag"), "de", "en"))
    ['annual', 'charg', 'cost', 'fare', 'fee', 'price', 'year']
    >>> translate(["fee"], "en", "en")
    frozenset()
    """
    if source == target:
        return frozenset()
    return frozenset(
        word for stem in stems for concept in _concepts_of(stem, source) for word in _stems(target)[concept]
    )

"""Measures that adjectives name: heavier is by weight, the cheapest by price."""

from __future__ import annotations

from itertools import product

from octavo.rag.answering.patterns import words
from octavo.rag.query.language import Language

_PLAIN = str.maketrans("äöü", "aou")


def measures_of(language: Language, word: str) -> tuple[tuple[str, ...], bool]:
    """Returns the measures of an adjective in any degree, and whether it means little of them; `()` for other words.

    >>> from octavo.rag.query.language import languages
    >>> measures_of(languages()["en"], "heavier"), measures_of(languages()["de"], "billigsten")
    ((('weight', 'mass'), False), (('preis', 'kosten', 'gebühr', 'tarif', 'betrag', 'miete'), True))
    """
    for stem in _stems(word.lower()):
        if names := language.measures.get(stem):
            return names, stem in language.lesser
    return (), False


def _stems(word: str) -> list[str]:
    """Returns the forms that an adjective may have without its ending, the whole word first."""
    result = [word]
    for form, ending in product(dict.fromkeys((word, word.translate(_PLAIN))), words("shared", "words_degrees")):
        if form.endswith(ending) and len(form) > len(ending) + 2:
            stem = form[: -len(ending)]
            result += [stem, f"{stem}e", f"{stem[:-1]}y"]
            if stem[-1:] == stem[-2:-1]:
                result.append(stem[:-1])
    return result

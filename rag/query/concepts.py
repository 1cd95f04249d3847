"""Everyday words across languages, as data (`concepts.toml`): what a word of a document is in a question's language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib import resources

from octavo.rag.query.analysis import stem, terms

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt")
"""ISO 639-1 codes in the order in which a concept lists its words."""
COMPOUNDS = frozenset({"de", "nl"})
"""Languages that write compounds as one word."""
_HEAD = "ammma"
_PART = 4
"""Letters of a word that may be a part of a compound."""
_FORM = 5
"""Letters of the stem, in its language, by which a word is a form of one that a concept lists, at least."""
_VERB_ENDING = {"de": re.compile("e?t$"), "nl": re.compile("t$")}
"""What regular verbs end with in the third person and in the past, and stemmers of the language leave."""


@cache
def _concepts() -> tuple[tuple[str, ...], ...]:
    """Returns for each concept its words in each of `LANGUAGES`, with bars between them."""
    data = tomllib.loads(resources.files(__package__).joinpath("concepts.toml").read_text(encoding="utf-8"))
    return tuple(tuple(concept.split(" ; ")) for concept in data["concepts"].splitlines())


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
        for word in stems:
            result[word] = result.get(word, frozenset()) | {n}
    return result


@cache
def _forms(code: str) -> dict[str, frozenset[int]]:
    """Returns the concepts of each stem by the language's own rules, by which the forms of a verb are alike."""
    result: dict[str, frozenset[int]] = {}
    for word, concepts in _words(code).items():
        form = _form(word, code)
        if len(form) >= _FORM:
            result[form] = result.get(form, frozenset()) | concepts
    return result


def _form(word: str, code: str) -> str:
    form = stem(word, code)
    return _VERB_ENDING[code].sub("", form) if code in _VERB_ENDING else form


@cache
def _tails(code: str) -> dict[str, frozenset[int]]:
    """Returns the concepts of each stem that ends a compound, where it may be shorter than that of the word alone."""
    result: dict[str, frozenset[int]] = {}
    tails = terms(" ".join(_HEAD + word for word in _words(code)))
    for tail, concepts in zip(tails, _words(code).values(), strict=True):
        part = tail.removeprefix(_HEAD)
        result[part] = result.get(part, frozenset()) | concepts
    return result


def _concepts_of_word(word: str, code: str) -> frozenset[int]:
    """Returns the concepts of a word as it is, else those of the words that it is a form of."""
    concepts = _words(code)
    return concepts[word] if word in concepts else _forms(code).get(_form(word, code), frozenset())


@lru_cache(maxsize=100_000)
def _concepts_of(word: str, code: str) -> frozenset[int]:
    """Returns the concepts of a word; of a compound those of its parts."""
    concepts = _concepts_of_word(word, code)
    if concepts or code not in COMPOUNDS or len(word) < 2 * _PART:
        return concepts
    heads = [_words(code).get(word[:place], frozenset()) for place in range(_PART, len(word) + 1)]
    return frozenset().union(*heads, *(_tails(code).get(tail, frozenset()) for tail in _ends_of(word)))


def _ends_of(word: str) -> list[str]:
    return [word[place:] for place in range(len(word) - _PART + 1)]


def parts(word: str, code: str) -> tuple[frozenset[str], ...]:
    """Returns for each concept of a compound the stems that say it in the same language; nothing for other words.

    A compound whose last part no concept holds is something else than its first: a flood is no water.

    >>> [sorted(part)[:2] for part in parts("jahresbeitrag", "de")]
    [['beitrag', 'entgelt'], ['jahr', 'jahrlich']]
    >>> parts("watersnoodramp", "nl")
    ()
    """
    if code not in COMPOUNDS or _concepts_of_word(word, code) or _tails(code).keys().isdisjoint(_ends_of(word)):
        return ()
    return tuple(_stems(code)[n] for n in sorted(_concepts_of(word, code)))


def is_everyday(stem: str, code: str) -> bool:
    """Returns whether a stem is a word for one of the concepts in its language.

    >>> is_everyday("kaution", "de"), is_everyday("paris", "de")
    (True, False)
    """
    return stem in _words(code)


def alternatives(word: str, code: str) -> frozenset[str]:
    """Returns the stems of the other words for the concepts of a word, or of one that it is a form of, in its language.

    >>> sorted(alternatives("kaution", "de"))
    ['anzahlung', 'pfand']
    """
    return frozenset().union(*(_stems(code)[n] for n in _concepts_of_word(word, code))) - {word}


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
        other for word in stems for concept in _concepts_of(word, source) for other in _stems(target)[concept]
    )

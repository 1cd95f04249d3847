"""Words in capitals of a question: proper names, initialisms, and capitals that only emphasize."""

from __future__ import annotations

import re
from collections.abc import Container

from octavo.rag.query.language import Language

_PERIOD = re.compile(r"\b(FY|[QH][1-4])\W?((?:19|20)?\d\d)(?=\b|[QH][1-4]\b)|(?<=\d)([QH][1-4])\b", re.I)
_NAME = re.compile(r"(?<![.?!:]\s)(?<!^)(?<!\d-)\b[A-ZÀ-Þ][\w&'’-]*")
NOUNS_IN_CAPITALS = frozenset({"de"})
"""Languages that write every noun with a capital."""
_INITIALISM = re.compile(r"[A-Z]{2,3}")
_WORD = re.compile(r"[\w’'-]+")


def proper_names(question: str, language: Language) -> list[str]:
    """Returns capitalized words that begin no sentence and are no function words; none in German or in all capitals.

    Words all in capitals are none either where the question emphasizes words by them.

    >>> from octavo.rag.query.language import languages
    >>> proper_names("Who chairs the Rowan Hill Swimming Club?", languages()["en"])
    ['Rowan', 'Hill', 'Swimming', 'Club']
    """
    if language.code in NOUNS_IN_CAPITALS or question.isupper():
        return []
    result = _NAME.findall(split_periods(question))
    if is_emphatic(question, language.function):
        plain = (word for word in result if word.lower() not in language.function)
        result = [word for word in plain if not word.isupper() or is_initialism(word)]
    return [
        word
        for word in result
        if is_initialism(word) or word.lower().partition("'")[0].partition("’")[0] not in language.function
    ]


def is_emphatic(question: str, function: Container[str]) -> bool:
    """Returns whether capitals emphasize words: a function word that is no initialism has them, such as WHICH."""
    return any(word.isupper() and len(word) > 3 and word.lower() in function for word in _WORD.findall(question))


def is_initialism(word: str) -> bool:
    """Returns whether a word is a short name in capitals, such as "IT", whatever its letters mean in small.

    >>> [is_initialism(word) for word in ("IT", "US", "it", "I", "A1", "WHAT")]
    [True, True, False, False, False, False]
    """
    return _INITIALISM.fullmatch(word) is not None


def split_periods(text: str) -> str:
    """Returns the text with years and quarters apart from what they are joined to.

    >>> split_periods("FY2022, Q22023, FY2023Q1")
    'FY 2022, Q2 2023, FY 2023 Q1'
    """
    return _PERIOD.sub(lambda m: f"{m[1]} {m[2]}" if m[1] else f" {m[3]}", text)

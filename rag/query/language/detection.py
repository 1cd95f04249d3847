"""The language of a question and of pages, by their function words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from octavo.rag.query.language.loading import languages
from octavo.rag.query.language.model import Language
from octavo.rag.query.language.patterns import split

ENGLISH = "en"
LEAST_WORDS = 5
"""A page on which fewer function words of its best language stand is in the language of its document."""
LEAST_SHARE = 0.15
"""The least share of function words in a question of `LEAST_WORDS` that is in a language that is known."""
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")


def language_of(text: str) -> Language:
    """Returns the language of a question by its function words; of several, the one whose question word it begins with.

    English comes before others.

    >>> [language_of(q).code for q in ("Was kostet das?", "What is the fare?", "Qual è il prezzo?", "Umsatz")]
    ['de', 'en', 'it', 'en']
    >>> language_of("Quand a lieu la prochaine réunion ?").code
    'fr'
    """
    likely = likely_languages(text)
    if len(likely) > 1:
        likely = tuple(language for language in likely if language.answer_kind(text)) or likely
    return next((language for language in likely if language.code == ENGLISH), likely[0])


def likely_languages(text: str) -> tuple[Language, ...]:
    """Returns the languages that have the most function words of a text: all of them where there is none.

    >>> [language.code for language in likely_languages("Was steht auf Seite 5?")], len(likely_languages("Seite 5"))
    (['de'], 7)
    """
    counts = function_words(text, shortest=1)
    most = max(counts.values())
    return tuple(language for language in languages().values() if counts[language.code] == most)


def is_known(text: str) -> bool:
    """Returns whether a question is in one of the languages, by the share of its function words.

    A question of few words in Latin letters is.

    >>> [is_known(q) for q in ("Wie hoch ist der Preis des Grundstücks?", "Preis Grundstück", "価格はいくらですか")]
    [True, True, False]
    >>> is_known("Berapa harga tanah yang dijual di desa itu?")
    False
    """
    words = [word for word in split(text) if word.isalpha()]
    if len(words) < LEAST_WORDS:
        return is_latin(text)
    return max(function_words(text, shortest=1).values()) >= LEAST_SHARE * len(words)


def is_latin(text: str) -> bool:
    """Returns whether at least half of a text's letters are Latin; true of one without letters.

    >>> [is_latin(text) for text in ("Größe", "日本で一番高い山は何ですか。", "GPT-4 とは何ですか。", "2018?")]
    [True, False, False, True]
    """
    letters = [letter for letter in text if letter.isalpha()]
    return 2 * sum(_LATIN.match(letter) is not None for letter in letters) >= len(letters)


def function_words(text: str, *, shortest: int = 2) -> dict[str, int]:
    """Returns how many words of a text are function words of each language, by its code.

    Words of one letter tell the language of a question; those of a table are units and marks.

    >>> function_words("Kabel 5 m, Rohr 3 m")["fr"], function_words("Les câbles de 5 m")["fr"]
    (0, 2)
    """
    counts = Counter(word for word in split(text) if len(word) >= shortest)
    return {
        code: sum(n for word, n in counts.items() if word in language.function)
        for code, language in languages().items()
    }


def languages_of_pages(texts: Sequence[str]) -> list[str]:
    """Returns the codes of the languages that the pages of a document are in.

    A page of few words is in the language of the whole document.

    >>> languages_of_pages(["Das ist der Bericht, und er ist für die Bürger der Stadt.", "Umsatz 2022: 412"])
    ['de', 'de']
    """
    pages = [function_words(text) for text in texts]
    whole = _best({code: sum(counts[code] for counts in pages) for code in languages()}, ENGLISH)
    return [_best(counts, whole) if max(counts.values()) >= LEAST_WORDS else whole for counts in pages]


def _best(counts: dict[str, int], preferred: str) -> str:
    return max(counts, key=lambda code: (counts[code], code == preferred))

"""From text to terms: what words are searched and compared by.

Terms are stems of lower-cased words; numbers in one canonical form; Chinese, Japanese and Korean runs as pairs of
characters. Every term is made of letters, digits and dots only, so that it can be quoted in any query language.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import Stemmer

from octavo.rag.query.language import ENGLISH, languages

_HYPHEN_BREAK = re.compile(r"(?<=[^\W\d_])[-\u00ad\u2010]\s*\n\s*(?=[^\W\d_])")
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_TOKEN = re.compile(
    rf"\d+(?:[.,]\d+)*|(?:(?=\w)[{_CJK}])+|[^\W\d_{_CJK}]+(?:['’][^\W\d_{_CJK}]+)?(?:\d+[^\W_{_CJK}]*)?"
)
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?$")
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ"
_MARK = re.compile(rf"(?<=\d)(?=[{_RAISED}₀-₉])|(?<=[^\W\d_]{{4}})(?=[{_RAISED}])|(?<=[{_RAISED}])(?=[^\W{_RAISED}])")
_STEMMERS = {code: Stemmer.Stemmer(language.name.lower()) for code, language in languages().items()}

STOP_WORDS = languages()[ENGLISH].stop
"""English words that a question is made of but not about."""


def terms(text: str, *, stop_words: bool = True, language: str = ENGLISH, stem_as: str = "") -> list[str]:
    """Returns the terms of a text in order, with repetitions; without stop words when `stop_words` is false.

    `language` is the code of the text's language, `stem_as` that of the texts that its terms are compared with.

    >>> terms("Capital expenditures were $1,577.0 million in 2018.", stop_words=False)
    ['capit', 'expenditur', '1577', 'million', '2018']
    >>> terms("inter-\\nnational  naïve 売上高")
    ['internat', 'naiv', '売上', '上高']
    >>> terms("Wie hoch waren die Gewinne?", stop_words=False, language="de")
    ['gewinn']

    A raised mark is no part of the number or word that it stands on; that of a short unit is.

    >>> terms("$4,120³ revenue² 10⁶ 25 m²")
    ['4120', '3', 'revenu', '2', '10', '6', '25', 'm2']
    """
    known_language = languages()[language]
    stems = stem_as or language
    text = _MARK.sub(" ", _HYPHEN_BREAK.sub("", text))
    text = unicodedata.normalize("NFKC", text).lower()
    results: list[str] = []
    for token in _TOKEN.findall(text):
        if known_language.elisions:
            token = _without_elision(token, known_language.elisions)
        if not stop_words and token in known_language.stop:
            continue
        first = token[0]
        if first.isdigit():
            results += _number(token)
        elif first.isascii() or not _is_cjk(first):
            results.append(_stem(token, stems))
        else:
            results += [token[i : i + 2] for i in range(max(1, len(token) - 1))]
    return results


def _number(token: str) -> list[str]:
    """Returns the terms of a number: `1,577.0` is 1577, `3,4` two numbers, `1.2.3` stays a section number."""
    if _THOUSANDS.match(token):
        token = token.replace(",", "")
    parts = token.split(",")
    return [_plain(part) for part in parts if part]


def _plain(number: str) -> str:
    if number.count(".") == 1:
        number = number.rstrip("0").rstrip(".")
    return number


def stem(word: str, language: str) -> str:
    """Returns the stem of a word in a language, by its code; diacritics do not count.

    >>> stem("coûtait", "fr"), stem("Gebühren".lower(), "de")
    ('cout', 'gebuhr')
    """
    return _stem(word, language)


@lru_cache(maxsize=100_000)
def _stem(word: str, language: str) -> str:
    word = word.partition("'")[0].partition("’")[0]
    if not word.isascii():
        bare = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
        word = unicodedata.normalize("NFC", bare) or word
    stem: str = _STEMMERS[language].stemWord(word)
    return stem


def _without_elision(token: str, elisions: frozenset[str]) -> str:
    """Returns the word behind an apostrophe: `abonnement` of `l'abonnement`."""
    head, apostrophe, rest = token.replace("’", "'").partition("'")
    return rest if apostrophe and head in elisions and rest else token


def _is_cjk(char: str) -> bool:
    return (
        "\u3040" <= char <= "\u30ff"
        or "\u3400" <= char <= "\u9fff"
        or "\uac00" <= char <= "\ud7af"
        or ("\uf900" <= char <= "\ufaff")
    )

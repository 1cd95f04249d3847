"""The language adapter of an encoder for a text, by its script, else by its function words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from octavo.rag.query.language import ENGLISH, function_words

_SCRIPTS = {
    "ja": "\u3040-\u30ff",
    "ko": "\uac00-\ud7af",
    "zh": "\u4e00-\u9fff",
    "ar": "\u0600-\u06ff",
    "he": "\u0590-\u05ff",
    "el": "\u0370-\u03ff",
    "ru": "\u0400-\u04ff",
    "hi": "\u0900-\u097f",
    "bn": "\u0980-\u09ff",
    "ta": "\u0b80-\u0bff",
    "te": "\u0c00-\u0c7f",
    "th": "\u0e00-\u0e7f",
    "ka": "\u10a0-\u10ff",
    "hy": "\u0530-\u058f",
}
"""Languages whose letters tell them, or the most frequent one of those that are written in a script.

Japanese comes before Chinese, since its texts hold characters of both.
"""
_LETTERS = {code: re.compile(f"[{letters}]") for code, letters in _SCRIPTS.items()}


def choose_adapter(text: str, languages: Sequence[str]) -> int:
    """Returns the place of a text's language in `languages`, codes such as `de_DE`; that of English where it has none.

    >>> [choose_adapter(t, ["en_XX", "de_DE", "ru_RU"]) for t in ("Was kostet das?", "Где это?", "Umsatz", "Qual è?")]
    [1, 2, 0, 0]
    """
    codes = [language.partition("_")[0] for language in languages]
    code = _language_code(text)
    return codes.index(code) if code in codes else codes.index(ENGLISH) if ENGLISH in codes else 0


def _language_code(text: str) -> str:
    letters = sum(map(str.isalpha, text))
    for code, of_script in _LETTERS.items():
        if 3 * len(of_script.findall(text)) > letters:
            return code
    counts = function_words(text, shortest=1)
    return max(counts, key=lambda code: (counts[code], code == ENGLISH))

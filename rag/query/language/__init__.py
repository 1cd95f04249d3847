"""Languages of questions: their function words and question words, as data (`*.toml`, one file for each language)."""

from __future__ import annotations

from octavo.rag.query.language.all_languages import any_condition, any_word, numeral_form, numerals
from octavo.rag.query.language.detection import (
    ENGLISH,
    LEAST_WORDS,
    function_words,
    is_known,
    is_latin,
    language_of,
    languages_of_pages,
    likely_languages,
)
from octavo.rag.query.language.loading import languages
from octavo.rag.query.language.model import AnswerKind, Language
from octavo.rag.query.language.patterns import any_form, any_of, split
from octavo.rag.query.language.vocabulary import (
    AmountWords,
    ConditionWords,
    DocumentWords,
    InstructionWords,
    PageWords,
    PeriodWords,
    RegionWords,
)

__all__ = [
    "ENGLISH",
    "LEAST_WORDS",
    "AmountWords",
    "AnswerKind",
    "ConditionWords",
    "DocumentWords",
    "InstructionWords",
    "Language",
    "PageWords",
    "PeriodWords",
    "RegionWords",
    "any_condition",
    "any_form",
    "any_of",
    "any_word",
    "function_words",
    "is_known",
    "is_latin",
    "language_of",
    "languages",
    "languages_of_pages",
    "likely_languages",
    "numeral_form",
    "numerals",
    "split",
]

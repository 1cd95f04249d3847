"""The terms of a question that an answer must hold: names, codes, numbers and periods."""

from __future__ import annotations

import re
from collections.abc import Iterable

from octavo.rag.answering import patterns
from octavo.rag.answering.dates import ENGLISH_MONTHS
from octavo.rag.answering.proper_names import proper_names, split_periods
from octavo.rag.answering.question_analysis import QuestionAnalysis, words_of
from octavo.rag.answering.units import unit_of

_CODE = re.compile(
    r"\b(?!\d+(?:st|nd|rd|th)\b)(?=\w*\d)(?=\w*[A-Za-z])[\w]+(?:-\w+)*\b|\b[A-Z]+(?:[-_][A-Z0-9]+)+\b|\b[A-Z]{1,4}-\d+\b"
)
_NUMBER = re.compile(r"(?<![\w.,-])\d+(?:-\d+)+|(?<![\w.,-])\d[\d.,]*\d|(?<![\w.,-])\d\b")
_YEAR = re.compile(r"(?<![\w.,-])(?:19|20)\d\d(?!\w)")
SPLIT_YEAR = re.compile(r"(?<![\w.,/-])(?:(?:19|20)\d\d)\s?[/–-]\s?(?:(?:19|20)?\d\d)(?![\w/-])")
"""A school or business year: 2024/25."""
_MONTH = re.compile(rf"\b(?:{'|'.join(ENGLISH_MONTHS)})\b")
_PLACEHOLDER = re.compile(r"([A-Z])\1+(?:-([A-Z])\2+)+")
"""The form of a date that is asked for, in any language: YYYY-MM-DD, TT-MM-JJJJ."""
_MODEL = re.compile(r"\b(?P<name>[A-ZÀ-Þ][\w’'-]*[^\W\d_])\s+(?P<number>\d{1,3}[A-Z]?)(?![\w.,:%-]|\s*%)")
"""A name with a number that is part of it: Heron 2, Room 204."""
_NUMBERED = re.compile(r"(?<![\w-])(?P<name>[a-zß-ÿ]{3,}) (?P<number>\d{1,3})(?![\w.,:%-]|\s*%)")
_WORD = re.compile(r"\s([^\W\d_]+)")
_PAIR = re.compile(r"(?=(?<!\w)([A-ZÀ-Þ][^\W\d_]+) ([A-ZÀ-Þ][^\W\d_]+)(?!\w))")
_PARTS = frozenset([*patterns.words("sections", "words_rest"), *patterns.words("page_sets", "words_page")])
FEW_NUMBERS = 8
"""In a question of more terms, a number that stands nowhere may be part of how to answer it."""


def required_terms(analysis: QuestionAnalysis) -> Iterable[tuple[str, bool]]:
    """Yields names, codes, numbers and periods of a question, and whether each must stand on the page itself.

    >>> from octavo.rag.answering.question_analysis import analyze_question
    >>> list(required_terms(analyze_question("What did the KX-350 cost in Japan in 2015?")))
    [('KX-350', True), ('2015', True), ('Japan', False)]
    """
    text = split_periods(analysis.text)
    spans: list[tuple[int, int]] = []
    numbers = _YEAR if len(analysis.terms) > FEW_NUMBERS else _NUMBER
    for form in (SPLIT_YEAR, _CODE, numbers, _MONTH):
        for match in form.finditer(text):
            if any(a < match.end() and match.start() < b for a, b in spans) or not _is_asked(analysis, match[0]):
                continue
            if (form is SPLIT_YEAR and not _are_consecutive(match[0])) or _PLACEHOLDER.fullmatch(match[0]):
                continue
            spans.append(match.span())
            yield match[0], True
    covered = " ".join(text[a:b] for a, b in spans)
    units = " ".join(unit.name for unit in analysis.units).split()
    for word in proper_names(text, analysis.language):
        is_name = word.lower() not in analysis.language.generic and word.lower() not in units
        if is_name and _is_asked(analysis, word) and word not in covered:
            yield word, False


def forms_of_code(code: str) -> tuple[str, ...]:
    """Returns a code, and a school year also with its second year in full or short."""
    if not SPLIT_YEAR.fullmatch(code):
        return (code,)
    first, second = re.findall(r"\d+", code)
    return code, f"{first} {first[:2]}{second[-2:]}", f"{first} {second[-2:]}"


def name_pairs(analysis: QuestionAnalysis) -> Iterable[tuple[str, str]]:
    """Yields the words of names of several words, each with the next one.

    >>> from octavo.rag.answering.question_analysis import analyze_question, terms_of_words
    >>> list(name_pairs(analyze_question("When is the exam in Marine Biology, and who is Professor Ida Kern?")))
    [('Marine', 'Biology'), ('Ida', 'Kern')]
    """
    names = set(proper_names(analysis.text, analysis.language))
    for match in _PAIR.finditer(analysis.text):
        pair = (match[1], match[2])
        is_plain = {word.lower() for word in pair}.isdisjoint(analysis.language.generic)
        if names.issuperset(pair) and is_plain and all(_is_asked(analysis, word) for word in pair):
            yield pair


def _are_consecutive(years: str) -> bool:
    first, second = re.findall(r"\d+", years)
    return (int(first) + 1) % 100 == int(second) % 100


def numbered_names(analysis: QuestionAnalysis) -> Iterable[tuple[str, str]]:
    """Yields names with a number that is part of them, apart from months.

    >>> from octavo.rag.answering.question_analysis import analyze_question
    >>> list(numbered_names(analyze_question("Is the Heron 2 lighter than on March 3 or in Room 204?")))
    [('Heron', '2'), ('Room', '204')]
    """
    for match in _MODEL.finditer(analysis.text):
        name = match["name"]
        is_part = name.lower() in _PARTS or _MONTH.fullmatch(name) is not None
        following = _WORD.match(analysis.text, match.end())
        is_amount = following is not None and unit_of(following[1]) is not None
        if match.start() and _is_asked(analysis, name) and not is_part and not is_amount:
            yield name, match["number"]


def numbered_things(analysis: QuestionAnalysis) -> Iterable[tuple[str, str]]:
    """Yields plain nouns with a number that may be part of what they name, as in "bus 52" or "bed 15".

    >>> from octavo.rag.answering.question_analysis import analyze_question
    >>> list(numbered_things(analyze_question("When does bus 52 leave on page 3, after 10 minutes?")))
    [('bus', '52')]
    """
    plain = analysis.language.generic | analysis.language.function | _PARTS
    for match in _NUMBERED.finditer(analysis.text):
        following = _WORD.match(analysis.text, match.end())
        is_amount = following is not None and unit_of(following[1]) is not None
        is_noun = match["name"] not in plain and unit_of(match["name"]) is None and _is_asked(analysis, match["name"])
        if is_noun and not is_amount:
            yield match["name"], match["number"]


def _is_asked(analysis: QuestionAnalysis, word: str) -> bool:
    return not set(words_of(word)).isdisjoint(analysis.terms)

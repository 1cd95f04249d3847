"""Parts of a year as questions and tables call them: "third quarter" and "Q3", "end of 2023" and "31 December"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from octavo.rag.query.analysis import terms
from octavo.rag.query.language import Language, any_of, languages

_SHORT = re.compile(r"[QTqt]([1-4])")
QUARTERS = 4
_YEAR = r"(?:\W+\w{1,4}){0,3}?\W+(?P<year>(?:19|20)\d\d)\b"
"""A year, after words such as "of the year"."""


def quarter_synonyms(language: Language, words: list[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Yields for the terms of a question's quarters what else a table may call each; `words` are the question's.

    >>> german = languages()["de"]
    >>> sorted({name for term, names in quarter_synonyms(german, ["im", "dritten", "Quartal"]) for name in names})
    ['3', 'q3', 'quartal', 't3']
    """
    unit = terms(language.quarter)[0]
    for first, second in zip(words, [*words[1:], ""], strict=False):
        if short := _SHORT.fullmatch(first):
            yield terms(first)[0], frozenset((short[1], unit))
        for n, form in enumerate(_ordinals(language.code), 1):
            if form.fullmatch(first) and unit in terms(second):
                for term in (terms(first)[0], unit):
                    yield term, frozenset((str(n), unit))
                    yield term, frozenset((f"q{n}",))
                    yield term, frozenset((f"t{n}",))


def ordinal_numbers(language: Language, words: list[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Yields for the ordinals of a question, but the first, the number by which a table may call the row.

    >>> list(ordinal_numbers(languages()["en"], "What is the pay in the third year of the second course?".split()))
    [('third', frozenset({'3'})), ('second', frozenset({'2'}))]
    """
    forms = [any_of(forms, re.I) for forms in language.pages.ordinals]
    for word in words:
        for n, form in enumerate(forms[1:], 2):
            if form.fullmatch(word):
                yield from ((term, frozenset((str(n),))) for term in terms(word))


def year_edges(language: Language, question: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Yields for the words by which a question calls the first or last day of a year how a table may write that day.

    >>> days = year_edges(languages()["en"], "How many were there at the end of 2023?")
    >>> sorted({(term, *sorted(day)) for term, day in days})
    [('end', '31', 'decemb'), ('end', '31.12'), ('end', '31.12.2023')]
    """
    edges = ((language.periods.begins, 1, 1), (language.periods.ends, 31, 12))
    for words, day, month in edges:
        for match in re.finditer(rf"\b({'|'.join(words)}){_YEAR}", question, re.I):
            for term in terms(match[1]):
                yield term, frozenset((str(day), *terms(language.months[month - 1])))
                for date in (f"{day}.{month}", f"{day:02}.{month:02}"):
                    yield term, frozenset((date,))
                    yield term, frozenset((f"{date}.{match['year']}",))


@cache
def _ordinals(code: str) -> tuple[re.Pattern[str], ...]:
    """Returns the forms of the first four ordinals, with any ending."""
    forms = languages()[code].pages.ordinals[:QUARTERS]
    return tuple(re.compile("|".join(rf"{re.escape(form[:-1])}\w*" for form in each), re.I) for each in forms)

"""The pages that a question names: by number, in words, from the end, or by the part they play."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from octavo.rag.query.language import Language, any_form, any_of, languages, likely_languages
from octavo.rag.query.patterns import has_any

MOST_PAGES = 50
"""The most pages that a range names."""


@dataclass(frozen=True, slots=True)
class _Forms:
    """The patterns of a language, with what its number words and ordinals count."""

    page: re.Pattern[str]
    more: re.Pattern[str]
    ordinal: re.Pattern[str]
    label: re.Pattern[str]
    cover: re.Pattern[str]
    back: re.Pattern[str]
    counts: dict[str, int]


def pages(text: str, among: Iterable[Language] | None = None) -> tuple[int | str, ...]:
    """Returns page numbers as people say them, from 1; negative ones count from the end (-1 is the last page).

    Those that are no plain numbers are as they are printed. `among` are the languages that the text may be in.

    >>> pages("the map on page two"), pages("who signed the second last page"), pages("the note on page F-3")
    ((2,), (-2,), ('F-3',))
    >>> pages("Was steht auf Seite 5?"), pages("la dernière diapositive"), pages("páginas 3 a 5")
    ((5,), (-1,), (3, 4, 5))
    """
    results: list[int | str] = []
    for forms in _forms_for(text, among):
        results += [*_covers(forms, text), *_ordinals(forms, text), *_numbers(forms, text), *forms.label.findall(text)]
    return tuple(dict.fromkeys(results))


def without_pages(text: str, among: Iterable[Language] | None = None) -> str:
    """Returns the text without the numbers of the pages that it names."""
    for forms in _forms_for(text, among):
        text = forms.label.sub(" ", forms.page.sub(" ", text))
    return text


def _forms_for(text: str, among: Iterable[Language] | None) -> list[_Forms]:
    """Returns the patterns of those languages whose words for pages stand in a text."""
    languages = among or likely_languages(text)
    return [_forms(language.code) for language in languages if has_any(_page_words(language), text)]


def _page_words(language: Language) -> tuple[str, ...]:
    """Returns the words without which a text names no page."""
    words = language.pages
    return (*words.page, *words.cover, *words.back)


def _covers(forms: _Forms, text: str) -> Iterator[int]:
    if forms.cover.search(text):
        yield 1
    if forms.back.search(text):
        yield -1


def _ordinals(forms: _Forms, text: str) -> Iterator[int]:
    for match in forms.ordinal.finditer(text):
        if match["last"]:
            yield -1
        elif match["penultimate"]:
            yield -2
        elif n := _value(forms, match["ordinal"] or match["late"]):
            yield -n if match["late"] or match["before"] or match["after"] else n


def _numbers(forms: _Forms, text: str) -> Iterator[int]:
    for match in forms.page.finditer(text):
        first = _value(forms, match[1])
        last = _value(forms, match[2]) if match[2] else first
        yield from range(first, min(last, first + MOST_PAGES) + 1) if first <= last else (first, last)
        at = match.end()
        while more := forms.more.match(text, at):
            yield _value(forms, more[1])
            at = more.end()


def _value(forms: _Forms, number: str) -> int:
    digits = re.match(r"\d+", number)
    return int(digits[0]) if digits else forms.counts[number.lower()]


@cache
def _forms(code: str) -> _Forms:
    language = languages()[code]
    words = language.pages
    page, page_alone = _any(words.page), _any(word for word in words.page if not word.endswith("."))
    ordinals = {form: n for n, forms in enumerate(words.ordinals, 1) for form in forms}
    numbers = {word: n for n, word in enumerate(language.numbers, 1)}
    number = rf"(?:\d{{1,4}}|{_any(numbers)}\b)"
    ordinal = rf"{_any(ordinals)}|\d{{1,3}}{_any(words.suffixes)}"
    before, after = _any(words.before_last), _any(words.from_end)
    return _Forms(
        page=_pattern(
            rf"\b{page}\s*(?:{_any(words.number)}\s*)?({number})"
            rf"(?:\s*(?:-|–|{_any(words.to)})\s*({number}))?(?![.,]?\d)\b"
        ),
        more=_pattern(rf"\s*(?:,|&|{_any(words.conjunctions)})\s*(?:{page}\s*)?({number})\b(?!\s*[%.\d])"),
        ordinal=_pattern(
            rf"\b(?P<ordinal>{ordinal})\s+(?:(?P<before>{before})\s+)?{page_alone}\b(?:\s+(?P<after>{after})\b)?"
            rf"|\b(?P<penultimate>{_any(words.penultimate)}\s+{page_alone})\b"
            rf"|\b(?P<last>{_any(words.last)}\s+{page_alone})\b"
            rf"|\b{page_alone}\b[^.?!]{{0,12}}\b(?P<late>{ordinal})\s+{before}\b"
        ),
        label=re.compile(rf"\b(?i:{page})\s*([A-Z]{{1,2}}-\d{{1,3}}|[ivxl]+|[IVXL]{{2,}})\b"),
        cover=re.compile(rf"{any_form(words.cover)}(?!\s+{_any(words.no_cover)}\b)", re.I),
        back=any_of(words.back, re.I),
        counts=numbers | ordinals,
    )


def _any(words: Iterable[str]) -> str:
    """Returns a group of any of some words, the longest first; one of none never fits."""
    return f"(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True))) or '(?!)'})"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.I)

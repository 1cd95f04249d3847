"""What a question asks for, beyond its words: pages, figures and tables it names, kinds of region, numbers, names."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest import Kind

from .analyze import terms

_PAGE = re.compile(
    r"\b(?:pages?|slides?|pp?\.)\s*(?:no\.?\s*|number\s*|#\s*)?(\d{1,4})(?:\s*(?:-|–|to|through)\s*(\d{1,4}))?\b", re.I
)
_MORE_PAGES = re.compile(r"\s*(?:,|and|&|or)\s*(\d{1,4})\b(?!\s*[%.\d])", re.I)
_ORDINAL_PAGE = re.compile(r"\b(first|second|third|fourth|fifth|last)\s+(?:page|slide)\b", re.I)
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "last": -1}
_REFERENCE = re.compile(
    r"\b(figure|fig|table|chart|exhibit|graph|equation|appendix|box)\.?\s+(\d+(?:[.-]\d+)*|[A-Z]\b)", re.I
)
_NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?%?")
_NAME = re.compile(r"(?<![.?!:]\s)(?<!^)\b[A-Z][\w&'’-]*(?:\s+(?:of\s+|the\s+|and\s+)?[A-Z][\w&'’-]*)*")
_KINDS = (
    (
        re.compile(r"\b(?:charts?|graphs?|plots?|bars?|pie|histogram|axis|axes|infographics?)\b", re.I),
        (Kind.CHART, Kind.FIGURE),
    ),
    (re.compile(r"\b(?:tables?|rows?|columns?)\b", re.I), (Kind.TABLE,)),
    (
        re.compile(
            r"\b(?:figures?|images?|pictures?|photos?|photographs?|diagrams?|maps?|logos?|icons?|drawings?"
            r"|illustrations?|screenshots?|colou?rs?|shown|depicted)\b",
            re.I,
        ),
        (Kind.FIGURE, Kind.CHART),
    ),
    (re.compile(r"\b(?:equations?|formulas?|formulae)\b", re.I), (Kind.FORMULA,)),
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question and what it names.

    `terms` are analysed content words. `pages` are page numbers as people say them (from 1; -1 is the last page).
    `references` are captions named, such as `("figure", "3")`. `numbers` are canonical ("1,577" is "1577"), `names`
    are capitalised phrases, `kinds` the kinds of region asked for.
    """

    text: str
    terms: tuple[str, ...]
    pages: tuple[int, ...] = ()
    references: tuple[tuple[str, str], ...] = ()
    numbers: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    kinds: frozenset[Kind] = frozenset()


def parse(text: str) -> Question:
    """Reads a question.

    >>> q = parse("What does Figure 3 on page 14 show for Acme Corp in 2018?")
    >>> q.pages, q.references, q.numbers, q.names
    ((14,), (('figure', '3'),), ('2018',), ('Figure', 'Acme Corp'))
    """
    pages = _pages(text)
    references = tuple(
        (m[1].lower().replace("fig", "figure") if m[1].lower() == "fig" else m[1].lower(), m[2])
        for m in _REFERENCE.finditer(text)
    )
    rest = _PAGE.sub(" ", _REFERENCE.sub(" ", text)) if pages or references else text
    kinds = frozenset(kind for pattern, found in _KINDS if pattern.search(text) for kind in found)
    return Question(
        text=text,
        terms=tuple(dict.fromkeys(terms(text, stop_words=False))),
        pages=pages,
        references=references,
        numbers=tuple(dict.fromkeys(m[0].replace(",", "").rstrip("%") for m in _NUMBER.finditer(rest))),
        names=tuple(dict.fromkeys(m[0] for m in _NAME.finditer(text))),
        kinds=kinds,
    )


def _pages(text: str) -> tuple[int, ...]:
    found: list[int] = [_ORDINALS[m[1].lower()] for m in _ORDINAL_PAGE.finditer(text)]
    for match in _PAGE.finditer(text):
        first, last = int(match[1]), int(match[2] or match[1])
        found += range(first, min(last, first + 50) + 1) if first <= last else (first, last)
        at = match.end()
        while more := _MORE_PAGES.match(text, at):
            found.append(int(more[1]))
            at = more.end()
    return tuple(dict.fromkeys(found))

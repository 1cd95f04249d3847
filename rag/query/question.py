"""What a question asks for, beyond its words: pages, figures and tables it names, kinds of region, numbers, names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeVar

from octavo.ingest import Kind, ReadOptions
from octavo.rag.images import decode_image
from octavo.rag.query import page_references
from octavo.rag.query.analysis import terms
from octavo.rag.query.rules import ALL_RULES, QueryRules
from octavo.rag.query.statements import StatementRole, statements_asked_for

T = TypeVar("T")

_REFERENCE = re.compile(
    r"\b(figure|fig|table|chart|exhibit|graph|equation|appendix|box)\.?\s+(\d+(?:[.-]\d+)*|[A-Z]\b)", re.I
)
_NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?%?")
_NAME = re.compile(r"(?<![.?!:]\s)(?<!^)\b[A-Z][\w&'’-]*(?:\s+(?:of\s+|the\s+|and\s+)?[A-Z][\w&'’-]*)*")
_CALENDAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_YEAR = re.compile(r"\b([FC]Y|[QH][1-4])\W?((?:19|20)\d\d)\b", re.I)
_INSTRUCTION = re.compile(
    r"(?<=[.?!;])\s+(?:[Pp]lease\b|(?:Directly\s+a|A)nswer\b"
    r"|(?:If|When)\b[^.?!]*?\b(?:state|explain|answer|say|write|reply)\b"
    r"|(?:Round|Explain|Write|Give|Provide|Save|Format|Represent|Express|Return|Enumerate|Output)\b"
    r"|List\b(?=[^.?!]*\b(?:list|format)\b))[^.?!]*(?:[.!](?=\s|$)|$)"
    r"|(?:^|(?<=[.?!])\s)(?:Assume\s+(?:that\s+)?y|Y)ou\s+are\b[^.?!]*[.!](?=\s)"
)
"""A sentence beside the question that says how to answer it, or as whom."""
_MEDIUM = frozenset(terms("document paper article report presentation deck page pages slide slides"))
"""What every page belongs to; in a question they say nothing of what it is about."""
_UNNAMED = _MEDIUM | frozenset(terms("figure table chart graph image word appendix section fy cy q1 q2 q3 q4 h1 h2"))
"""Written with a capital, these parts of documents and periods are still no names."""
_WHOLE = _MEDIUM | frozenset(
    terms("title subtitle name author presenter presented publisher published publication written produced date year")
)
"""A question of these words only is about the document as a whole: its first page tells."""
_ALL = _MEDIUM | frozenset(
    terms("article total number count include contain appear show present throughout entire whole overall different")
)
"""What else a question may say that asks for all regions of a kind, such as how many tables a document has."""
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
class Query:
    """A question and what it names.

    `terms` are analyzed content words. `pages` are page numbers as people say them (from 1; -1 is the last page, -2
    the one before it) or as they are printed (`iv`, `F-3`). `references` are captions named, such as
    `("figure", "3")`. `numbers` are canonical ("1,577" is "1577"), `names` are capitalized phrases, `years` lie between
    1900 and 2099 and are at most four. `kinds` are the kinds of region that it asks for, `roles` the financial
    statements that hold the answer. `all_of_kind` is true where it says nothing beside the kinds, as in how many tables
    there are. `picture` holds the bytes of a picture that belongs to the question, `words` what is read in it.
    """

    text: str
    terms: tuple[str, ...]
    pages: tuple[int | str, ...] = ()
    references: tuple[tuple[str, str], ...] = ()
    numbers: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    kinds: frozenset[Kind] = frozenset()
    roles: frozenset[StatementRole] = frozenset()
    all_of_kind: bool = False
    picture: bytes | None = None
    words: str = ""

    @property
    def content(self) -> str:
        """The question without how to answer it."""
        return _content(self.text, ALL_RULES).strip() or self.text

    @property
    def name_terms(self) -> tuple[str, ...]:
        """The analysed words of the names, without parts of documents (Figure) and periods (Q2 of FY)."""
        words = (t for name in self.names for t in terms(name, stop_words=False))
        return tuple(dict.fromkeys(t for t in words if not t[0].isdigit() and t not in _UNNAMED))


def parse_query_with_picture(text: str, picture: bytes | None, rules: QueryRules = ALL_RULES) -> Query:
    """Reads a question with a picture, or a picture alone: then the words in it are what is searched for."""
    if picture is None:
        return parse_query(text, rules)
    words = picture_words(picture)
    searched = tuple(dict.fromkeys(terms(words, stop_words=False)))
    query = parse_query(text, rules) if text.strip() else Query(text="", terms=searched)
    return replace(query, picture=picture, words=words)


@lru_cache(maxsize=8)
def picture_words(picture: bytes) -> str:
    """The words that OCR reads in a picture file, in reading order."""
    from octavo.ingest.ocr import read_words

    return " ".join(word.text for word in read_words(decode_image(picture), ReadOptions()))


def parse_query(text: str, rules: QueryRules = ALL_RULES) -> Query:
    """Reads a question by rules.

    >>> q = parse_query("What does Figure 3 on page 14 show for Acme Corp in 2018?")
    >>> q.pages, q.references, q.numbers, q.names
    ((14,), (('figure', '3'),), ('2018',), ('Figure', 'Acme Corp'))
    """
    pages = page_references.pages(text) if rules.pages else ()
    references = _references(text) if rules.captions else ()
    rest = page_references.without(_REFERENCE.sub(" ", text)) if pages or references else text
    kinds = frozenset(kind for pattern, named in _KINDS if pattern.search(text) for kind in named)
    content = _content(text, rules)
    words = terms(content, stop_words=False)
    if rules.whole and words and _WHOLE.issuperset(words) and not (pages or references or kinds):
        pages = (1,)
    content_words = [t for t in words if t not in _MEDIUM] if rules.instructions else []
    of_all_regions = rules.regions and kinds and not (pages or references) and _ALL.issuperset(_beside(content))
    return Query(
        text=text,
        terms=tuple(dict.fromkeys(content_words or words)),
        pages=pages,
        references=references,
        numbers=_unique(m.replace(",", "").rstrip("%") for m in _NUMBER.findall(rest)) if rules.numbers else (),
        names=_unique(m[0] for m in _NAME.finditer(content)) if rules.names else (),
        years=_unique(int(year) for year in _CALENDAR.findall(text))[:4] if rules.years else (),
        kinds=kinds if rules.kinds or of_all_regions else frozenset(),
        roles=statements_asked_for(text, content) if rules.statements else frozenset(),
        all_of_kind=bool(of_all_regions),
    )


def _references(text: str) -> tuple[tuple[str, str], ...]:
    """Returns the captions that a text names, as (word, number)."""
    found = ((m[1].lower(), m[2]) for m in _REFERENCE.finditer(text))
    return tuple(("figure" if word == "fig" else word, number) for word, number in found)


def _unique(values: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))


def _beside(content: str) -> list[str]:
    """Returns the terms of a question without the kinds of regions that it names."""
    for pattern, _ in _KINDS:
        content = pattern.sub(" ", content)
    return terms(content, stop_words=False)


def _content(text: str, rules: QueryRules) -> str:
    """Returns a question without how to answer it; a year stands apart from the letters before it, as in FY2022.

    >>> _content("What was revenue in FY2022? Please answer in millions.", ALL_RULES)
    'What was revenue in FY 2022?'
    """
    text = _INSTRUCTION.sub("", text) if rules.instructions else text
    return _YEAR.sub(r"\1 \2", text) if rules.years else text

"""What a question asks for, beyond its words: pages, figures and tables it names, kinds of region, numbers, names."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from octavo.ingest import Kind, ReadOptions
from octavo.rag.images import decode_image
from octavo.rag.query import page_references
from octavo.rag.query.analysis import terms
from octavo.rag.query.statements import StatementRole, statements_asked_for

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

    `terms` are analysed content words. `pages` are page numbers as people say them (from 1; -1 is the last page, -2
    the one before it) or as they are printed (`iv`, `F-3`). `references` are captions named, such as
    `("figure", "3")`. `numbers` are canonical ("1,577" is "1577"), `names` are capitalised phrases, `kinds` the kinds
    of region asked for, `roles` the financial statements that hold the answer. `all_of_kind` is whether it says
    nothing beside the kinds, as in how many tables there are. `picture` is the file of a picture that belongs to the
    question, `words` what is read in it.
    """

    text: str
    terms: tuple[str, ...]
    pages: tuple[int | str, ...] = ()
    references: tuple[tuple[str, str], ...] = ()
    numbers: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    kinds: frozenset[Kind] = frozenset()
    roles: frozenset[StatementRole] = frozenset()
    all_of_kind: bool = False
    picture: bytes | None = None
    words: str = ""

    @property
    def content(self) -> str:
        """What is asked, without how to answer it."""
        return _content(self.text).strip() or self.text

    @property
    def name_terms(self) -> tuple[str, ...]:
        """The analysed words of the names, without parts of documents (Figure) and periods (Q2 of FY)."""
        words = (t for name in self.names for t in terms(name, stop_words=False))
        return tuple(dict.fromkeys(t for t in words if not t[0].isdigit() and t not in _UNNAMED))

    @property
    def years(self) -> tuple[int, ...]:
        """The years that it names, from 1900 to 2099, at most four."""
        return tuple(dict.fromkeys(int(y) for y in _CALENDAR.findall(self.text)))[:4]


def parse_query_with_picture(text: str, picture: bytes | None) -> Query:
    """Reads a question with a picture, or a picture alone: then the words in it are what is searched for."""
    if picture is None:
        return parse_query(text)
    words = picture_words(picture)
    searched = tuple(dict.fromkeys(terms(words, stop_words=False)))
    found = parse_query(text) if text.strip() else Query(text="", terms=searched)
    return replace(found, picture=picture, words=words)


@lru_cache(maxsize=8)
def picture_words(picture: bytes) -> str:
    """The words that OCR reads in a picture file, in reading order."""
    from octavo.ingest.ocr import read_words

    return " ".join(word.text for word in read_words(decode_image(picture), ReadOptions()))


def parse_query(text: str) -> Query:
    """Reads a question.

    >>> q = parse_query("What does Figure 3 on page 14 show for Acme Corp in 2018?")
    >>> q.pages, q.references, q.numbers, q.names
    ((14,), (('figure', '3'),), ('2018',), ('Figure', 'Acme Corp'))
    """
    pages = page_references.pages(text)
    references = tuple(
        (m[1].lower().replace("fig", "figure") if m[1].lower() == "fig" else m[1].lower(), m[2])
        for m in _REFERENCE.finditer(text)
    )
    rest = page_references.without(_REFERENCE.sub(" ", text)) if pages or references else text
    kinds = frozenset(kind for pattern, found in _KINDS if pattern.search(text) for kind in found)
    content = _content(text)
    said = terms(content, stop_words=False)
    if said and _WHOLE.issuperset(said) and not (pages or references or kinds):
        pages = (1,)
    return Query(
        text=text,
        terms=tuple(dict.fromkeys([t for t in said if t not in _MEDIUM] or said)),
        pages=pages,
        references=references,
        numbers=tuple(dict.fromkeys(m[0].replace(",", "").rstrip("%") for m in _NUMBER.finditer(rest))),
        names=tuple(dict.fromkeys(m[0] for m in _NAME.finditer(content))),
        kinds=kinds,
        roles=statements_asked_for(text, content),
        all_of_kind=bool(kinds) and not (pages or references) and _ALL.issuperset(_beside(content)),
    )


def _beside(content: str) -> list[str]:
    """What is asked for beside kinds of regions."""
    for pattern, _ in _KINDS:
        content = pattern.sub(" ", content)
    return terms(content, stop_words=False)


def _content(text: str) -> str:
    """What is asked, without how to answer it; a year stands apart from the letters before it, as in FY2022.

    >>> _content("What was revenue in FY2022? Please answer in millions.")
    'What was revenue in FY 2022?'
    """
    return _YEAR.sub(r"\1 \2", _INSTRUCTION.sub("", text))

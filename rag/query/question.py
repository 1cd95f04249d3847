"""Reads a question: its terms, and the pages, figures, kinds of region, statements, numbers and names in it."""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import dropwhile, islice, takewhile
from typing import TypeVar

from octavo.ingest import Kind
from octavo.ingest.picture_words import picture_words
from octavo.rag.query import page_references
from octavo.rag.query.analysis import terms
from octavo.rag.query.language import ENGLISH, Language, any_form, any_of, language_of, languages, likely_languages
from octavo.rag.query.patterns import WordPattern
from octavo.rag.query.periods import Period, asks_for_latest, periods
from octavo.rag.query.rules import ALL_RULES, WORDS_ONLY, QueryRules
from octavo.rag.query.statements import StatementRole, statements_asked_for

T = TypeVar("T")

_NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?%?")
_NAME = re.compile(r"(?<![.?!:]\s)(?<!^)\b[A-Z][\w&'’-]*(?:\s+(?:of\s+|the\s+|and\s+)?[A-Z][\w&'’-]*)*")
_CALENDAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_PERIOD_TERM = re.compile(r"(?:19|20)\d\d|[qh][1-4]")
_DENIED = 3
"""Words after one that denies them."""
_YEAR = re.compile(r"\b([FC]Y|[QH][1-4])\W?((?:19|20)\d\d)\b", re.I)


@dataclass(frozen=True, slots=True)
class Query:
    """A question and what it names.

    `language` is the code of its language. `terms` are analyzed content words, stemmed as in that language; `variants`
    are the same as stemmed in others, by their codes. `pages` are page numbers as people say them (from 1; -1 is the
    last page, -2 the one before it) or as they are printed (`iv`, `F-3`). `references` are captions named, such as
    `("figure", "3")`. `numbers` are canonical ("1,577" is "1577"), `names` are capitalized phrases, `years` lie between
    1900 and 2099 and are at most four; `periods` are years and quarters, `latest` is true where it is about the newest
    of a series instead. `kinds` are the kinds of region that it asks for, `roles` the financial
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
    periods: tuple[Period, ...] = ()
    latest: bool = False
    kinds: frozenset[Kind] = frozenset()
    roles: frozenset[StatementRole] = frozenset()
    all_of_kind: bool = False
    picture: bytes | None = None
    words: str = ""
    language: str = ENGLISH
    variants: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def terms_in(self, language: str) -> tuple[str, ...]:
        """Returns the terms as texts of a language are stemmed."""
        return dict(self.variants).get(language, self.terms)

    @property
    def content(self) -> str:
        """The question without how to answer it."""
        return without_instructions(self.text, likely_languages(self.text)).strip() or self.text

    def name_terms(self, stem_as: Collection[str] = ()) -> tuple[str, ...]:
        """Returns the analyzed words of the names, without parts of documents (Figure) and periods (Q2 of FY).

        They are stemmed as in each of the languages `stem_as`, else as in the query's own.
        """
        unnamed = _vocabulary(self.language).unnamed
        results: list[str] = []
        for name in self.names:
            own = terms(name, stop_words=False, language=self.language)
            for code in stem_as or (self.language,):
                stemmed = terms(name, stop_words=False, language=self.language, stem_as=code)
                pairs = zip(own, stemmed, strict=True)
                results += [t for word, t in pairs if not word[0].isdigit() and word not in unnamed]
        return _unique(results)


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """The analyzed words by which questions of a language are read, and its patterns."""

    medium: frozenset[str]
    unnamed: frozenset[str]
    whole: frozenset[str]
    all: frozenset[str]
    kinds: tuple[tuple[WordPattern, tuple[Kind, ...]], ...]
    captions: tuple[tuple[str, WordPattern], ...]
    instructions: WordPattern


@cache
def _vocabulary(code: str) -> _Vocabulary:
    language = languages()[code]
    words, regions = language.document, language.regions
    medium = _analyzed(words.medium, code)
    return _Vocabulary(
        medium=medium,
        unnamed=medium | _analyzed(words.parts, code),
        whole=medium | _analyzed(words.whole, code),
        all=medium | _analyzed(words.all, code),
        kinds=(
            (_any_of(regions.chart), (Kind.CHART, Kind.FIGURE)),
            (_any_of(regions.table), (Kind.TABLE,)),
            (_any_of(regions.figure), (Kind.FIGURE, Kind.CHART)),
            (_any_of(regions.formula), (Kind.FORMULA,)),
        ),
        captions=tuple(
            (name, _any_of(forms, r"\.?\s+(\d+(?:[.-]\d+)*|[A-Z]\b)")) for name, forms in regions.captions.items()
        ),
        instructions=_instructions(language),
    )


def _any_of(words: Sequence[str], behind: str = "") -> WordPattern:
    return WordPattern(lambda: any_form(words) + behind, words=words)


def _analyzed(words: Iterable[str], code: str) -> frozenset[str]:
    return frozenset(t for word in words for t in terms(word, language=code))


def _instructions(language: Language) -> WordPattern:
    """Returns a pattern of sentences beside the question that say how to answer it, or as whom."""
    words = language.instructions

    def source() -> str:
        rest = r"(?:(?:e\.g|i\.e)\.|[^.?!]|\.(?!\s|$))*"
        conditions = "|".join(rf"{any_form(starts)}(?=[^.?!]*{any_form(holds)})" for starts, holds in words.conditions)
        return (
            rf"(?<=[.?!;])\s+(?:{any_form(words.starts)}|{conditions}){rest}(?:[.!](?=\s|$)|$)"
            rf"|(?:^|(?<=[.?!])\s){any_form(words.roles)}[^.?!]*[.!](?=\s)"
        )

    of_conditions = (start for starts, _ in words.conditions for start in starts)
    return WordPattern(source, (*words.starts, *of_conditions, *words.roles), re.NOFLAG)


def parse_query_with_picture(text: str, picture: bytes | None, rules: QueryRules = ALL_RULES) -> Query:
    """Reads a question with a picture: the words in the picture are searched for beside those of the question.

    Words of the question that only name the medium, such as "this chart", are left out where the picture has words. The
    question's words may change what the picture says (composed retrieval): years and quarters of the question take the
    place of the picture's, and what it denies ("Asia instead of Europe", "without taxes") is not searched for. Neither
    are the picture's numbers then, which are those of another year or place.
    """
    if picture is None:
        return parse_query(text, rules)
    words = picture_words(picture)
    of_picture = parse_query(words, WORDS_ONLY)
    if not text.strip():
        return replace(of_picture, text="", picture=picture, words=words)
    query = parse_query(text, rules)
    if of_picture.terms:
        denied = denied_words(text, languages()[query.language])
        query = replace(
            query,
            terms=_joined(query.terms, of_picture.terms, query.language, denied),
            variants=tuple(
                (code, _joined(t, of_picture.terms_in(code), query.language, denied, code))
                for code, t in query.variants
            ),
        )
    return replace(query, picture=picture, words=words)


def _joined(
    of_question: tuple[str, ...], of_picture: tuple[str, ...], language: str, denied: str, stem_as: str = ""
) -> tuple[str, ...]:
    """Returns the terms of a question in a language and of its picture, changed as the question says."""
    denies = set(terms(denied, language=language, stem_as=stem_as or language))
    periods = {term for term in of_question if _PERIOD_TERM.fullmatch(term)}
    if not periods.issubset(of_picture) or not denies.isdisjoint(of_picture):
        of_picture = tuple(t for t in of_picture if not t[0].isdigit() or _PERIOD_TERM.fullmatch(t))
    if periods:
        of_picture = tuple(t for t in of_picture if not _PERIOD_TERM.fullmatch(t))
    dropped = denies | _vocabulary(language).medium
    return _unique((*(t for t in of_question if t not in dropped), *(t for t in of_picture if t not in denies)))


def denied_words(text: str, language: Language) -> str:
    """Returns the words of a question that it denies, or puts something else in the place of.

    >>> denied_words("The same for Asia instead of Europe in 2017, without taxes", languages()["en"])
    'Europe taxes'
    """
    words = language.conditions
    results: list[str] = []
    for match in any_of((*words.without, *words.instead), re.I).finditer(text):
        phrase = re.split(r"[,.;:?!]", text[match.end() :])[0].split()
        content = dropwhile(lambda word: word.lower() in language.function, phrase)
        results += islice(takewhile(lambda word: word.lower() not in language.function, content), _DENIED)
    return " ".join(results)


def parse_query(text: str, rules: QueryRules = ALL_RULES) -> Query:
    """Reads a question by rules.

    >>> q = parse_query("What does Figure 3 on page 14 show for Acme Corp in 2018?")
    >>> q.pages, q.references, q.numbers, q.names
    ((14,), (('figure', '3'),), ('2018',), ('Figure', 'Acme Corp'))
    """
    likely = likely_languages(text)
    code = language_of(text).code
    words_of = _vocabulary(code)
    pages = page_references.pages(text, likely) if rules.pages else ()
    references = caption_references(text, likely) if rules.captions else ()
    rest = _without_references(text, likely) if pages or references else text
    patterns = [pair for language in likely for pair in _vocabulary(language.code).kinds]
    kinds = frozenset(kind for pattern, of_pattern in patterns if pattern.search(text) for kind in of_pattern)
    content = without_instructions(text, likely) if rules.instructions else text
    if rules.years:
        content = _YEAR.sub(r"\1 \2", content)
    words = terms(content, stop_words=False, language=code)
    if rules.whole and words and words_of.whole.issuperset(words) and not (pages or references or kinds):
        pages = (1,)
    dropped = words_of.medium if rules.instructions else frozenset[str]()
    beside = content
    for pattern, _ in patterns:
        beside = pattern.sub(" ", beside)
    of_all_regions = (
        rules.regions
        and kinds
        and not (pages or references)
        and words_of.all.issuperset(terms(beside, stop_words=False, language=code))
    )
    return Query(
        text=text,
        terms=_without_dropped(words, words, dropped),
        pages=pages,
        references=references,
        numbers=_unique(m.replace(",", "").rstrip("%") for m in _NUMBER.findall(rest)) if rules.numbers else (),
        names=_unique(m[0] for m in _NAME.finditer(content)) if rules.names else (),
        years=_unique(int(year) for year in _CALENDAR.findall(text))[:4] if rules.years else (),
        periods=(query_periods := periods(content)) if rules.years else (),
        latest=rules.years and not query_periods and asks_for_latest(content),
        kinds=kinds if rules.kinds or of_all_regions else frozenset(),
        roles=statements_asked_for(text, content) if rules.statements else frozenset(),
        all_of_kind=bool(of_all_regions),
        language=code,
        variants=tuple(
            (other, _without_dropped(words, terms(content, stop_words=False, language=code, stem_as=other), dropped))
            for other in languages()
            if other != code
        ),
    )


def without_instructions(text: str, spoken_languages: Iterable[Language]) -> str:
    """Returns a question without the sentences that say how to answer it; `spoken_languages` are its likely languages.

    >>> without_instructions("What was revenue? Please answer in millions.", [languages()["en"]])
    'What was revenue?'
    >>> without_instructions('Who came? Please write a list, e.g., ["A","B"]', [languages()["en"]])
    'Who came?'
    """
    for language in spoken_languages:
        text = _vocabulary(language.code).instructions.sub("", text)
    return text


def _without_dropped(own: Sequence[str], stemmed: Sequence[str], dropped: Container[str]) -> tuple[str, ...]:
    """Returns a question's terms, `stemmed` as texts of a language, without those that its own language drops."""
    remaining = [other for t, other in zip(own, stemmed, strict=True) if t not in dropped]
    return _unique(remaining or stemmed)


def caption_references(text: str, among: Iterable[Language] | None = None) -> tuple[tuple[str, str], ...]:
    """Returns the captions that a text names, as (English name, number), in their order.

    `among` are the languages that the text may be in.

    >>> caption_references("Figure 3 and Table 2.1 agree."), caption_references("Siehe Abbildung 4")
    ((('figure', '3'), ('table', '2.1')), (('figure', '4'),))
    """
    results = [
        (match.start(), name, match[1])
        for language in among or likely_languages(text)
        for name, pattern in _vocabulary(language.code).captions
        for match in pattern.finditer(text)
    ]
    return _unique((name, number) for _, name, number in sorted(results))


def _without_references(text: str, spoken_languages: Iterable[Language]) -> str:
    spoken_languages = tuple(spoken_languages)
    for language in spoken_languages:
        for _, pattern in _vocabulary(language.code).captions:
            text = pattern.sub(" ", text)
    return page_references.without_pages(text, spoken_languages)


def _unique(values: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))

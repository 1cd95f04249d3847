"""Claims of a model are checked: their numbers and names are looked up in the evidence that they cite."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import pairwise

from octavo.ingest.sentences import split_sentences
from octavo.rag.answering.passages import passages
from octavo.rag.answering.stated_numbers import (
    NUMBER,
    YEAR,
    StatedNumber,
    StatedNumbers,
    located_numbers,
    numbers_of_passage,
    numbers_of_text,
)
from octavo.rag.evidence import Evidence, Unsupported
from octavo.rag.image_source import PageStore

_MARKS = re.compile(r"(?:\s*\[\d+\])+")
_MARK = re.compile(r"\[(\d+)\]")
_CACHED_SOURCES = 64
_LISTED = re.compile(r"\s*\d{1,2}[.)]\s")
_NAME = re.compile(
    r"(?<=[^\W_] |[,;:(„“\"] )[A-Z][\w&’'-]*[^\W_](?:[ -][A-Z][\w&’'-]*[^\W_])+|\b[A-Z]{2,}\d*\b|\b[A-Z]+\d+\b"
)


@dataclass(frozen=True, slots=True)
class CheckedClaims:
    """An answer's text with citations at its numbers, and the claims that the evidence does not hold.

    `moved` are the citations that were moved or added, in words.
    """

    text: str
    unsupported: tuple[Unsupported, ...] = ()
    moved: tuple[str, ...] = ()


class ClaimChecker:
    """Looks up the numbers and names of an answer's sentences in the evidence that they cite."""

    def __init__(self, question: str, evidence: Sequence[Evidence], sources: EvidenceSources) -> None:
        self._evidence, self._read = evidence, sources
        self._sources: list[_Source] = []
        self._question = _Source.of_text(question)
        self._years = frozenset(YEAR.findall(question))

    def prepare(self) -> None:
        """Reads the evidence, if that is not done yet: for the time in which a model still writes."""
        self._sources = self._sources or [self._read.source(e) for e in self._evidence]

    def check(self, text: str) -> CheckedClaims:
        """Returns the answer's text with its citations checked.

        A number that stands in other evidence than is cited takes the citation there; where the cited evidence holds
        another number of the sentence, a citation is added. A number that equals one of the evidence after rounding or
        a change of scale counts as found, and so does what the question says. One that stands only under other years,
        or in another unit or scale, than the claim says is unsupported.
        """
        self.prepare()
        out: list[str] = []
        length = 0
        moved: list[str] = []
        unsupported: list[Unsupported] = []
        for claim in _claims(text):
            cited = {int(n) - 1 for n in _MARK.findall(claim)}
            numbers = [n for n in _numbers(claim, self._years) if not self._question.numbers.find(n.text)]
            changed, moves = _move_citations(claim, cited, numbers, self._sources)
            moved += moves
            for start, fact, reason in [*self._contradicted(changed), *self._unnamed(changed)]:
                unsupported.append(Unsupported(length + start, length + start + len(fact), fact, reason))
            out.append(changed)
            length += len(changed)
        return CheckedClaims("".join(out), tuple(unsupported), tuple(dict.fromkeys(moved)))

    def _contradicted(self, claim: str) -> Iterator[tuple[int, str, str]]:
        for number in _numbers(claim, self._years):
            if not number.is_in(self._question):
                reason = number.contradiction(self._sources)
                if reason is not None:
                    yield number.start, number.text, reason

    def _unnamed(self, claim: str) -> Iterator[tuple[int, str, str]]:
        for match in _matches(_NAME, claim):
            if not any(source.name(match[0]) for source in (self._question, *self._sources)):
                yield match.start(), match[0], ""


def located_facts(text: str) -> list[tuple[int, str]]:
    """Returns the numbers and names of a text that a `ClaimChecker` looks up, each with where it begins.

    >>> located_facts("In 2018 the Rowan Hill Club had 58 members [1].")
    [(3, '2018'), (32, '58'), (12, 'Rowan Hill Club')]
    """
    return [(match.start(), match[0]) for pattern in (NUMBER, _NAME) for match in _matches(pattern, text)]


@dataclass(frozen=True, slots=True)
class _Source:
    """The numbers and the words of a text or of evidence."""

    numbers: StatedNumbers
    words: frozenset[str]

    @classmethod
    def of_text(cls, text: str) -> _Source:
        return cls(StatedNumbers(numbers_of_text(text)), _words(text))

    @classmethod
    def of_evidence(cls, evidence: Evidence, pages: PageStore) -> _Source:
        """Returns numbers of passages as they stand there, of all other text those that no passage has."""
        source_passages = passages(evidence, pages)
        stated = [number for p in source_passages for number in numbers_of_passage(p)]
        values = {number.value for number in stated}
        around = [line for p in source_passages for line in (p.context, p.header.text if p.header else "")]
        pages_named = " ".join(f"{region.page + 1}" for region in evidence.regions)
        texts = [pages_named, evidence.name, evidence.title, evidence.heading, evidence.text, *dict.fromkeys(around)]
        further = [number for number in numbers_of_text("\n".join(texts)) if number.value not in values]
        return cls(StatedNumbers([*stated, *further]), _words("\n".join([*texts, *(p.raw for p in source_passages)])))

    def name(self, text: str) -> bool:
        """Returns true where a word of a name stands there."""
        parts = [p for p in re.findall(r"\w+", text.casefold()) if len(p) > 2] or [text.casefold()]
        return any(part in self.words for part in parts)


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold()))


class EvidenceSources:
    """Numbers and words of evidence on the pages of a store; those of the evidence that was read last are kept."""

    def __init__(self, pages: PageStore) -> None:
        self._read = lru_cache(_CACHED_SOURCES)(partial(_Source.of_evidence, pages=pages))

    def source(self, evidence: Evidence) -> _Source:
        """Returns the source of a piece of evidence, whichever question it was retrieved for."""
        return self._read(replace(evidence, score=0.0, copies=(), notes=""))


@dataclass(frozen=True, slots=True)
class _ClaimedNumber:
    """A number of a claim, where it stands, and what the claim says of it."""

    text: str
    start: int
    stated: tuple[StatedNumber, ...]

    def is_in(self, source: _Source) -> bool:
        """Returns true where the number stands there and nothing said of it differs."""
        return self.contradiction([source]) is None

    def contradiction(self, sources: Sequence[_Source]) -> str | None:
        """Describes how the evidence differs; empty where the number stands nowhere, `None` where it is supported."""
        results = [number for source in sources for number in source.numbers.find(self.text)]
        if any(claimed.scale > 1 for claimed in self.stated):
            results += [number for source in sources for number in source.numbers.find_scaled(self.text)]
        differences = [self._contradiction(number) for number in results]
        return None if "" in differences else next(iter(differences), "")

    def _contradiction(self, number: StatedNumber) -> str:
        same = [m for m in self.stated if m.value == number.value or m.is_amount_of(number)] or self.stated
        return min((number.contradicts(claimed) for claimed in same), default="")


def _numbers(claim: str, asked_years: frozenset[str]) -> list[_ClaimedNumber]:
    """Returns the numbers of a claim.

    One that is the only number is about the claim's only year, or about the question's where the claim has none.
    """
    matches, located = list(_matches(NUMBER, claim)), list(located_numbers(claim))
    years = frozenset(YEAR.findall(claim)) or asked_years
    is_only = sum(not YEAR.fullmatch(match[0]) for match in matches) == 1
    results = []
    for match in matches:
        stated = [number for start, number in located if start == match.start()]
        if is_only and len(years) == 1 and not YEAR.fullmatch(match[0]):
            stated = [n if n.years else replace(n, years=years) for n in stated]
        results.append(_ClaimedNumber(match[0], match.start(), tuple(stated)))
    return results


def _matches(pattern: re.Pattern[str], claim: str) -> Iterator[re.Match[str]]:
    """Yields the numbers or names of a claim, without its citations and a list's number."""
    marks = [m.span() for m in _MARK.finditer(claim)]
    list_mark = _LISTED.match(claim)
    for match in pattern.finditer(claim, list_mark.end() if list_mark else 0):
        if not any(a < match.end() and match.start() < b for a, b in marks):
            yield match


def _claims(text: str) -> Iterator[str]:
    """Yields the claims of a text, with all between them; citations after a full stop go with the sentence before."""
    for line in text.splitlines(keepends=True):
        cuts = [0]
        for sentence in split_sentences(line)[1:]:
            at = line.index(sentence, cuts[-1])
            marks = _MARKS.match(line, at)
            cuts.append(marks.end() if marks else at)
        cuts.append(len(line))
        for a, b in pairwise(cuts):
            yield from _parts(line[a:b])


def _parts(sentence: str) -> Iterator[str]:
    """Yields a sentence in parts that end with their citations; words after the last ones go with them."""
    begin, ends = 0, [mark.end() for mark in _MARKS.finditer(sentence)]
    for end in ends[:-1]:
        if re.search(r"\w", _MARK.sub("", sentence[begin:end])):
            yield sentence[begin:end]
            begin = end
    if sentence[begin:]:
        yield sentence[begin:]


def _move_citations(
    claim: str, cited: set[int], numbers: Sequence[_ClaimedNumber], sources: Sequence[_Source]
) -> tuple[str, list[str]]:
    """Returns the claim with its citations where its numbers stand, and what was moved."""
    if not cited or not numbers:
        return claim, []
    supported = [n for n in numbers if any(n.is_in(sources[e]) for e in cited)]
    away = [n for n in numbers if n not in supported]
    for e, source in enumerate(sources):
        if not away or not all(n.is_in(source) for n in away):
            continue
        quoted = ", ".join(f"“{text}”" for text in dict.fromkeys(n.text for n in away))
        if not supported and len(cited) == 1:
            (old,) = cited
            return claim.replace(f"[{old + 1}]", f"[{e + 1}]"), [f"[{old + 1}] became [{e + 1}], where {quoted} stands"]
        last = [*_MARK.finditer(claim)][-1].end()
        return f"{claim[:last]}[{e + 1}]{claim[last:]}", [f"[{e + 1}] was added, where {quoted} stands"]
    return claim, []

"""Citations `[n]` in a text that is still being written: checked, in one form, and turned into places."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from textwrap import shorten

from octavo.ingest import Box
from octavo.rag.answering.passages import Passage, Place, passages, split_sentences
from octavo.rag.evidence import Citation, Evidence
from octavo.rag.image_source import PageStore
from octavo.rag.query.analysis import terms

_OPEN, _CLOSE = r"[\[［【]", r"[\]］】]"
_WORD = r"(?:evidence|sources?|documents?|docs?|refs?|references?|citations?|passages?|excerpts?|items?)"
_NUMBER = rf"(?:{_WORD}[ \t\xa0]*:?[ \t\xa0]*)?[#^]?\d+"
_PAGE = r"[,:;]?[ \t\xa0]*(?:pages?|pp?\.?)[ \t\xa0]*\d+(?:[-–]\d+)?"
_GAP = r"[ \t\xa0]*"
_LIST = rf"{_NUMBER}(?:{_GAP}(?:[,;&–—-]|and|to){_GAP}{_NUMBER})*"
_CITATION = re.compile(rf"{_OPEN}{_GAP}({_LIST})(?:{_PAGE})?(?:†[^\[\]［］【】]*)?{_GAP}{_CLOSE}\Z", re.I)
_LETTERS = r"(?:and|to|pages?|pp?\.?|" + _WORD[3:]
_UNDECIDED = re.compile(
    rf"(?:{_OPEN}(?:[\d \t\xa0,;:&#^–—-]|{_LETTERS})*(?:[a-z]{{1,10}}|†[^\[\]［］【】\n]*)?)+\Z", re.I
)
_RANGE = re.compile(rf"(\d+){_GAP}(?:[–—-]|to){_GAP}(?:{_WORD}[ \t\xa0]*:?[ \t\xa0]*)?[#^]?(\d+)", re.I)
_BRACKETS = str.maketrans("", "", "[［【")
_MAX_HELD = 300
"""Longer text that is still undecided is no citation; it comes out without its opening brackets."""
_BEGINNING = 300
"""Letters of the beginning that is quoted where all of the evidence is cited."""
_FITS = 0.3
"""The share of a claim's terms, rare ones counting more, that a passage must hold for its box to be cited."""
_MAX_PLACES = 3
_MARK = re.compile(r"(?:\[\d+\])+")


class CitationFilter:
    """Lets text through and citations of evidence 1 to `count` with it; an invented number never comes out.

    `[1, 2]`, `[1-3]`, `【1】` and `[Evidence 1]` come out as `[1][2]` and so on; a citation of nothing goes with the
    space before it; other brackets stay. Text is held back only while it may still become a citation, and any cutting
    of a text into pieces gives the same whole. `invented` are the numbers that were taken out.

    >>> check = CitationFilter(2)
    >>> check.feed("It grew [") + check.feed("1, 2] by 5 [7]. [s") + check.feed("ic]") + check.close()
    'It grew [1][2] by 5. [sic]'
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._held = ""
        self.invented: list[str] = []

    def feed(self, piece: str) -> str:
        """Takes the next piece; gives what is certain by now."""
        out = []
        for char in piece:
            if not self._held and char not in " \t[［【":
                out.append(char)
                continue
            self._held += char
            if char in "]］】":
                self._check()
            elif len(self._held) > _MAX_HELD:
                self._held = self._held.translate(_BRACKETS)
            sure = self._sure()
            out.append(self._held[:sure])
            self._held = self._held[sure:]
        return "".join(out)

    def close(self) -> str:
        """What was held back when the text ended."""
        rest, self._held = self._held, ""
        return rest

    def _check(self) -> None:
        """Puts a citation that has just been closed into its form, or takes it out."""
        start = max(self._held.rfind(mark) for mark in "[［【")
        match = _CITATION.match(self._held, start) if start >= 0 else None
        if match is None:
            return
        text = self._held[:start]
        valid = self._valid(match[1])
        self._held = text + "".join(f"[{n}]" for n in valid) if valid else text.rstrip(" \t")

    def _valid(self, listed: str) -> list[int]:
        """The numbers of `1, 3-5` that there are, in the order of the text."""
        found: dict[int, None] = {}
        at = 0
        for match in re.finditer(r"\d+", listed):
            if match.start() < at:
                continue
            span = _RANGE.match(listed, match.start())
            first, last = sorted((_number(match[0]), _number(span[2] if span else match[0])))
            at = span.end() if span else match.end()
            inside = range(max(1, first), min(self._count, last) + 1)
            if first < 1 or last > self._count:
                self.invented.append(listed[match.start() : at])
            found.update(dict.fromkeys(inside))
        return list(found)

    def _sure(self) -> int:
        """How much of what is held can no longer become part of a citation, nor the space before one."""
        undecided = _UNDECIDED.search(self._held)
        return len((self._held[: undecided.start()] if undecided else self._held).rstrip(" \t"))


def _number(digits: str) -> int:
    return int(digits) if len(digits) < 10 else 10**10


def without_citations(text: str) -> str:
    """A text without anything that looks like a citation.

    >>> without_citations("As shown before [12], it grew.")
    'As shown before, it grew.'
    """
    check = CitationFilter(0)
    return check.feed(text) + check.close()


def cited(text: str, evidence: Sequence[Evidence], pages: PageStore) -> tuple[Citation, ...]:
    """The citations of a checked text, by number: for each the places that fit best what is said before its `[n]`s.

    A number whose places are on several pages has a citation for each.
    """
    claims: dict[int, list[str]] = {}
    claim, last = "", 0
    for mark in _MARK.finditer(text):
        said = [s for line in text[last : mark.start()].splitlines() for s in split_sentences(line.lstrip(" .,;:"))]
        claim = next((s for s in reversed(said) if terms(s, stop_words=False)), claim)
        for number in re.findall(r"\d+", mark[0]):
            claims.setdefault(int(number), []).append(claim)
        last = mark.end()
    found: list[Citation] = []
    for number in sorted(claims):
        source = evidence[number - 1]
        held = passages(source, pages)
        fitting = dict.fromkeys(p for said in dict.fromkeys(claims[number]) for p in _fitting(said, held))
        found += citations(number, source, list(fitting)) if fitting else whole(number, source, held)
    return tuple(found)


def citations(number: int, evidence: Evidence, held: Sequence[Passage]) -> tuple[Citation, ...]:
    """Citations `[number]` of passages, one for each page."""
    places = [place for p in held for place in (*([p.header] if p.header else ()), *p.places)]
    return tuple(
        _citation(number, evidence, page, [p.box for p in places if p.page == page], _said(places, page))
        for page in dict.fromkeys(p.page for p in places)
    )


def whole(number: int, evidence: Evidence, held: Sequence[Passage] = ()) -> tuple[Citation, ...]:
    """Citations `[number]` of all regions of the evidence, one for each page; quoted is how its passages begin."""
    places = [place for p in held for place in p.places]
    return tuple(
        _citation(
            number,
            evidence,
            page,
            [region.box for region in evidence.regions if region.page == page],
            shorten(_said(places, page).replace("\n", " "), _BEGINNING, placeholder=" …"),
        )
        for page in dict.fromkeys(region.page for region in evidence.regions)
    )


def _said(places: Sequence[Place], page: int) -> str:
    return "\n".join(dict.fromkeys(place.text for place in places if place.page == page))


def _citation(number: int, evidence: Evidence, page: int, boxes: Sequence[Box], quote: str) -> Citation:
    return Citation(
        number=number,
        document=evidence.document,
        name=evidence.name,
        page=page,
        boxes=tuple(dict.fromkeys(boxes)),
        quote=quote,
        evidence=evidence.id,
    )


def _fitting(claim: str, held: Sequence[Passage]) -> list[Passage]:
    """The passages that a claim rests on: the one that holds most of it, then those that add to it, at most three."""
    bags = [set(terms(f"{p.context}\n{p.raw}" if p.header else p.raw, stop_words=False)) for p in held]
    frequency = Counter(t for bag in bags for t in bag)
    weight = {
        t: math.log(1 + len(bags) / (0.5 + frequency[t])) * (2 if any(c.isdigit() for c in t) else 1)
        for t in set(terms(claim, stop_words=False))
    }
    enough = _FITS * sum(weight.values())
    chosen: list[int] = []
    while weight and len(chosen) < _MAX_PLACES:
        gains = [_gain(weight, bag) for bag in bags]
        best = max(range(len(bags)), key=lambda n: gains[n] / (1 + len(bags[n])) ** 0.15, default=None)
        if best is None or gains[best] <= 0 or gains[best] < enough:
            break
        chosen.append(best)
        weight = {t: w for t, w in weight.items() if t not in bags[best]}
    return [held[n] for n in sorted(chosen)]


def _gain(weight: dict[str, float], bag: Iterable[str]) -> float:
    return sum(weight.get(t, 0.0) for t in bag)

"""Citations `[n]` in a text that is still being written: checked, in one form, and turned into places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from textwrap import shorten

from octavo.ingest import Box
from octavo.ingest.sentences import split_sentences
from octavo.ingest.table import NOWHERE
from octavo.rag.answering.passages import Passage, Place, passages
from octavo.rag.answering.stated_numbers import NUMBER, readings
from octavo.rag.answering.weights import term_weights
from octavo.rag.entry import CONCEPT
from octavo.rag.evidence import Citation, Evidence
from octavo.rag.image_source import PageStore
from octavo.rag.query.analysis import terms

_WORDS = "evidence|sources?|documents?|docs?|refs?|references?|citations?|passages?|excerpts?|items?"
_WORD = rf"(?:{_WORDS})"
_SOURCE_WORD = r"(?:evidence|sources?|refs?|references?|citations?)"
_GAP = r"[ \t\xa0]*"
_NUMBER = rf"(?:{_WORD}{_GAP}:?{_GAP})?[#^]?\d+\^?"
_PAGE = rf"[,:;]?{_GAP}(?:pages?|pp?\.?){_GAP}\d+(?:[-–]\d+)?"
_LIST = rf"{_NUMBER}(?:{_GAP}(?:[,;&–—-]|and|to){_GAP}{_NUMBER})*"
_FORMS = cache(
    lambda: re.compile(
        rf"\\?[\[［【]{_GAP}(?P<bracket>{_LIST})(?:{_PAGE})?(?:†[^\[\]［］【】\n]*)?{_GAP}\\?[\]］】]"
        rf"|\({_GAP}(?={_SOURCE_WORD})(?P<paren>{_LIST})(?:{_PAGE})?{_GAP}\)"
        rf"|<sup>{_GAP}(?:\\?\[)?{_GAP}(?P<sup>{_LIST}){_GAP}(?:\\?\])?{_GAP}</sup>"
        rf"|\$\^\{{{_GAP}\\?\[(?P<math>{_LIST})\\?\]{_GAP}\}}\$",
        re.I,
    )
)
"""The forms that models give to citations, compiled when a text may have one."""
_LINK = re.compile(r"\([^()\s]{0,200}[./#:][^()\s]{0,200}\)")
_OPENING = re.compile(r"\\?[\[［【]|\\\Z|\(|<(?=s|\Z)|\$(?=\^|\Z)")
_INSIDE = rf"(?:[\d \t\xa0,;:&#^–—-]|and|to|pages?|pp?\.?|{_WORDS})*+"
_NESTED = re.compile(rf"\\?[\[［【]{_INSIDE}[a-z]{{0,10}}", re.I)
_UNFINISHED = cache(
    lambda: re.compile(
        rf"\\?[\[［【]{_INSIDE}(?:[a-z]{{0,10}}|†[^\[\]［］【】\n]*)\\?|\\"
        rf"|\({_GAP}(?:[a-z]{{0,10}}|{_SOURCE_WORD}{_INSIDE}[a-z]{{0,10}})"
        rf"|<s?u?p?|<sup>(?:\\?\[)?{_INSIDE}[a-z]{{0,10}}\\?\]?{_GAP}(?:</?s?u?p?)?"
        rf"|\$\^?\{{?|\$\^\{{{_GAP}\\?\[?{_INSIDE}[a-z]{{0,10}}\\?\]?{_GAP}\}}?",
        re.I,
    )
)
"""Beginnings of text that may become a citation with the next piece."""
_RANGE = re.compile(rf"(\d+){_GAP}(?:[–—-]|to){_GAP}(?:{_WORD}{_GAP}:?{_GAP})?[#^]?(\d+)", re.I)
_EXPONENT = re.compile(r"(?:\d|(?<![^\W\d_])[^\W\d_]{1,2})\Z")
"""Text before an exponent: a number, or a unit such as `km`."""
_BRACKETS = str.maketrans("", "", "[［【")
_MAX_HELD = 300
"""Longer text that is still undecided is no citation; it comes out without its opening bracket."""
_MAX_NESTED = 40
"""Letters from an opening bracket to one inside of it, up to which a citation taken out may make another."""
_BLOCK = 1_000
"""Letters that are looked at together."""
_BEGINNING = 300
"""Letters of the beginning that is quoted where all of the evidence is cited."""
_FITS = 0.3
"""The share of a claim's terms, rare ones counting more, that a passage must hold for its box to be cited."""
_MAX_PLACES = 3
_MARK = re.compile(r"(?:\[\d+\])+")


class CitationFilter:
    r"""Lets text through and citations of evidence 1 to `count` with it; an invented number never comes out.

    `[1, 2]`, `[1-3]`, `【1】`, `[^1]`, `\[1\]`, `[1](report.pdf)`, `(Evidence 1)` and `<sup>1</sup>` come out as
    `[1][2]` and so on; a citation of nothing goes with the space before it; other brackets stay, and so do exponents.
    Text is held back only while it may still become a citation, and any cutting of the text into pieces gives the
    same. The work grows with the text's length.

    >>> citations = CitationFilter(3)
    >>> [citations.feed(piece) for piece in ("It grew [", "1, 2", "] and fell [9].")]
    ['It grew', '', ' [1][2] and fell.']
    >>> citations.invented
    ['9']
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._held = self._last = ""
        self.invented: list[str] = []

    def feed(self, piece: str) -> str:
        """Takes the next piece; gives what may be shown by now."""
        out: list[str] = []
        for at in range(0, len(piece), _BLOCK):
            self._held += piece[at : at + _BLOCK]
            out.append(self._release(ended=False))
        return "".join(out)

    def close(self) -> str:
        """Returns the text that was held back until the end."""
        return self._release(ended=True)

    def _release(self, *, ended: bool) -> str:
        text, out = self._held, [""]
        start_of_rest = at = 0
        chain: int | None = None
        inner = 0
        hold = len(text)
        while opening := _OPENING.search(text, at):
            start = opening.start()
            if chain is not None and not _NESTED.fullmatch(text, inner, start):
                chain = None
            elif chain is not None and start - chain > _MAX_NESTED:
                out.append(text[start_of_rest:start].translate(_BRACKETS))
                start_of_rest, chain = start, None
            match = _FORMS().match(text, start, start + _MAX_HELD)
            end = self._end(text, match, ended) if match else None
            if match and end is None:
                hold = start if chain is None else chain
                break
            numbers = (
                self._listed_numbers(match, self._last + "".join(out[-2:])[-4:] + text[start_of_rest:start])
                if match
                else None
            )
            if numbers is None:
                window = text[start : start + _MAX_HELD + 1]
                if not ended and _UNFINISHED().fullmatch(window):
                    if len(window) <= _MAX_HELD:
                        hold = start if chain is None else chain
                        break
                    out.append(text[start_of_rest:start])
                    start_of_rest = at = opening.end()
                    continue
                if opening[0][-1] in "[［【":
                    chain, inner = start if chain is None else chain, start
                at = opening.end()
                continue
            assert end is not None
            if numbers:
                out.append(text[start_of_rest:start] + "".join(f"[{n}]" for n in numbers))
                start_of_rest = at = end
            else:
                begin = start_of_rest + len(text[start_of_rest:start].rstrip(" \t"))
                text = text[:begin] + text[end:]
                at = begin if chain is None else min(chain, begin)
                hold = len(text)
            chain = None
        released = text[start_of_rest:hold]
        emitted = released if ended else released.rstrip(" \t")
        emitted += released[len(emitted) : max(len(emitted), len(released) - _MAX_HELD)]
        self._held = "" if ended else text[start_of_rest + len(emitted) :]
        output = "".join(out) + emitted
        self._last = (self._last + output)[-4:]
        return output

    def _end(self, text: str, match: re.Match[str], ended: bool) -> int | None:
        """Returns the end of a citation, with a link that belongs to it; `None` where that cannot be told yet."""
        end = match.end()
        if match["bracket"] is None or (ended and end == len(text)):
            return end
        if link := _LINK.match(text, end):
            return link.end()
        undecided = end == len(text) or (text[end] == "(" and re.fullmatch(r"\([^()\s]{0,402}", text[end:]))
        return None if undecided and not ended else end

    def _listed_numbers(self, match: re.Match[str], before: str) -> list[int] | None:
        """Returns the numbers that a citation names, of those that there are; `None` for what is none."""
        numbers = next(group for group in match.groups() if group is not None)
        valid, invented = self._numbers(numbers)
        if match["bracket"] is None and match["math"] is None and invented:
            return None
        if match["sup"] is not None and _EXPONENT.search(before):
            return None
        self.invented += invented
        return valid

    def _numbers(self, text: str) -> tuple[list[int], list[str]]:
        """Returns the numbers of `1, 3-5` that there are, in the order of the text, and what else is listed."""
        result: dict[int, None] = {}
        invented: list[str] = []
        at = 0
        for match in re.finditer(r"\d+", text):
            if match.start() < at:
                continue
            span = _RANGE.match(text, match.start())
            first, last = sorted((_number(match[0]), _number(span[2] if span else match[0])))
            at = span.end() if span else match.end()
            inside = range(max(1, first), min(self._count, last) + 1)
            if first < 1 or last > self._count:
                invented.append(text[match.start() : at])
            result.update(dict.fromkeys(inside))
        return list(result), invented


def _number(digits: str) -> int:
    return int(digits) if len(digits) < 10 else 10**10


def without_citations(text: str) -> str:
    """Returns a text without anything that looks like a citation.

    >>> without_citations("As shown before [12], it grew.")
    'As shown before, it grew.'
    """
    check = CitationFilter(0)
    return check.feed(text) + check.close()


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer that cites evidence by its `number`, and the passages that fit its words, best parts."""

    text: str
    number: int
    evidence: Evidence
    fitting: tuple[Passage, ...]


def find_claims(text: str, evidence: Sequence[Evidence], pages: PageStore) -> list[Claim]:
    """Returns the claims of a checked text by the number that they cite, each once for each number."""
    claims: dict[int, dict[str, None]] = {}
    claim, last = "", 0
    for mark in _MARK.finditer(text):
        before = [s for line in text[last : mark.start()].splitlines() for s in split_sentences(line.lstrip(" .,;:"))]
        claim = next((s for s in reversed(before) if terms(s, stop_words=False)), claim)
        for number in re.findall(r"\d+", mark[0]):
            claims.setdefault(int(number), {})[claim] = None
        last = mark.end()
    results = []
    for number in sorted(claims):
        source = evidence[number - 1]
        source_passages = passages(source, pages)
        for sentence in claims[number]:
            fitting = tuple(_cells(p, sentence) for p in _best_passages(sentence, source_passages))
            results.append(Claim(sentence, number, source, fitting))
    return results


def cite_claims(
    claims: Sequence[Claim], pages: PageStore, places: Sequence[Sequence[Place]] = ()
) -> tuple[Citation, ...]:
    """Returns the citations of claims by number: of each its `places`, else the passages that match it best.

    Claims with the same places share their citation; one whose places are on several pages has one for each page.
    Evidence none of whose claims has a place is cited by all its regions.
    """
    result: dict[Citation, None] = {}
    places = places or [()] * len(claims)
    for number, group in groupby(zip(claims, places, strict=True), key=lambda pair: pair[0].number):
        citations: list[Citation] = []
        for claim, own in group:
            source = claim.evidence
            citations += cite_places(number, source, own) if own else cite_passages(number, source, claim.fitting)
        result.update(dict.fromkeys(citations or cite_regions(number, source, passages(source, pages))))
    return tuple(result)


def cite_text(text: str, evidence: Sequence[Evidence], pages: PageStore) -> tuple[Citation, ...]:
    """Returns the citations of a checked text by number: for each claim the places that match it best."""
    return cite_claims(find_claims(text, evidence, pages), pages)


def _cells(passage: Passage, claim: str) -> Passage:
    """Returns a table row as the cells with the claim's numbers, the row's label, and the cells that name them.

    It stays whole where no cell holds one, or where its cells are not known.
    """
    row, place = passage.row, passage.places[0]
    claimed = {value for match in NUMBER.finditer(claim) for value in readings(match[0])}
    chosen = [
        cell
        for cell in (row.values if row else ())
        if cell.box != place.box and any(claimed & readings(match[0]) for match in NUMBER.finditer(cell.text))
    ]
    if row is None or not chosen:
        return passage
    head = passage.header.text if passage.header else ""
    heads = [Place(place.page, box, head) for cell in chosen for box in cell.heads if head]
    boxes = [row.cells[0].box, *(cell.box for cell in chosen)]
    return replace(passage, header=None, places=(*heads, *(Place(place.page, box, place.text) for box in boxes)))


def cite_passages(number: int, evidence: Evidence, source_passages: Sequence[Passage]) -> tuple[Citation, ...]:
    """Returns citations `[number]` of passages, one for each page."""
    places = [place for p in source_passages for place in (*([p.header] if p.header else ()), *p.places)]
    return cite_places(number, evidence, places)


def cite_places(number: int, evidence: Evidence, places: Sequence[Place]) -> tuple[Citation, ...]:
    """Returns citations `[number]` of places, one for each page."""
    return tuple(
        _citation(number, evidence, page, [p.box for p in places if p.page == page], _quote_of(places, page))
        for page in dict.fromkeys(p.page for p in places)
    )


def cite_regions(number: int, evidence: Evidence, source_passages: Sequence[Passage] = ()) -> tuple[Citation, ...]:
    """Returns citations `[number]` of all regions of the evidence, one for each page, with the passages' beginnings."""
    places = [place for p in source_passages for place in p.places]
    noted = {place.page for place in places} - {place.page for place in places if place.box.area}
    return tuple(
        _citation(
            number,
            evidence,
            page,
            [NOWHERE] if page in noted else [region.box for region in evidence.regions if region.page == page],
            shorten(_quote_of(places, page).replace("\n", " "), _BEGINNING, placeholder=" …"),
        )
        for page in dict.fromkeys(region.page for region in evidence.regions)
    )


def _quote_of(places: Sequence[Place], page: int) -> str:
    return "\n".join(dict.fromkeys(place.text for place in places if place.page == page))


def _citation(number: int, evidence: Evidence, page: int, boxes: Sequence[Box], quote: str) -> Citation:
    """Returns a citation of boxes on a page; empty ones alone are those of its notes."""
    areas = tuple(dict.fromkeys(box for box in boxes if box.area))
    return Citation(
        number=number,
        document=evidence.document,
        name=evidence.name,
        page=page,
        boxes=areas,
        quote=quote,
        evidence=evidence.id,
        part="" if areas or not boxes else "concept" if evidence.document.startswith(CONCEPT) else "speaker notes",
    )


def _best_passages(claim: str, source_passages: Sequence[Passage]) -> list[Passage]:
    """Returns the passages that a claim rests on: the one with most of it, then those that add to it, at most three."""
    bags = [set(terms(f"{p.context}\n{p.raw}" if p.header else p.raw, stop_words=False)) for p in source_passages]
    weight = term_weights(set(terms(claim, stop_words=False)), bags)
    enough = _FITS * sum(weight.values())
    chosen: list[int] = []
    while weight and len(chosen) < _MAX_PLACES:
        gains = [_gain(weight, bag) for bag in bags]
        best = max(range(len(bags)), key=lambda n: gains[n] / (1 + len(bags[n])) ** 0.15, default=None)
        if best is None or gains[best] <= 0 or (gains[best] < enough and not _shares_number(weight, bags[best])):
            break
        chosen.append(best)
        weight = {t: w for t, w in weight.items() if t not in bags[best]}
    return [source_passages[n] for n in sorted(chosen)]


def _shares_number(weight: Iterable[str], bag: Iterable[str]) -> bool:
    """Returns true if a passage holds a number of the claim, which then tells its place in any language."""
    return any(any(c.isdigit() for c in t) for t in set(weight) & set(bag))


def _gain(weight: dict[str, float], bag: Iterable[str]) -> float:
    return sum(weight.get(t, 0.0) for t in bag)

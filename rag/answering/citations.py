"""Claims of an answer: the places of the evidence that fit what each sentence says, as citations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from textwrap import shorten

from octavo.ingest import Box
from octavo.ingest.sentences import split_sentences
from octavo.ingest.table import NOWHERE
from octavo.rag.answering.claim_regions import RegionFit, likeliest_region
from octavo.rag.answering.passage_lines import Place
from octavo.rag.answering.passages import Passage, passages
from octavo.rag.answering.stated_numbers import NUMBER, readings
from octavo.rag.answering.weights import term_weights
from octavo.rag.entry import CONCEPT
from octavo.rag.evidence import Citation, Evidence
from octavo.rag.image_source import PageStore
from octavo.rag.query.analysis import terms

_BEGINNING = 300
"""Letters of the beginning that is quoted where all of the evidence is cited."""
_FITS = 0.3
"""The share of a claim's terms, rare ones counting more, that a passage must hold for its box to be cited."""
_MAX_PLACES = 3
_MARK = re.compile(r"(?:\[\d+\])+")


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer that cites evidence by its `number`, and the passages that fit its words, best parts.

    `region` is the place that it points to together with its question, where its words fit no passage there.
    """

    text: str
    number: int
    evidence: Evidence
    fitting: tuple[Passage, ...]
    region: Place | None = None


def find_claims(text: str, evidence: Sequence[Evidence], pages: PageStore, question: str = "") -> list[Claim]:
    """Returns the claims of a checked text by the number that they cite, each once for each number.

    Words of the `question` that it answers tell which of several regions with a claim's words is meant.
    """
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
            fit = likeliest_region(sentence, question, source, pages) if question and sentence else None
            inside = [n for n, p in enumerate(source_passages) if _is_in(p, fit)] if fit else None
            fitting = tuple(_cells(p, sentence) for p in _best_passages(sentence, source_passages, inside))
            region = Place(fit.page, fit.element.box, _beginning(fit.element.text)) if fit and not fitting else None
            results.append(Claim(sentence, number, source, fitting, region))
    return results


def cite_claims(
    claims: Sequence[Claim], pages: PageStore, places: Sequence[Sequence[Place]] = ()
) -> tuple[Citation, ...]:
    """Returns the citations of claims by number: of each its `places`, else its passages, else its region.

    Claims with the same places share their citation; one whose places are on several pages has one for each page.
    Evidence none of whose claims has a place is cited by all its regions.
    """
    result: dict[Citation, None] = {}
    places = places or [()] * len(claims)
    for number, group in groupby(zip(claims, places, strict=True), key=lambda pair: pair[0].number):
        citations: list[Citation] = []
        for claim, own in group:
            source = claim.evidence
            places_of_claim = own or ([claim.region] if claim.region else [])
            citations += (
                cite_places(number, source, places_of_claim)
                if places_of_claim
                else cite_passages(number, source, claim.fitting)
            )
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
            _beginning(_quote_of(places, page)),
        )
        for page in dict.fromkeys(region.page for region in evidence.regions)
    )


def _beginning(text: str) -> str:
    return shorten(text.replace("\n", " "), _BEGINNING, placeholder=" …")


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


def _is_in(passage: Passage, fit: RegionFit) -> bool:
    return any(place.page == fit.page and place.box.coverage(fit.element.box) > 0.5 for place in passage.places)


def _best_passages(
    claim: str, source_passages: Sequence[Passage], inside: Sequence[int] | None = None
) -> list[Passage]:
    """Returns the passages that a claim rests on: the one with most of it, then those that add to it, at most three.

    The first is one of the numbers `inside`, where they are given.
    """
    bags = [set(terms(f"{p.context}\n{p.raw}" if p.header else p.raw, stop_words=False)) for p in source_passages]
    weight = term_weights(set(terms(claim, stop_words=False)), bags)
    enough = _FITS * sum(weight.values())
    chosen: list[int] = []
    while weight and len(chosen) < _MAX_PLACES:
        gains = [_gain(weight, bag) for bag in bags]
        open_to = range(len(bags)) if chosen or inside is None else inside
        best = max(open_to, key=lambda n: gains[n] / (1 + len(bags[n])) ** 0.15, default=None)
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

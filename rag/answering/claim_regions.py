"""The region of a page that a claim rests on, told by its words, those of its question, and what the regions are.

From coarse to fine, as HiVG (arXiv 2404.13400) goes: the region first, then the lines in it that hold the claim's
words. Those of a short claim, such as a number, stand in many places; its question tells which one is meant.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from octavo.ingest import Element, Page
from octavo.ingest.model import HEADINGS, PICTURES
from octavo.rag.answering.passages import elements_of
from octavo.rag.answering.weights import term_weights
from octavo.rag.evidence import Evidence
from octavo.rag.image_source import PageStore
from octavo.rag.query.analysis import terms

QUESTION, PICTURE, AREA = 0.69, 3.3, 0.77
"""Weights beside the claim's terms, fitted by `octavo.eval.tried grounding` on the documents to tune on of two sets.

The fit of `PICTURE` is 4.95; 3.3 is the least of a grid, looked at on all documents, that places those claims alike and
sentences better.
"""
_LEAST = 12
"""Regions among which a term counts as rare at least, so that it weighs as much in evidence of two regions."""
_TELLING_DIGITS = 3
"""Digits from which a number tells its place better than a word does."""


@dataclass(frozen=True, slots=True)
class RegionFit:
    """How well an element of a page fits a claim.

    `claim` and `question` are the weights of their terms that it holds, rare ones weighing more; `picture` is 1 for a
    figure, a chart and a table, else 0; `area` is the logarithm of its share of the page.
    """

    page: int
    element: Element
    claim: float
    question: float
    picture: float
    area: float

    @property
    def score(self) -> float:
        """The fit as one number, higher is better."""
        return self.claim + QUESTION * self.question + PICTURE * self.picture + AREA * self.area


def likeliest_region(claim: str, question: str, evidence: Evidence, pages: PageStore) -> RegionFit | None:
    """Returns the region of evidence that fits a claim best; `None` where none holds a word of claim or question."""
    fits = [fit for fit in region_fits(claim, question, evidence, pages) if fit.claim or fit.question]
    return max(fits, key=lambda fit: fit.score, default=None)


def region_fits(claim: str, question: str, evidence: Evidence, pages: PageStore) -> list[RegionFit]:
    """Returns the fit of each region of evidence, in reading order."""
    regions = list(_regions(evidence, pages))
    bags = [bag for *_, bag in regions]
    wide = [bag | frozenset(terms(heading)) for _, _, heading, bag in regions]
    others: list[frozenset[str]] = [frozenset()] * (_LEAST - len(regions))
    claimed = frozenset(terms(claim, stop_words=False))
    of_claim = {t: _telling(t) * w for t, w in term_weights(claimed, [*bags, *others]).items()}
    of_question = term_weights(frozenset(terms(question, stop_words=False)) - claimed, [*wide, *others])
    return [
        RegionFit(
            page.number,
            element,
            _gain(of_claim, bag),
            _gain(of_question, around),
            float(element.kind in PICTURES),
            math.log(max(element.box.area / page.box.area, 1e-4)),
        )
        for (page, element, _, bag), around in zip(regions, wide, strict=True)
    ]


def _regions(evidence: Evidence, pages: PageStore) -> Iterator[tuple[Page, Element, str, frozenset[str]]]:
    """Yields the elements of evidence with their page, the heading above, and the terms in them and their caption."""
    for number in dict.fromkeys(region.page for region in evidence.regions):
        page, heading = pages.page(evidence.document, number), ""
        captions = {e.about: e.text for e in page.elements if e.about is not None}
        for element in elements_of(page, evidence):
            text = f"{element.text}\n{captions.get(element.index, '')}"
            yield page, element, heading, frozenset(terms(text, stop_words=False))
            heading = element.text if element.kind in HEADINGS else heading


def _telling(term: str) -> float:
    """Returns what a term weighs beside `term_weights`, where all numbers count twice: short ones stand anywhere."""
    digits = sum(c.isdigit() for c in term)
    return 0.5 if 0 < digits < _TELLING_DIGITS else 1.0


def _gain(weight: dict[str, float], bag: Iterable[str]) -> float:
    return sum(weight.get(term, 0.0) for term in bag)

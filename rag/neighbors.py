"""Neighbors of figures and tables: the paragraphs that speak of one, as further evidence for a model (MMGL)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from octavo.ingest import Element, Kind, Page, Region
from octavo.ingest.model import PICTURES
from octavo.ingest.store.documents import DocumentStore
from octavo.rag.entry import EntryId, Level
from octavo.rag.evidence import Evidence
from octavo.rag.query.question import caption_references

REACH = 5
"""Pages before and after a figure on which paragraphs that refer to it are looked for."""


def referring_paragraphs(
    library: DocumentStore, evidence: Sequence[Evidence], most: int, pages: tuple[int, int] | None = None
) -> list[Evidence]:
    """Returns up to `most` paragraphs for each figure and table of the evidence that name it by its number.

    They stand on the `pages` that are asked about, from the first to the last, the nearest pages first. A paragraph
    that stands in the evidence is left out, and so is evidence of no document of the library, such as a concept.
    "Multimodal Graph Learning for
    Generative Tasks" (arXiv 2310.07478) gives a model the neighbors of what it writes about.
    """
    places = {(e.document, region.page, region.element) for e in evidence for region in e.regions}
    results: list[Evidence] = []
    for e, page, figure in _figures(library, evidence):
        names = {name for caption in page.elements if caption.about == figure.index for name in _names(caption)}
        count = 0
        first, last = pages or (0, page.number + REACH)
        near = [n for n in _nearest(page.number, library.info(e.document).pages) if first <= n <= last]
        for number in near if names else ():
            for paragraph in library.page(e.document, number).elements:
                place = (e.document, number, paragraph.index)
                if count < most and place not in places and paragraph.kind is Kind.TEXT and names & _names(paragraph):
                    places.add(place)
                    count += 1
                    results.append(_evidence(e, number, paragraph))
    return results


def _figures(library: DocumentStore, evidence: Sequence[Evidence]) -> Iterator[tuple[Evidence, Page, Element]]:
    """Yields the figures and tables of the evidence, each once, with their pages."""
    places: set[tuple[str, int, int]] = set()
    documents = library.names({e.document for e in evidence})
    for e in evidence:
        for region in e.regions if e.document in documents else ():
            page = library.page(e.document, region.page)
            for element in page.elements:
                place = (e.document, region.page, element.index)
                if element.index == region.element and element.kind in PICTURES and place not in places:
                    places.add(place)
                    yield e, page, element


def _names(element: Element) -> set[tuple[str, str]]:
    return set(caption_references(element.text))


def _nearest(page: int, pages: int) -> list[int]:
    """Returns the numbers of a page and of those around it, the nearest first."""
    return sorted(range(max(0, page - REACH), min(pages, page + REACH + 1)), key=lambda n: (abs(n - page), n))


def _evidence(beside: Evidence, page: int, paragraph: Element) -> Evidence:
    return Evidence(
        id=EntryId.of_element(beside.document, page, paragraph.index),
        level=Level.ELEMENT,
        document=beside.document,
        name=beside.name,
        title=beside.title,
        page=page,
        heading="",
        text=paragraph.text,
        regions=(Region(page, paragraph.box, paragraph.index),),
        score=beside.score,
        kind=paragraph.kind,
    )

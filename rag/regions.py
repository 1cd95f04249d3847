"""Parts of pages that a question is about, as evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from octavo.ingest import Box, Kind, OctavoError, Page, Region
from octavo.ingest.store.documents import DocumentStore
from octavo.rag.entry import EntryId, Level
from octavo.rag.evidence import Evidence

SMALLEST = 2.0
"""Points that a region's sides have at least."""
AROUND_POINT = 0.12
"""The part of a page's longer side around a point under which no element is."""


@dataclass(frozen=True, slots=True)
class PageRegion:
    """A box (PDF points) on a page (from 0) of a document, which is named by its id, file name or path.

    A box without width and height is a point: it stands for the smallest element under it, or for what is around it.

    >>> region = PageRegion("note.txt", 0, Box(0, 0, 595, 400))
    >>> pipeline.ask("What was capital expenditure?", region=region).citations[0].name
    'note.txt'
    """

    document: str
    page: int
    box: Box


PageRegions = PageRegion | Sequence[PageRegion]
"""One region or several."""


def each_region(regions: PageRegions | None) -> tuple[PageRegion, ...]:
    """Returns regions as a tuple, which is empty for none."""
    if regions is None:
        return ()
    return (regions,) if isinstance(regions, PageRegion) else tuple(regions)


def find_region(library: DocumentStore, region: PageRegion) -> PageRegion:
    """Returns a region cut at the edges of its page, with the document's id; of a point, its element's.

    Raises `LibraryError` for a page that is not there, and `OctavoError` for a box that holds nothing.
    """
    document = region.document if library.has(region.document) else library.find(region.document).id
    page = library.page(document, region.page)
    box = region.box
    if box.width == box.height == 0:
        under = [e.box for e in page.elements if e.box.x0 <= box.x0 <= e.box.x1 and e.box.y0 <= box.y0 <= e.box.y1]
        half = AROUND_POINT / 2 * max(page.width, page.height)
        around = Box(box.x0 - half, box.y0 - half, box.x0 + half, box.y0 + half)
        box = min(under, key=lambda element_box: element_box.area, default=around)
    box = box & page.box
    if not (box.width >= SMALLEST and box.height >= SMALLEST):
        raise OctavoError("The box is too small: draw it around what you mean.")
    return PageRegion(document, region.page, box)


def region_words(page: Page, box: Box) -> str:
    """Returns the text of the lines that lie in a box for more than half.

    Those of a figure's caption come with the figure.
    """
    inside = [line.text for e in page.elements for line in e.lines if line.box.coverage(box) > 0.5]
    figures = {e.index for e in page.elements if e.box.coverage(box) > 0.5}
    captions = [e.text for e in page.elements if e.about in figures and e.about is not None]
    return "\n".join(dict.fromkeys([*inside, *captions]))


def region_evidence(library: DocumentStore, region: PageRegion) -> Evidence:
    """Returns what lies in a region as evidence with relevancy 1, as the asker pointed at it."""
    region = find_region(library, region)
    page, info = library.page(region.document, region.page), library.info(region.document)
    inside = [e.index for e in page.elements if any(line.box.coverage(region.box) > 0.5 for line in e.lines)]
    return Evidence(
        id=EntryId.of_region(region.document, region.page, "region"),
        level=Level.ELEMENT,
        document=region.document,
        name=info.name,
        title=info.title,
        page=region.page,
        heading="",
        text=region_words(page, region.box),
        regions=tuple(Region(region.page, region.box, index) for index in inside) or (Region(region.page, region.box),),
        score=1.0,
        kind=Kind.FIGURE,
    )

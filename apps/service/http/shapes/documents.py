"""Documents, pages and elements."""

from __future__ import annotations

from typing import Any

from octavo.apps.service.http.shapes.answers import BoxOut
from octavo.apps.service.http.shapes.common import Shape, image_url
from octavo.ingest import Element, Kind, Page
from octavo.ingest.model import TextSource
from octavo.ingest.table import Table


class DocumentOut(Shape):
    """A document of a collection."""

    id: str
    name: str
    title: str
    media_type: str
    pages: int
    added_at: str
    metadata: dict[str, Any]
    problems: list[str]
    outdated: bool


class LineOut(Shape):
    """A line of text, or a row of a table, and where it stands."""

    text: str
    box: BoxOut


class ElementOut(Shape):
    """A region of a page: what it is, where it stands, what it says.

    `caption_of` is, for a caption, the index of the figure or table on the same page that it belongs to.
    """

    index: int
    kind: Kind
    box: BoxOut
    text: str
    markdown: str
    caption_of: int | None
    lines: list[LineOut]
    table: Table | None

    @classmethod
    def of_element(cls, element: Element) -> ElementOut:
        """Returns an element of a page."""
        return cls.of(element, caption_of=element.about, lines=[LineOut.of(line) for line in element.lines])


class StoredPageOut(Shape):
    """A page; `image` is the address of its screenshot of `image_width` × `image_height` pixels.

    `source` is where its text comes from: text-layer, ocr, mixed or none.
    """

    page: int
    page_number: int
    label: str
    width: float
    height: float
    text: str
    source: TextSource
    notes: str
    hidden: bool
    problem: str
    image: str
    image_width: int
    image_height: int
    elements: list[ElementOut] | None

    @classmethod
    def of_page(cls, page: Page, collection: str, document: str, *, elements: bool) -> StoredPageOut:
        """Returns a page of a document, with its elements where they are asked for."""
        return cls.of(
            page,
            page=page.number,
            page_number=page.number + 1,
            image=image_url(collection, document, page.number),
            elements=[ElementOut.of_element(element) for element in page.elements] if elements else None,
        )

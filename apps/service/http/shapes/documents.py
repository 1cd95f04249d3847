"""Documents, pages and elements."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from octavo.apps.service.http.shapes.common import Shape, image_url
from octavo.ingest import Element, Kind, Page


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


class ElementOut(BaseModel):
    """A region of a page: what it is, where it stands, what it says."""

    index: int
    kind: Kind
    box: tuple[float, float, float, float]
    text: str
    markdown: str
    caption_of: int | None = None

    @classmethod
    def of(cls, element: Element) -> ElementOut:
        return cls(
            index=element.index,
            kind=element.kind,
            box=tuple(element.box),
            text=element.text,
            markdown=element.markdown,
            caption_of=element.about,
        )


class StoredPageOut(BaseModel):
    """A page; `image` is the address of its screenshot."""

    page: int
    page_number: int
    label: str
    width: float
    height: float
    text: str
    notes: str
    problem: str
    image: str
    elements: list[ElementOut] | None = None

    @classmethod
    def of(cls, page: Page, collection: str, document: str, *, elements: bool) -> StoredPageOut:
        return cls(
            page=page.number,
            page_number=page.number + 1,
            label=page.label,
            width=page.width,
            height=page.height,
            text=page.text,
            notes=page.notes,
            problem=page.problem,
            image=image_url(collection, document, page.number),
            elements=[ElementOut.of(element) for element in page.elements] if elements else None,
        )

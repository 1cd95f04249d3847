"""What a model that sees is shown of an entry: a page's screenshot, or the part of it that a figure or table is."""

from __future__ import annotations

from collections import OrderedDict
from io import BytesIO
from typing import Protocol

from PIL import Image

from ingest import Box, Document, Kind, Page

from .entry import Entry, Level

PICTURES = {Kind.FIGURE, Kind.CHART, Kind.TABLE}
"""Elements that are more than their words."""
_OPEN = 8
"""Screenshots that are held open at a time."""


class Pages(Protocol):
    """Where entries find their pages: a `Library`, or anything with these two methods."""

    def page(self, document: str, number: int) -> Page:
        """A page with its elements and their lines."""
        ...

    def image(self, image: str) -> bytes:
        """The WebP bytes of a screenshot by its hash."""
        ...


class Incoming:
    """The pages of a document that is not in its library yet, though its screenshots are."""

    def __init__(self, document: Document, library: Pages) -> None:
        self._pages, self._library = {page.number: page for page in document.pages}, library

    def page(self, document: str, number: int) -> Page:
        """A page with its elements and their lines."""
        return self._pages[number]

    def image(self, image: str) -> bytes:
        """The WebP bytes of a screenshot by its hash."""
        return self._library.image(image)


class Sight:
    """Pictures of entries; may be used by several threads."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._opened: OrderedDict[str, Image.Image] = OrderedDict()

    def __call__(self, entry: Entry) -> bytes | None:
        """A picture file (WebP or PNG) of a page, or of a figure, chart or table; `None` for what is text only."""
        if entry.level is Level.PAGE:
            page = self._pages.page(entry.document, entry.page)
            return self._pages.image(page.image) if page.image else None
        if entry.level is Level.ELEMENT and entry.kind in PICTURES:
            page = self._pages.page(entry.document, entry.page)
            return self._part(page, entry.regions[0].box) if page.image else None
        return None

    def _part(self, page: Page, box: Box) -> bytes:
        image = self._opened.get(page.image)
        if image is None:
            image = self._opened[page.image] = decoded(self._pages.image(page.image))
            while len(self._opened) > _OPEN:
                self._opened.popitem(last=False)
        out = BytesIO()
        part(image, page, box).save(out, "PNG", compress_level=1)
        return out.getvalue()


def decoded(picture: bytes) -> Image.Image:
    """A picture file as an RGB image."""
    with Image.open(BytesIO(picture)) as opened:
        return opened.convert("RGB")


def part(image: Image.Image, page: Page, box: Box) -> Image.Image:
    """The part of a page's screenshot that a box in PDF points covers, at least one pixel."""
    x, y = image.width / page.width, image.height / page.height
    left, top = max(0, int(box.x0 * x)), max(0, int(box.y0 * y))
    right, bottom = min(image.width, round(box.x1 * x)), min(image.height, round(box.y1 * y))
    return image.crop((left, top, max(left + 1, right), max(top + 1, bottom)))

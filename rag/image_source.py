"""Images of entries for models that take them: a page's screenshot, or the figure or table on it."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

from PIL import Image

from octavo.ingest import Document, Page, Region
from octavo.ingest.model import PICTURES
from octavo.rag.entry import Entry, Level
from octavo.rag.images import decode_image, encode_image

_OPEN = 8
"""Screenshots that are held open at a time."""


class PageStore(Protocol):
    """Gives the pages of entries: a `Library`, or anything with these two methods."""

    def page(self, document: str, number: int) -> Page:
        """Returns a page with its elements and their lines."""
        ...

    def image(self, image: str) -> bytes:
        """Returns the WebP bytes of a screenshot by its hash."""
        ...


class StagedPages:
    """The pages of a document that is in no library yet; `read_image` gives a screenshot by its hash."""

    def __init__(self, document: Document, read_image: Callable[[str], bytes]) -> None:
        self._pages, self._read_image = {page.number: page for page in document.pages}, read_image

    def page(self, document: str, number: int) -> Page:
        """Returns a page with its elements and their lines."""
        return self._pages[number]

    def image(self, image: str) -> bytes:
        """Returns the WebP bytes of a screenshot by its hash."""
        return self._read_image(image)


class ImageSource:
    """Pictures of entries; may be used by several threads."""

    def __init__(self, pages: PageStore) -> None:
        self._pages = pages
        self._opened: OrderedDict[str, Image.Image] = OrderedDict()

    def __call__(self, entry: Entry) -> bytes | None:
        """Returns a picture file (WebP or PNG) of a page, or of a figure, chart or table.

        `None` for what is text only.
        """
        if entry.level is Level.PAGE:
            page = self._pages.page(entry.document, entry.page)
            return self._pages.image(page.image) if page.image else None
        if entry.level is Level.ELEMENT and entry.kind in PICTURES:
            return self._part(entry.document, entry.regions[0])
        return None

    def key(self, entry: Entry) -> str:
        """Returns a hash of what an entry says and looks like: another text, box or screenshot gives another."""
        images = [self._pages.page(entry.document, n).image for n in dict.fromkeys(r.page for r in entry.regions)]
        content = repr((entry.id, entry.heading, entry.text, entry.regions, images))
        return hashlib.sha256(content.encode()).hexdigest()

    def all(self, entry: Entry, count: int = 2) -> list[bytes]:
        """Returns an entry's images; of a chunk, the first `count` figures, charts and tables that stand in it."""
        if entry.level is not Level.CHUNK:
            picture = self(entry)
            return [] if picture is None else [picture]
        results: list[bytes] = []
        for region in entry.regions:
            if len(results) < count and region.element is not None:
                page = self._pages.page(entry.document, region.page)
                kinds = {element.index: element.kind for element in page.elements}
                if kinds.get(region.element) in PICTURES and (picture := self._part(entry.document, region)):
                    results.append(picture)
        return results

    def _part(self, document: str, region: Region) -> bytes | None:
        page = self._pages.page(document, region.page)
        if not page.image:
            return None
        image = self._opened.get(page.image)
        if image is None:
            image = self._opened[page.image] = decode_image(self._pages.image(page.image))
            while len(self._opened) > _OPEN:
                self._opened.popitem(last=False)
        return encode_image(image.crop(page.pixels(region.box, image.size)), lossless=True)

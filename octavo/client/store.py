"""The documents of a collection on a server, as the document store that a library is too."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import quote

from octavo.client.connection import ServerConnection
from octavo.client.values import document_of, info_of, page_of
from octavo.ingest import Box, Document, Page
from octavo.ingest.store.documents import DocumentInfo

if TYPE_CHECKING:
    from PIL import Image


class RemoteStore:
    """A `DocumentStore` over a collection of a server.

    The `image` of a page is a path of the server instead of a hash. Every failure is a `ServerError`.
    """

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection

    def documents(self) -> list[DocumentInfo]:
        """Returns all documents, by name."""
        return [info_of(item) for item in self._connection.all("/documents")]

    def names(self, documents: Collection[str]) -> dict[str, tuple[str, str]]:
        """Returns the name and title of documents by id; those that are not there are left out."""
        return {info.id: (info.name, info.title) for info in self.documents() if info.id in documents}

    def has(self, document: str) -> bool:
        """Returns whether a document is there."""
        return any(info.id == document for info in self.documents())

    def find(self, name: str) -> DocumentInfo:
        """Returns the document with this id (or its first digits) or file name."""
        return info_of(self._connection.get(f"/documents/{quote(name, safe='')}"))

    def info(self, document: str) -> DocumentInfo:
        """Returns what `documents()` says of one document."""
        return self.find(document)

    def document(self, document: str) -> Document:
        """Returns a whole document with its pages and chunks, without the path of its file."""
        exported = self._connection.call("GET", f"/documents/{document}/export", params={"format": "json"})
        exported_document = document_of(exported.text)
        return replace(exported_document, pages=tuple(_placed(document, page) for page in exported_document.pages))

    def pages(self, document: str) -> tuple[Page, ...]:
        """Returns all pages of a document with their elements."""
        items = self._connection.all(f"/documents/{document}/pages", elements=True)
        return tuple(_placed(document, page_of(item)) for item in items)

    def page(self, document: str, number: int) -> Page:
        """Returns one page with its elements."""
        return _placed(document, page_of(self._connection.get(f"/documents/{document}/pages/{number}")))

    def image(self, image: str) -> bytes:
        """Returns the WebP bytes of a screenshot by its path."""
        return self._connection.call("GET", image, follow_redirects=True).content

    def image_url(self, image: str) -> str:
        """Returns where a screenshot can be fetched from, by its path."""
        return self._connection.url(image)

    def screenshot(self, document: str, number: int) -> Image.Image:
        """Returns the screenshot of a page, RGB."""
        return self._picture(document, number, {})

    def crop(self, document: str, number: int, box: Box) -> Image.Image:
        """Returns what a box on a page shows; `box` is in PDF points."""
        return self._picture(document, number, {"box": ",".join(map(str, box))})

    def _picture(self, document: str, number: int, parameters: dict[str, str]) -> Image.Image:
        from PIL import Image

        path = _image_path(document, number)
        response = self._connection.call("GET", path, params=parameters, follow_redirects=True)
        with Image.open(BytesIO(response.content)) as picture:
            return picture.convert("RGB")


def _image_path(document: str, number: int) -> str:
    return f"/documents/{document}/pages/{number}/image"


def _placed(document: str, page: Page) -> Page:
    """Returns a page with the path of its screenshot."""
    return replace(page, image=_image_path(document, page.number))

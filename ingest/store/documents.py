"""The document store: a seam between documents that were read and where they are kept."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from octavo.ingest.model import Box, Document, Page
from octavo.ingest.store.metadata import Metadata

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """A document of the library, without its pages. `paths` are where its bytes were read from.

    `metadata` is what users noted with it. `outdated` is true where an older Octavo read it, which found other words,
    regions or chunks in it.
    """

    id: str
    name: str
    title: str
    media_type: str
    pages: int
    added_at: str
    paths: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    outdated: bool = False
    metadata: Metadata = field(default_factory=dict)


@runtime_checkable
class DocumentStore(Protocol):
    """Documents with their pages and screenshots, for reading; `Library` is the one that lies in a folder.

    `document` is an id throughout, pages count from 0. Methods raise `LibraryError` for what is not there.
    """

    def documents(self) -> list[DocumentInfo]:
        """Returns all documents, by name."""
        ...

    def names(self, documents: Collection[str]) -> dict[str, tuple[str, str]]:
        """Returns the name and title of documents by id; those that are not there are left out."""
        ...

    def has(self, document: str) -> bool:
        """Returns whether a document is there."""
        ...

    def find(self, name: str) -> DocumentInfo:
        """Returns the document with this id (or the first digits of it), path or file name."""
        ...

    def info(self, document: str) -> DocumentInfo:
        """Returns what `documents()` says of one document."""
        ...

    def document(self, document: str) -> Document:
        """Returns a whole document with its pages and chunks."""
        ...

    def pages(self, document: str) -> tuple[Page, ...]:
        """Returns all pages of a document with their elements; none when it is not there."""
        ...

    def page(self, document: str, number: int) -> Page:
        """Returns one page with its elements."""
        ...

    def image(self, image: str) -> bytes:
        """Returns the WebP bytes of a screenshot by its hash."""
        ...

    def image_url(self, image: str) -> str:
        """Returns where a screenshot can be fetched from, by its hash."""
        ...

    def screenshot(self, document: str, number: int) -> Image.Image:
        """Returns the screenshot of a page, RGB."""
        ...

    def crop(self, document: str, number: int, box: Box) -> Image.Image:
        """Returns what a box on a page shows; `box` is in PDF points."""
        ...

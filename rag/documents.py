"""A document of a library as users meet it: its pages, their pictures, and exports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, overload

from octavo.ingest import Box, Document, Element
from octavo.ingest.export import to_html, to_json, to_markdown
from octavo.ingest.store.documents import DocumentInfo, DocumentStore
from octavo.rag.entry import EVERYWHERE, EntryId, Level, Scope
from octavo.rag.index import Index

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True)
class StoredPage:
    """A page of a document in a library; `number` counts from 0, boxes are in PDF points."""

    library: DocumentStore
    document: str
    number: int

    @property
    def page_number(self) -> int:
        """The number that people say, from 1."""
        return self.number + 1

    @cached_property
    def elements(self) -> tuple[Element, ...]:
        """The page's elements in reading order."""
        return self.library.page(self.document, self.number).elements

    @property
    def text(self) -> str:
        """The page's text in reading order, without running headers and footers."""
        return self.library.page(self.document, self.number).text

    @property
    def image(self) -> Image.Image:
        """The page's screenshot, RGB."""
        return self.library.screenshot(self.document, self.number)

    def crop(self, box: Box | Sequence[float]) -> Image.Image:
        """Returns what a box (x0, y0, x1, y1 in PDF points) shows."""
        return self.library.crop(self.document, self.number, Box(*box))


class StoredDocument:
    """A document of a library: `info`, `pages`, and the whole as Markdown, HTML or JSON."""

    def __init__(self, library: DocumentStore, info: DocumentInfo) -> None:
        self._library, self.info = library, info

    @property
    def id(self) -> str:
        return self.info.id

    @property
    def name(self) -> str:
        return self.info.name

    @property
    def pages(self) -> list[StoredPage]:
        """The pages in order."""
        return [StoredPage(self._library, self.info.id, number) for number in range(self.info.pages)]

    @cached_property
    def content(self) -> Document:
        """The whole document model: pages, elements, chunks, outline."""
        return self._library.document(self.info.id)

    @property
    def elements(self) -> list[Element]:
        """The elements of all pages, in reading order."""
        return [element for page in self.content.pages for element in page.elements]

    def to_markdown(self) -> str:
        """Returns the document as Markdown, tables included."""
        return to_markdown(self.content)

    def to_html(self) -> str:
        """Returns the document as one HTML page without scripts, tables with their spans."""
        return to_html(self.content)

    def to_json(self) -> str:
        """Returns the document as JSON: pages (numbers from 0), elements with kinds and boxes in PDF points."""
        return to_json(self.content)


class DocumentsInScope(Sequence[DocumentInfo]):
    """The documents in a scope, by name, loaded when the first of them is asked for; `len()` only counts them."""

    def __init__(self, index: Index, scope: Scope) -> None:
        self._index, self._scope = index, replace(scope, pages=None, kinds=None)

    def likeness(self, question: str, ids: Sequence[EntryId]) -> dict[EntryId, float] | None:
        """Returns how like entries are to a question in another language (`Index.cross_lingual_likeness`)."""
        return self._index.cross_lingual_likeness(question, ids)

    def __len__(self) -> int:
        return self._index.count(Level.DOCUMENT, self._scope)

    @overload
    def __getitem__(self, place: int) -> DocumentInfo: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[DocumentInfo]: ...
    def __getitem__(self, place: int | slice) -> DocumentInfo | Sequence[DocumentInfo]:
        return self._infos[place]

    @cached_property
    def _infos(self) -> list[DocumentInfo]:
        infos = self._index.library.documents()
        if self._scope == EVERYWHERE:
            return infos
        ids = self._index.documents(self._scope)
        return [info for info in infos if info.id in ids]

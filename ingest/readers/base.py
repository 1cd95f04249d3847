"""A file made ready to be read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from octavo.ingest.described import DrawingDescription
from octavo.ingest.model import Element


@dataclass(frozen=True, slots=True)
class Source:
    """A file made ready: a PDF that PyMuPDF opens, and what its format adds.

    `path` is the user's file, `id` comes from its bytes, `pdf` is the file itself or what it was converted to.
    `elements` is what each page says where the reader knows it; other pages are read from their picture and text layer,
    and `described` is what the file says of things that it draws on them.
    `problems` are sentences about what the document lacks. `labels` are printed page numbers, `outline` is (level from
    1, title, page), `notes` are speaker notes by page, `hidden` the pages of hidden slides; pages count from 0.
    """

    path: Path
    id: str
    name: str
    media_type: str
    pdf: Path
    page_count: int
    password: str = field(default="", repr=False)
    title: str = ""
    labels: tuple[str, ...] = ()
    outline: tuple[tuple[int, str, int], ...] = ()
    notes: Mapping[int, str] = field(default_factory=dict)
    hidden: frozenset[int] = frozenset()
    elements: Mapping[int, tuple[Element, ...]] = field(default_factory=dict)
    described: Mapping[int, tuple[DrawingDescription, ...]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    def for_page(self, number: int) -> Source:
        """Returns the source with what the file says of one page only, as that page is read elsewhere."""
        return replace(
            self,
            elements={number: self.elements[number]} if number in self.elements else {},
            described={number: self.described[number]} if number in self.described else {},
        )


def content_id(path: Path) -> str:
    """Returns a document's id: the first 32 hex digits of the SHA-256 of its bytes.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "note.txt").write_text("Rain.")
    >>> content_id(folder / "note.txt")
    '389be6297686686ab318446cb68c4664'
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]

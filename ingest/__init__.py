"""From a file to a `Document`: pages as screenshots, elements with boxes, interleaved chunks, kept in a library."""

if __name__ != "octavo.ingest":
    raise ImportError("import octavo.ingest: this folder is part of the package octavo")


from typing import TYPE_CHECKING, Any

from octavo.ingest.errors import LibraryError, MissingToolError, OctavoError, PasswordError, ReadError, UnsupportedError
from octavo.ingest.model import Box, Chunk, Document, Element, Kind, Line, Page, Region, TextSource
from octavo.ingest.options import OcrMode, Profile, ReadOptions, Renderer
from octavo.ingest.table import Cell, Table

if TYPE_CHECKING:
    from octavo.ingest.reading import ReadDocument, read_document

__all__ = [
    "Box",
    "Cell",
    "Chunk",
    "Document",
    "Element",
    "Kind",
    "LibraryError",
    "Line",
    "MissingToolError",
    "OcrMode",
    "OctavoError",
    "Page",
    "PasswordError",
    "Profile",
    "ReadDocument",
    "ReadError",
    "ReadOptions",
    "Region",
    "Renderer",
    "Table",
    "TextSource",
    "UnsupportedError",
    "read_document",
]


def __getattr__(name: str) -> Any:
    """Imports what reads files when it is first used."""
    if name not in ("ReadDocument", "read_document"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from octavo.ingest import reading

    return getattr(reading, name)

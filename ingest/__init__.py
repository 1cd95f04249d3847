"""From a file to a `Document`: pages as screenshots, elements with boxes, interleaved chunks, kept in a library."""

if __name__ != "octavo.ingest":
    raise ImportError("import octavo.ingest: this folder is part of the package octavo")


from octavo.ingest.errors import LibraryError, MissingToolError, OctavoError, PasswordError, ReadError, UnsupportedError
from octavo.ingest.model import Box, Chunk, Document, Element, Kind, Line, Page, Region, TextSource
from octavo.ingest.options import OcrMode, Profile, ReadOptions, Renderer
from octavo.ingest.table import Cell, Table

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
    "ReadError",
    "ReadOptions",
    "Region",
    "Renderer",
    "Table",
    "TextSource",
    "UnsupportedError",
]

"""From a file to a `Document`: pages as screenshots, elements with boxes, interleaved chunks, kept in a library."""

from .document import Box, Chunk, Document, Element, Kind, Line, Page, Region, TextSource
from .errors import LibraryError, MissingToolError, OctavoError, PasswordError, ReadError
from .options import OcrMode, ReadOptions, Renderer

__all__ = [
    "Box",
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
    "ReadError",
    "ReadOptions",
    "Region",
    "Renderer",
    "TextSource",
]

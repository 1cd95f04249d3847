"""Pages that the tests draw, read as the ingest reads them."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pymupdf
from PIL import Image

from octavo.ingest import Page, ReadOptions
from octavo.ingest.workers import tasks

Draw = Callable[[pymupdf.Page], object]


def drawn(path: Path, *draw: Draw, width: float = 595, height: float = 842) -> Path:
    """A PDF with one page for each function that draws on it."""
    with pymupdf.open() as document:
        for each in draw:
            each(document.new_page(width=width, height=height))
        document.save(path)
    return path


def picture_of(path: Path, dpi: int = 150) -> bytes:
    """The first page as a PNG, as a scanner would give it."""
    with pymupdf.open(path) as document:
        data: bytes = document[0].get_pixmap(dpi=dpi).tobytes("png")
    return data


def read_page(path: Path, number: int = 0, **options: object) -> tuple[Page, Image.Image]:
    """One page of a file and its screenshot."""
    chosen = ReadOptions.model_validate(options)
    source = tasks.open_source(path, chosen, path.parent, "")
    page, webp = tasks.read(source, number, chosen)
    return page, Image.open(BytesIO(webp))

"""Tasks of workers: make a file ready, read one page of it or a single picture.

The process that hands them out imports this module too, but nothing that reads pages: tasks import it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from octavo.ingest import readers
from octavo.ingest.errors import ReadError
from octavo.ingest.model import Page
from octavo.ingest.options import OcrMode, ReadOptions
from octavo.ingest.readers.base import Source

if TYPE_CHECKING:
    import pymupdf

_opened: dict[tuple[Path, str], pymupdf.Document] = {}


def open_source(path: Path, options: ReadOptions, workdir: Path, password: str) -> Source:
    """Makes a file ready; every fault becomes a `ReadError` that names it."""
    try:
        return readers.open(path, options, workdir=workdir, password=password)
    except ReadError:
        raise
    except _faults() as error:
        raise ReadError(f"{path.name} cannot be opened: {_reason(error)}.") from None


def open_sources(paths: Sequence[Path], options: ReadOptions, workdir: Path, password: str) -> list[Source | ReadError]:
    """Makes several files ready, each with its source or its error."""
    try:
        return readers.open_each(paths, options, workdir=workdir, password=password)
    except ReadError as error:
        return [error] * len(paths)
    except _faults():  # of which file is found out one by one
        return [_opened_or_error(path, options, workdir, password) for path in paths]


def _opened_or_error(path: Path, options: ReadOptions, workdir: Path, password: str) -> Source | ReadError:
    try:
        return open_source(path, options, workdir, password)
    except ReadError as error:
        return error


def read(source: Source, number: int, options: ReadOptions) -> tuple[Page, bytes]:
    """Reads a page; a fault costs that page only: it is then empty, with the fault as its `problem`.

    Where a fault may come from its pictures, the page is read again without them (`without_pictures`).
    """
    from octavo.ingest.page import read_page

    width, height = 612.0, 792.0
    try:
        document = _open(source)
        width, height = document[number].rect.width, document[number].rect.height
        return read_page(source, document, number, options)
    except _faults() as error:
        if options.ocr is OcrMode.AUTO and not isinstance(error, IndexError):
            return without_pictures(source, number, options, _reason(error))
        return lost_page(source, number, _reason(error), width, height), b""


def without_pictures(source: Source, number: int, options: ReadOptions, reason: str) -> tuple[Page, bytes]:
    """Reads a page by its text layer alone, because what its pictures say cannot be had for `reason`."""
    page, webp = read(source, number, options.model_copy(update={"ocr": OcrMode.NEVER}))
    if not webp:
        return page, webp
    problem = f"page {number + 1}: the words in its pictures were not read ({reason})"
    return replace(page, problem="; ".join(filter(None, (page.problem, problem)))), webp


def picture_words(picture: bytes, options: ReadOptions) -> str:
    """Returns the words that OCR reads in a picture file, in reading order, its transparent parts on white."""
    from PIL import Image, ImageOps

    from octavo.ingest.imaging import flatten
    from octavo.ingest.ocr import read_words

    with Image.open(BytesIO(picture)) as opened:
        image = flatten(ImageOps.exif_transpose(opened))
    return " ".join(word.text for word in read_words(image, options))


def lost_page(source: Source, number: int, reason: str, width: float = 612.0, height: float = 792.0) -> Page:
    """Returns a page that could not be read, empty but for its speaker notes."""
    return Page(
        number,
        width,
        height,
        notes=source.notes.get(number, ""),
        hidden=number in source.hidden,
        problem=f"page {number + 1} cannot be read: {reason}",
    )


def _open(source: Source) -> pymupdf.Document:
    """Returns the document of a source, kept open until another one comes, or another content at its path."""
    from octavo.ingest.readers.pdf import open_pdf

    key = source.pdf, source.id
    if key not in _opened:
        for document in _opened.values():
            document.close()
        _opened.clear()
        _opened[key] = open_pdf(source.pdf, source.name, source.password)
    return _opened[key]


def _faults() -> tuple[type[BaseException], ...]:
    """Returns what a file that is at fault may raise."""
    import pymupdf

    return (pymupdf.mupdf.FzErrorBase, ReadError, RuntimeError, ValueError, IndexError, OSError, MemoryError)


def _reason(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return "it needs more memory than a reader may have"
    text = str(error).strip().splitlines()
    return (text[0] if text else type(error).__name__).rstrip(".")

"""From any file to a PDF that the rest of the way reads, with what the format adds (notes, labels, hidden slides)."""

from __future__ import annotations

from pathlib import Path

from octavo.ingest.errors import ReadError
from octavo.ingest.options import ReadOptions
from octavo.ingest.readers.base import Source, content_id
from octavo.ingest.readers.discover import SUFFIXES, find

__all__ = ["SUFFIXES", "Source", "content_id", "find", "open"]


def open(path: Path, options: ReadOptions, *, workdir: Path, password: str = "") -> Source:
    """Makes a file ready; what it is converted to goes into `workdir`.

    Raises `ReadError` (or `PasswordError`, `MissingToolError`), each with one sentence that names the file.
    """
    size = path.stat().st_size
    if not size:
        raise ReadError(f"{path.name} is empty.")
    if size > options.max_file_bytes:
        raise ReadError(
            f"{path.name} has {size:,} bytes, over the limit of {options.max_file_bytes:,}: "
            "raise OCTAVO_READING__MAX_FILE_BYTES to read it."
        )
    media_type = SUFFIXES.get(path.suffix.lower()) or _sniff(path)
    if media_type == "application/pdf":
        from octavo.ingest.readers.pdf import read
    elif media_type.startswith("image/"):
        from octavo.ingest.readers.image import read
    elif media_type.startswith("text/"):
        from octavo.ingest.readers.web import read
    else:
        from octavo.ingest.readers.office import read
    source = read(path, media_type, options, workdir, password)
    if source.page_count > options.max_pages:
        raise ReadError(
            f"{path.name} has {source.page_count:,} pages, over the limit of {options.max_pages:,}: "
            "raise OCTAVO_READING__MAX_PAGES to read it."
        )
    return source


def _sniff(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(1024)
    if b"%PDF-" in start:
        return "application/pdf"
    raise ReadError(
        f"{path.name} is of no kind that can be read: PDF, office files, images, HTML, Markdown and text are."
    )

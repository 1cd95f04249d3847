"""From any file to a PDF that the rest of the way reads, with what the format adds (notes, labels, hidden slides)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from octavo.ingest.errors import ReadError
from octavo.ingest.options import ReadOptions
from octavo.ingest.readers.admission import admit, printable
from octavo.ingest.readers.base import Source, content_id
from octavo.ingest.readers.discover import find, unsupported
from octavo.ingest.readers.kinds import EML, EPUB, MSG, PDF, SHEETS, SRT, SUFFIXES, VTT, ZIP, media_type

__all__ = ["SUFFIXES", "Source", "admit", "content_id", "find", "open", "printable", "unsupported"]


def open(path: Path, options: ReadOptions, *, workdir: Path, password: str = "") -> Source:
    """Makes a file ready; what it is converted to goes into `workdir`.

    Raises `ReadError` (or `PasswordError`, `MissingToolError`), each with one sentence that names the file.
    """
    admit(path, options)
    kind = media_type(path)
    source = _reader(kind)(path, kind, options, workdir, password)
    if source.page_count > options.max_pages:
        raise ReadError(
            f"{path.name} has {source.page_count:,} pages, over the limit of {options.max_pages:,}: "
            "raise OCTAVO_READING__MAX_PAGES to read it."
        )
    return source


def _reader(kind: str) -> Callable[[Path, str, ReadOptions, Path, str], Source]:
    """What reads files of a kind; imported only when one comes."""
    if kind == PDF:
        from octavo.ingest.readers.portfolio import read
    elif kind in SHEETS:
        from octavo.ingest.readers.sheets import read
    elif kind in (EML, MSG):
        from octavo.ingest.readers.mail import read
    elif kind == EPUB:
        from octavo.ingest.readers.epub import read
    elif kind == ZIP:
        from octavo.ingest.readers.bundle import read_zip as read
    elif kind in (SRT, VTT):
        from octavo.ingest.readers.subtitles import read
    elif kind.startswith("image/"):
        from octavo.ingest.readers.image import read
    elif kind.startswith("text/"):
        from octavo.ingest.readers.web import read
    else:
        from octavo.ingest.readers.office import read
    return read

"""`open`: a file made ready to be read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import ReadError
from ..options import ReadOptions
from .find import SUFFIXES


@dataclass(frozen=True, slots=True)
class Source:
    """A file made ready: a PDF that PyMuPDF opens, and what its format adds.

    `path` is the user's file, `id` comes from its bytes, `pdf` is the file itself or what it was converted to.
    `labels` are printed page numbers, `outline` is (level from 1, title, page), `notes` are speaker notes by page,
    `hidden` the pages of hidden slides; pages count from 0.
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


def content_id(path: Path) -> str:
    """A document's id: the first 32 hex digits of the SHA-256 of its bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]


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
        from .pdf import read
    elif media_type.startswith("image/"):
        from .image import read
    elif media_type.startswith("text/"):
        from .web import read
    else:
        from .office import read
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

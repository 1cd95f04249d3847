"""PDF files with what is attached to them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pymupdf

from octavo.ingest.options import ReadOptions
from octavo.ingest.readers.base import Source
from octavo.ingest.readers.bundle import join_parts
from octavo.ingest.readers.pdf import describe, open_pdf

MAX_ATTACHMENTS = 200
"""Attached files of one PDF that are read."""
MAX_ATTACHMENT_BYTES = 200_000_000
"""Bytes of an attached file that is read; a larger one is left out."""


def read(path: Path, media_type: str, options: ReadOptions, workdir: Path, password: str) -> Source:
    """Returns a PDF as it is, and the pages of the files that are attached to it."""
    source = describe(path, path, media_type, password)
    with open_pdf(path, path.name, password) as document:
        attached = list(_attachments(document))
    return (join_parts(path, media_type, source, attached, options, workdir) or source) if attached else source


def _attachments(document: pymupdf.Document) -> Iterator[tuple[str, bytes]]:
    """Yields the files in a PDF, those of a portfolio too: their names and bytes."""
    for number in range(min(document.embfile_count(), MAX_ATTACHMENTS)):
        about = document.embfile_info(number)
        if about["size"] <= MAX_ATTACHMENT_BYTES:
            yield about["filename"] or about["name"], document.embfile_get(number)

"""PDF files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pymupdf

from octavo.ingest.errors import PasswordError, ReadError
from octavo.ingest.options import ReadOptions
from octavo.ingest.readers.admission import printable
from octavo.ingest.readers.base import Source, content_id
from octavo.ingest.text_layer import clean

_MOST_ATTACHED, _LARGEST_ATTACHED = 200, 200_000_000
pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)


def read(path: Path, media_type: str, options: ReadOptions, workdir: Path, password: str) -> Source:
    """A PDF as it is, and the pages of the files that are attached to it."""
    from octavo.ingest.readers.bundle import joined

    source = describe(path, path, media_type, password)
    with open_pdf(path, path.name, password) as document:
        attached = list(_attached(document))
    return (joined(path, media_type, source, attached, options, workdir) or source) if attached else source


def _attached(document: pymupdf.Document) -> Iterator[tuple[str, bytes]]:
    """The files in a PDF, those of a portfolio too: their names and bytes."""
    for number in range(min(document.embfile_count(), _MOST_ATTACHED)):
        about = document.embfile_info(number)
        if about["size"] <= _LARGEST_ATTACHED:
            yield about["filename"] or about["name"], document.embfile_get(number)


def describe(path: Path, pdf: Path, media_type: str, password: str = "") -> Source:
    """The source of a user's file `path` whose pages are in `pdf`."""
    with open_pdf(pdf, path.name, password) as document:
        count = document.page_count
        if not count:
            raise ReadError(f"{path.name} has no pages.")
        labels = tuple(document[n].get_label() for n in range(count)) if document.get_page_labels() else ()
        return Source(
            path=path,
            id=content_id(path),
            name=printable(path.name),
            media_type=media_type,
            pdf=pdf,
            page_count=count,
            password=password,
            title=clean((document.metadata or {}).get("title") or ""),
            labels=labels,
            outline=tuple(
                (level, clean(title), page - 1) for level, title, page, *_ in document.get_toc() if 1 <= page <= count
            ),
        )


def open_pdf(pdf: Path, name: str, password: str = "") -> pymupdf.Document:
    """An open and readable PDF; errors name the user's file."""
    try:
        document = pymupdf.open(pdf, filetype="pdf")
    except (RuntimeError, ValueError) as error:
        raise ReadError(f"{name} is no readable PDF: it is broken or cut off.") from error
    if document.needs_pass and not document.authenticate(password):
        document.close()
        if password:
            raise PasswordError(f"{name} is encrypted and the password given does not open it.")
        raise PasswordError(f"{name} is encrypted: give its password (`octavo ingest --password PASSWORD FILE`).")
    return document

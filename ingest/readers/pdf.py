"""PDF files, opened and described."""

from __future__ import annotations

from pathlib import Path

import pymupdf

from octavo.ingest.errors import PasswordError, ReadError
from octavo.ingest.readers.admission import printable
from octavo.ingest.readers.base import Source, content_id
from octavo.ingest.text_layer import clean

pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)


def describe(path: Path, pdf: Path, media_type: str, password: str = "") -> Source:
    """Returns the source of a user's file `path` whose pages are in `pdf`."""
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
    """Returns an open and readable PDF; errors name the user's file."""
    try:
        document = pymupdf.open(pdf, filetype="pdf")
    except (RuntimeError, ValueError) as error:
        raise ReadError(f"{name} is no readable PDF: it is broken or cut off.") from error
    if document.needs_pass and not document.authenticate(password):
        document.close()
        if password:
            raise PasswordError(f"{name} is encrypted and the password given does not open it.")
        raise PasswordError(f"{name} is encrypted: give its password.")
    return document

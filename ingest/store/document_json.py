"""A whole document as JSON."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from octavo.ingest.model import Document
from octavo.ingest.readers.admission import printable


def dump_document(document: Document) -> bytes:
    """Returns all of a document but its path, which may be no Unicode."""
    return _documents().dump_json(replace(document, path=""))


def load_document(content: bytes | str, path: str) -> Document:
    """Returns the document of `dump_document`; raises `ValidationError` for that of an Octavo whose documents were
    others.
    """
    return replace(_documents().validate_json(content), path=path)


def rename(document: Document, path: str) -> Document:
    """Returns a document under the name of a path that holds it."""
    name = printable(Path(path).name)
    title = Path(name).stem if document.title == Path(document.name).stem else document.title
    return replace(document, name=name, title=title, path=path)


@cache
def _documents() -> TypeAdapter[Document]:
    from octavo.ingest.table import Table

    adapter = TypeAdapter(Document)
    adapter.rebuild(_types_namespace={"Table": Table}, force=True)  # which the model names for type checkers only
    return adapter

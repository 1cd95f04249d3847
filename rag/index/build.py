"""The entries of a document: itself, its pages, their elements, its chunks."""

from __future__ import annotations

from collections.abc import Iterator

from octavo.ingest import Document, Page, Region
from octavo.ingest.layout.groups import Group, groups
from octavo.ingest.model import HEADINGS, PICTURES, RUNNING
from octavo.rag.entry import Entry, EntryId, Level

_SUMMARY = 2_000


def build_entries(document: Document) -> Iterator[Entry]:
    """Yields all entries of a document: itself, its pages, their elements, its chunks."""
    yield _document(document)
    for page in document.pages:
        yield _page(document, page)
        yield from _elements(document, page)
    for chunk in document.chunks:
        yield Entry(
            id=EntryId.of_chunk(document.id, chunk.index),
            level=Level.CHUNK,
            document=document.id,
            page=chunk.regions[0].page if chunk.regions else 0,
            number=chunk.index,
            kind=None,
            heading=chunk.section or document.title,
            text=chunk.text,
            regions=chunk.regions,
        )


def _document(document: Document) -> Entry:
    headings = [title for _, title, _ in document.outline] or [page.title for page in document.pages if page.title]
    start = " ".join(page.text for page in document.pages[:3])
    return Entry(
        id=EntryId(document.id),
        level=Level.DOCUMENT,
        document=document.id,
        page=0,
        number=0,
        kind=None,
        heading=document.title,
        text="\n".join([*dict.fromkeys(headings), start])[:_SUMMARY],
        regions=tuple(Region(page.number, page.box) for page in document.pages[:1]),
    )


def _page(document: Document, page: Page) -> Entry:
    """Returns a page, called by its own title; the only page of a document has the document's, as a table of a file."""
    running = (e.text for e in page.elements if e.kind in RUNNING)  # a running header often names the section
    return Entry(
        id=EntryId.of_page(document.id, page.number),
        level=Level.PAGE,
        document=document.id,
        page=page.number,
        number=page.number,
        kind=None,
        heading=page.title or (document.title if len(document.pages) == 1 else ""),
        text="\n".join(part for part in (page.text, page.notes, *running) if part),
        regions=(Region(page.number, page.box),),
    )


def _elements(document: Document, page: Page) -> Iterator[Entry]:
    """Yields one entry for each thing people point at: a figure or table with its caption, heading and labels is one.

    Its first region is around all of it, the others are those of the elements that belong to its main one.
    """
    section = ""
    for group in groups(page):
        main = group.main
        if main.kind in RUNNING:
            continue
        if main.kind in HEADINGS:
            section = main.text
        text = _says(group)
        if text or main.kind in PICTURES:
            yield Entry(
                id=EntryId.of_element(document.id, page.number, main.index),
                level=Level.ELEMENT,
                document=document.id,
                page=page.number,
                number=main.index,
                kind=main.kind,
                heading="" if main.kind in HEADINGS else section or page.title,
                text=text,
                regions=(
                    Region(page.number, group.box, main.index),
                    *(Region(page.number, e.box, e.index) for e in group.members if e is not main),
                ),
            )


def _says(group: Group) -> str:
    """Returns the text of a group: first what is around its figure or table, then that."""
    around = [e.text for e in group.members if e is not group.main]
    return "\n".join(part for part in (*around, group.main.markdown or group.main.text) if part).strip()

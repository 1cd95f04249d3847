"""Which entries a document has, and what each says."""

from __future__ import annotations

from collections.abc import Iterator

from ingest import Document, Element, Kind, Page, Region

from ..entry import Entry, Level

_RUNNING = {Kind.PAGE_HEADER, Kind.PAGE_FOOTER}
_HEADINGS = {Kind.TITLE, Kind.SECTION_HEADER}
_PICTURES = {Kind.FIGURE, Kind.CHART, Kind.TABLE}
_SUMMARY = 2_000


def entries(document: Document) -> Iterator[Entry]:
    """All entries of a document: itself, its pages, their elements, its chunks."""
    yield _document(document)
    for page in document.pages:
        yield _page(document, page)
        yield from _elements(document, page)
    for chunk in document.chunks:
        yield Entry(
            id=f"{document.id}/c{chunk.index}",
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
        id=document.id,
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
    running = (e.text for e in page.elements if e.kind in _RUNNING)  # a running header often names the section
    return Entry(
        id=f"{document.id}/p{page.number}",
        level=Level.PAGE,
        document=document.id,
        page=page.number,
        number=page.number,
        kind=None,
        heading=page.title,
        text="\n".join(part for part in (page.text, page.notes, *running) if part),
        regions=(Region(page.number, page.box),),
    )


def _elements(document: Document, page: Page) -> Iterator[Entry]:
    captions = {e.about: e.text for e in page.elements if e.about is not None}
    section = ""
    for element in page.elements:
        if element.kind in _RUNNING:
            continue
        if element.kind in _HEADINGS:
            section = element.text
        text = _says(element, captions)
        if text or element.kind in _PICTURES:
            yield Entry(
                id=f"{document.id}/p{page.number}/e{element.index}",
                level=Level.ELEMENT,
                document=document.id,
                page=page.number,
                number=element.index,
                kind=element.kind,
                heading="" if element.kind in _HEADINGS else section or page.title,
                text=text,
                regions=(Region(page.number, element.box, element.index),),
            )


def _says(element: Element, captions: dict[int, str]) -> str:
    own = element.markdown or element.text
    caption = captions.get(element.index, "")
    return f"{caption}\n{own}".strip()

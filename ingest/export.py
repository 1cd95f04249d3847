"""Documents as Markdown, HTML and JSON."""

from __future__ import annotations

import dataclasses
import html
import json
from collections.abc import Iterator
from typing import Any

from octavo.ingest.model import FIGURES, RUNNING, Document, Element, Kind


def to_markdown(document: Document) -> str:
    """Returns a document as Markdown: headings, text, lists, tables, and the words of figures as quotes.

    Running headers and footers are left out.
    """
    parts = [f"# {document.title}", *(_markdown(element) for element in _elements(document, Kind.TITLE))]
    return "\n\n".join(part for part in parts if part) + "\n"


def to_html(document: Document) -> str:
    """Returns a document as one HTML page: a section for each page, no scripts, nothing from elsewhere."""
    sections = []
    for page in document.pages:
        parts = (_html(element) for element in page.elements if element.kind not in RUNNING)
        body = "\n".join(part for part in parts if part)
        sections.append(f'<section data-page="{page.number + 1}">\n{body}\n</section>')
    title = html.escape(document.title)
    return (
        f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{title}</title></head>\n<body>\n'
        + "\n".join(sections)
        + "\n</body></html>\n"
    )


def to_json(document: Document) -> str:
    """Returns the whole document model as JSON; pages count from 0, boxes are `[x0, y0, x1, y1]` in PDF points."""
    return json.dumps(dataclasses.asdict(document), ensure_ascii=False, indent=1, default=_plain)


def _elements(document: Document, leading: Kind) -> Iterator[Element]:
    """Yields the elements in reading order, without the heading that only repeats the document's title."""
    first = True
    for page in document.pages:
        for element in page.elements:
            if element.kind in RUNNING:
                continue
            if first and element.kind is leading and element.text == document.title:
                first = False
                continue
            yield element


def _markdown(element: Element) -> str:
    if element.kind is Kind.TABLE:
        return element.markdown or element.text
    if element.kind is Kind.TITLE:
        return f"## {element.text}" if element.text else ""
    if element.kind is Kind.SECTION_HEADER:
        return f"### {element.text}" if element.text else ""
    if element.kind in FIGURES:
        return "\n".join(f"> {line}" for line in element.text.splitlines())
    return element.text


def _html(element: Element) -> str:
    if element.kind is Kind.TABLE and element.table is not None:
        return element.table.html()
    tag: dict[Kind, str] = {
        Kind.TITLE: "h1",
        Kind.SECTION_HEADER: "h2",
        Kind.CAPTION: "figcaption",
        Kind.TABLE: "pre",
        Kind.FORMULA: "pre",
    }
    name = tag.get(element.kind, "figure" if element.kind in FIGURES else "p")
    text = html.escape(element.text).replace("\n", "<br>\n")
    return f"<{name}>{text}</{name}>" if text else ""


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")

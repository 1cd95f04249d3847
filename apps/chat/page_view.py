"""One page in the viewer: its picture, and the boxes that are drawn on it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pymupdf

from octavo.apps.chat.pictures import PREFIX, PicturePages
from octavo.apps.chat.turns import Turn
from octavo.ingest import Box, Page
from octavo.ingest.store.documents import DocumentStore
from octavo.rag.answering.highlight import COLOURS
from octavo.rag.entry import CONCEPT


@dataclass(frozen=True, slots=True)
class Mark:
    """Boxes (PDF points) that belong together on one page: a citation with its number, evidence, or a drawn box."""

    document: str
    page: int
    boxes: tuple[Box, ...]
    kind: str
    label: str = ""
    quote: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """The state of the viewer: a page of a document, marks on any of its pages, and which of them is meant.

    `message` is what a search in the document came to.
    """

    document: str
    page: int
    marks: tuple[Mark, ...] = ()
    focus: int | None = None
    message: str = ""


def of_citation(turn: Turn, index: int) -> View | None:
    """Returns the page of a turn's citation (from 0), with all citations of the answer marked; a concept has none."""
    citations = turn.answer.citations if turn.answer else ()
    if not 0 <= index < len(citations) or citations[index].document.startswith(CONCEPT):
        return None
    chosen, marks = citations[index], _citation_marks(turn)
    return View(chosen.document, chosen.page, marks, index if chosen.boxes else None)


def of_evidence(turn: Turn, number: int, state: str) -> View | None:
    """Returns the page of a piece of evidence (`used` or `looked` at), its boxes marked beside the citations."""
    if turn.answer is None:
        return None
    pieces = turn.answer.evidence if state == "used" else turn.answer.candidates
    if not 0 <= number < len(pieces) or pieces[number].document.startswith(CONCEPT):
        return None
    e = pieces[number]
    marks = [
        Mark(e.document, page, tuple(r.box for r in e.regions if r.page == page), "evidence", quote=e.text)
        for page in sorted({r.page for r in e.regions})
    ]
    return View(e.document, e.page, (*_citation_marks(turn), *marks), len(_citation_marks(turn)) if marks else None)


def find(view: View, text: str, step: int, library: DocumentStore) -> View:
    """Returns the view with the next page that holds a text, `step` pages on or back, its places marked as hits.

    The search begins with the page itself where `step` is 0, goes round the end of the document, and takes no notice
    of case.
    """
    marks = tuple(mark for mark in view.marks if mark.kind != "hit")
    needle = " ".join(text.split()).lower()
    pages = library.pages(view.document)
    count = len(pages)
    hits = {page.number: result for page in pages if needle and (result := _hits(view.document, page, needle))}
    direction = -1 if step < 0 else 1
    order = ((view.page + step + direction * n) % count for n in range(count))
    number = next((number for number in order if number in hits), None)
    if number is None:
        return replace(view, marks=marks, focus=None, message="not found" if needle else "")
    at = sorted(hits).index(number) + 1
    message = f"{at} of {len(hits)} pages" if len(hits) > 1 else "on this page"
    return View(view.document, number, (*marks, *hits[number]), len(marks), message)


def _hits(document: str, page: Page, needle: str) -> list[Mark]:
    results = []
    for line in (line for e in page.elements for line in e.lines):
        text, (x0, y0, x1, y1) = line.text.lower(), line.box
        for match in re.finditer(re.escape(needle), text):
            start, end = (x0 + (x1 - x0) * _share(line.text, place) for place in match.span())
            results.append(Mark(document, page.number, (Box(start, y0, end, y1),), "hit"))
    return results


def _share(text: str, end: int) -> float:
    """Returns which share of a line's width its first `end` letters take, in a common typeface.

    >>> round(_share("ill WAND", 4), 2)
    0.24
    """
    whole: float = _typeface().text_length(text)
    return _typeface().text_length(text[:end]) / whole if whole else 0.0


@cache
def _typeface() -> pymupdf.Font:
    return pymupdf.Font("helv")


def view_data(view: View | None, library: DocumentStore, pages: PicturePages) -> dict[str, Any] | None:
    """The view as the viewer's script takes it: a picture's address, sizes and boxes in points."""
    if view is None:
        return None
    page = pages.page(view.document, view.page)
    base: dict[str, Any] = {
        "document": view.document,
        "page": view.page,
        "width": page.width,
        "height": page.height,
        "marks": [
            {
                "kind": mark.kind,
                "label": mark.label,
                "quote": " ".join(mark.quote.split())[:400],
                "colour": "rgb({}, {}, {})".format(*COLOURS[(int(mark.label or 1) - 1) % len(COLOURS)]),
                "boxes": [list(box) for box in mark.boxes],
                "meant": n == view.focus,
            }
            for n, mark in enumerate(view.marks)
            if (mark.document, mark.page) == (view.document, view.page)
        ],
        "lines": [[line.text, *line.box] for e in page.elements for line in e.lines],
        "message": view.message,
    }
    if view.document.startswith(PREFIX):
        address = f"/pictures/questions/{view.document.removeprefix(PREFIX)}.webp"
        return base | {"name": "your picture", "pages": 1, "picture": address, "drawable": False, "note": ""}
    info = library.info(view.document)
    marked = sorted({mark.page for mark in view.marks if mark.document == view.document})
    return base | {
        "name": info.name,
        "pages": info.pages,
        "picture": f"/pictures/pages/{view.document}/{view.page}.webp" if page.image else "",
        "drawable": bool(page.image),
        "note": page.problem,
        "marked": marked,
    }


def _citation_marks(turn: Turn) -> tuple[Mark, ...]:
    citations = turn.answer.citations if turn.answer else ()
    quotes = (f"In the {c.part}: {c.quote}" if c.part else c.quote for c in citations)
    return tuple(
        Mark(c.document, c.page, c.boxes, "cited", str(c.number), quote)
        for c, quote in zip(citations, quotes, strict=True)
    )

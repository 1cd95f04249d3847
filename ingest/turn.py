"""Pages that are stored turned, as a viewer shows them: upright, cut to what is seen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pymupdf

from octavo.ingest.model import Box, Element, Line


def upright(page: pymupdf.Page, turn: int = 0) -> pymupdf.Page:
    """Returns the page without /Rotate, turned further by `turn` degrees clockwise (a multiple of 90).

    The page looks the same as before.

    Contents, form fields and comments are turned in place, in memory only, and the page is cut to its crop box, so that
    every box PyMuPDF gives is one of the page as it is shown. Pages taken from the document before are no longer valid.

    >>> document = pymupdf.open()
    >>> page = document.new_page(width=612, height=792)
    >>> page.set_rotation(90)
    >>> page = upright(page)
    >>> page.rotation, page.rect
    (0, Rect(0.0, 0.0, 792.0, 612.0))
    """
    rotation = (page.rotation + turn) % 360
    if not rotation:
        return page
    document = page.parent
    page.set_rotation(0)
    visible = page.rect * ~page.transformation_matrix
    matrix = _matrix(visible, rotation)
    _turn_contents(document, page, matrix)
    for xref in [xref for xref, *_ in page.annot_xrefs()]:
        _turn_annotation(document, xref, matrix)
    frame = _numbers(visible * matrix)
    for box in ("MediaBox", "CropBox"):
        document.xref_set_key(page.xref, box, frame)
    return document.reload_page(page)


def turned_box(box: Box, turn: int, frame: Box) -> Box:
    """Returns where a box lies after its page, whose box `frame` begins at 0, is turned by `turn` degrees clockwise.

    >>> turned_box(Box(10, 20, 30, 25), 90, Box(0, 0, 100, 200))
    Box(x0=175, y0=10, x1=180, y1=30)
    """
    match turn % 360:
        case 90:
            return Box(frame.y1 - box.y1, box.x0, frame.y1 - box.y0, box.x1)
        case 180:
            return Box(frame.x1 - box.x1, frame.y1 - box.y1, frame.x1 - box.x0, frame.y1 - box.y0)
        case 270:
            return Box(box.y0, frame.x1 - box.x1, box.y1, frame.x1 - box.x0)
        case _:
            return box


def turned_element(element: Element, turn: int, frame: Box) -> Element:
    """Returns an element, with its lines and cells, of a page that is turned by `turn` degrees clockwise."""
    lines = tuple(Line(line.text, turned_box(line.box, turn, frame)) for line in element.lines)
    table = element.table
    if table:
        cells = tuple(replace(c, box=turned_box(c.box, turn, frame)) if c.box.area else c for c in table.cells)
        table = replace(table, cells=cells)
    return replace(element, box=turned_box(element.box, turn, frame), lines=lines, table=table)


def _matrix(visible: pymupdf.Rect, rotation: int) -> pymupdf.Matrix:
    """Returns the matrix from the page's own space (points, origin at the bottom left) to the turned page's."""
    x0, y0, x1, y1 = (float(visible[n]) for n in range(4))
    if rotation == 90:
        return pymupdf.Matrix(0, -1, 1, 0, -y0, x1)
    if rotation == 180:
        return pymupdf.Matrix(-1, 0, 0, -1, x1, y1)
    return pymupdf.Matrix(0, 1, -1, 0, y1, -x0)


def _turn_contents(document: pymupdf.Document, page: pymupdf.Page, matrix: pymupdf.Matrix) -> None:
    first = document.get_new_xref()
    document.update_object(first, "<<>>")
    document.update_stream(first, f"{_numbers(matrix[n] for n in range(6))[1:-1]} cm\n".encode())
    contents = " ".join(f"{xref} 0 R" for xref in (first, *page.get_contents()))
    document.xref_set_key(page.xref, "Contents", f"[{contents}]")


def _turn_annotation(document: pymupdf.Document, xref: int, matrix: pymupdf.Matrix) -> None:
    """Turns where a comment or field stands and the picture that is drawn there (PDF 32000, 12.5.5)."""
    kind, rect = document.xref_get_key(xref, "Rect")
    if kind == "array" and len(corners := _floats(rect)) == 4:
        document.xref_set_key(xref, "Rect", _numbers(pymupdf.Rect(corners).normalize() * matrix))
    kind, quads = document.xref_get_key(xref, "QuadPoints")
    if kind == "array":
        values = _floats(quads)
        points = [pymupdf.Point(x, y) * matrix for x, y in zip(values[::2], values[1::2], strict=False)]
        document.xref_set_key(xref, "QuadPoints", _numbers([v for point in points for v in point]))
    turn = pymupdf.Matrix(matrix.a, matrix.b, matrix.c, matrix.d, 0, 0)
    for key, drawing in list(_drawings(document, xref)):
        own = document.get_new_xref()  # several fields may share one
        document.update_object(own, "<<>>")
        document.xref_copy(drawing, own)
        kind, before = document.xref_get_key(own, "Matrix")
        old = pymupdf.Matrix(_floats(before)) if kind == "array" else pymupdf.Identity
        document.xref_set_key(own, "Matrix", _numbers(old * turn))
        document.xref_set_key(xref, key, f"{own} 0 R")


def _drawings(document: pymupdf.Document, xref: int) -> Iterator[tuple[str, int]]:
    """Yields the drawings of an annotation: where each is named and its xref, one for each state of a check box."""
    kind, value = document.xref_get_key(xref, "AP/N")
    if kind == "xref":
        number = int(value.split()[0])
        if document.xref_is_stream(number):
            yield "AP/N", number
            return
        value = document.xref_object(number, compressed=True)
    for state, number in re.findall(r"/([^\s/<>\[\]()]+) (\d+) 0 R", value):
        yield f"AP/N/{state}", int(number)


def _floats(array: str) -> list[float]:
    return [float(number) for number in array.strip("[] ").split()]


def _numbers(values: Iterable[float]) -> str:
    return "[" + " ".join(f"{value:.5f}".rstrip("0").rstrip(".") for value in values) + "]"

"""Descriptions that a file holds of its drawings: cells of tables, values of charts, alternative texts, text boxes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from octavo.ingest.model import FIGURES, Box, Element, Kind, Line
from octavo.ingest.table import Cell, Table
from octavo.ingest.text_boxes import INSIDE, TextBox, boxes_of, elements_in

_WITHIN = 0.6
"""The share of an element that lies within a table which takes its place."""
_WORDS = frozenset({Kind.TEXT, Kind.LIST, Kind.SECTION_HEADER, Kind.TABLE})
_COVERED = 0.9
"""The share of an element that lies within text boxes which take its place."""
_PADDING = 4.0
"""Points between a row's text and its upper edge."""


@dataclass(frozen=True, slots=True)
class DrawingDescription:
    """Something drawn on a page, in its file's words.

    `box` is where it stands, as fractions of the page's width and height. A `table` of kind TABLE is drawn as such, its
    cells with boxes in the same measure; one of kind CHART holds the values behind a drawing, below `text`. One of kind
    TEXT is a text box: `text` has a paragraph on each line, after its `title`, if it has one.
    """

    kind: Kind
    box: Box
    text: str = ""
    table: Table | None = None
    title: str = ""


def with_described(
    elements: Sequence[Element], described: Sequence[DrawingDescription], lines: Sequence[Line], frame: Box
) -> tuple[Element, ...]:
    """Returns the elements of a page with those that its file describes.

    A table takes the place of what was read of it from the page; other things stand behind what they are drawn as, or
    at the end. What the page says already is not said again. Text boxes side by side are no table.
    """
    boxes = [_text_box(description, frame) for description in described if description.kind is Kind.TEXT]
    results = _with_text_boxes(list(elements), boxes, lines)
    for description in described:
        if description.kind is Kind.TEXT:
            continue
        box = _on_page(description.box, frame)
        if description.kind is Kind.TABLE and description.table is not None:
            results = _with_table(results, _place_cells(description.table, lines, frame))
        elif not _is_said(description.text, results) or description.table is not None:
            results = _with_words(results, description, box)
    return tuple(results)


def _on_page(box: Box, frame: Box) -> Box:
    x, y = frame.width, frame.height
    return Box(box.x0 * x, box.y0 * y, box.x1 * x, box.y1 * y) & frame


def _text_box(description: DrawingDescription, frame: Box) -> TextBox:
    return TextBox(_on_page(description.box, frame), description.title, tuple(description.text.splitlines()))


def _with_text_boxes(elements: list[Element], boxes: Sequence[TextBox], lines: Sequence[Line]) -> list[Element]:
    """Puts text boxes in the place of a table or text that was seen in them, and of what else was read of them."""
    for n, element in enumerate(elements):
        if not (own := boxes_of(element, boxes)):
            continue
        inside = [m for m, e in enumerate(elements) if e.kind in _WORDS and _is_in_one(e.box, own, _COVERED)]
        gone = [n, *(m for m in inside if m != n)]
        new = list(elements_in(own, lines))
        beside = [line for line in lines if _is_of(line, [elements[m] for m in gone], own)]
        if beside:
            text = "\n".join(line.text for line in beside)
            new.append(Element(0, Kind.TEXT, Box.around(line.box for line in beside), text, tuple(beside)))
        rest = [box for box in boxes if box not in own]
        return _with_text_boxes(_in_order(elements, gone, min(gone), new) if new else elements, rest, lines)
    return elements


def _is_in_one(box: Box, boxes: Sequence[TextBox], share: float) -> bool:
    return any(box.coverage(other.box) > share for other in boxes)


def _is_of(line: Line, elements: Sequence[Element], boxes: Sequence[TextBox]) -> bool:
    """Returns whether a line is one of some elements, and stands in no text box."""
    return any(line.box.coverage(e.box) > INSIDE for e in elements) and not _is_in_one(line.box, boxes, INSIDE)


def _with_table(elements: list[Element], table: Table) -> list[Element]:
    box = Box.around(cell.box for cell in table.cells)
    words = set(re.findall(r"\w+", " ".join(cell.text for cell in table.cells)))

    def repeats(element: Element) -> bool:
        element_words = re.findall(r"\w+", element.text)
        inside = element.box.coverage(box)
        return inside > 0.9 or (
            inside > _WITHIN and sum(word in words for word in element_words) >= _WITHIN * len(element_words)
        )

    place = next((n for n, e in enumerate(elements) if repeats(e)), len(elements))
    return _in_order(elements, [n for n, e in enumerate(elements) if repeats(e)], place, [table.element(box)])


def _with_words(elements: list[Element], description: DrawingDescription, box: Box) -> list[Element]:
    """Puts what is said of a drawing behind it: its words as a caption, its values as a table below them."""
    figures = [n for n, e in enumerate(elements) if e.kind in FIGURES and e.box.area and e.box.coverage(box) > _WITHIN]
    place = figures[-1] + 1 if figures else len(elements)
    caption = Element(0, Kind.CAPTION, box, description.text, (Line(description.text, box),))
    if description.table is None:
        return _in_order(elements, [], place, [replace(caption, about=figures[-1] if figures else None)])
    cells = tuple(replace(cell, box=box) for cell in description.table.cells)
    return _in_order(
        elements, [], place, [replace(description.table, cells=cells).element(box), replace(caption, about=place)]
    )


def _in_order(elements: list[Element], gone: Sequence[int], place: int, new: Sequence[Element]) -> list[Element]:
    """Puts new elements at a place, without those that are gone; every `about` still names its element.

    The `about` of a new element counts from before, or from `place` on for another new one.
    """
    numbers = [n for n in range(len(elements)) if n not in gone]
    before = [n for n in numbers if n < place]
    moved = {n: m if n < place else m + len(new) for m, n in enumerate(numbers)}
    moved_new = [
        replace(e, about=len(before) + e.about - place if e.about >= place else moved.get(e.about))
        if e.about is not None
        else e
        for e in new
    ]
    old = [
        replace(elements[n], about=moved.get(about)) if (about := elements[n].about) is not None else elements[n]
        for n in numbers
    ]
    ordered = [*old[: len(before)], *moved_new, *old[len(before) :]]
    return [replace(e, index=n) for n, e in enumerate(ordered)]


def _is_said(text: str, elements: Sequence[Element]) -> bool:
    words = {word for e in elements for word in re.findall(r"\w+", e.text.lower())}
    return all(word in words for word in re.findall(r"\w+", text.lower()))


def _place_cells(table: Table, lines: Sequence[Line], frame: Box) -> Table:
    """Returns the table with boxes on its page.

    Rows begin where their words stand, as the file plans their heights only.
    """
    cells = [replace(cell, box=_on_page(cell.box, frame)) for cell in table.cells]
    count = table.row_count
    tops: list[float] = []
    for row in range(count):
        planned = min((cell.box.y0 for cell in cells if cell.row == row), default=tops[-1] if tops else 0.0)
        tops.append(max([planned, *tops[-1:], *_tops_of_lines(row, cells, lines, planned, tops)]))
    heights = [cell.box.y1 - cell.box.y0 for cell in cells if cell.row == count - 1 and cell.row_span == 1]
    last = max((line.box.y1 for line in _lines_of(count - 1, cells, lines, tops[-1] - _PADDING)), default=0.0)
    tops.append(min(frame.y1, max(tops[-1] + max(heights, default=0.0), last)))
    placed = (
        replace(cell, box=Box(cell.box.x0, tops[cell.row], cell.box.x1, tops[cell.row + cell.row_span]))
        for cell in cells
    )
    return replace(table, cells=tuple(placed))


def _tops_of_lines(
    row: int, cells: Sequence[Cell], lines: Sequence[Line], planned: float, tops: Sequence[float]
) -> list[float]:
    """Returns the height at which the words of a row begin, at or below the planned one."""
    start = max(planned, tops[-1] if tops else planned) - _PADDING
    return [min(line.box.y0 for line in result) - _PADDING] if (result := _lines_of(row, cells, lines, start)) else []


def _lines_of(row: int, cells: Sequence[Cell], lines: Sequence[Line], start: float) -> list[Line]:
    """Returns for each cell of a row the first line below `start` in its columns that begins with its words."""
    results = []
    for cell in cells:
        if cell.row != row or not cell.text:
            continue
        below = (
            line
            for line in lines
            if line.box.y0 >= start and line.box.x1 > cell.box.x0 and line.box.x0 < cell.box.x1 and _begins(cell, line)
        )
        if line := min(below, key=lambda line: line.box.y0, default=None):
            results.append(line)
    return results


def _begins(cell: Cell, line: Line) -> bool:
    words = cell.text.split()
    return bool(words) and words[0] in line.text.split()

"""Text boxes of a slide: several side by side look like a table, and paragraphs of one like lines of one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from octavo.ingest.model import Box, Element, Kind, Line

INSIDE, _MOSTLY = 0.7, 0.9
"""The share of a line that lies within its text box, and the share of a table's lines that lie within text boxes."""
_APART = 0.1
"""The share of its width by which a text box may overlap the one beside it."""
_LEAST = 2
"""Paragraphs of a text box that is a column of its own."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class TextBox:
    """A text box with its place in points, its heading where it has one, and its other paragraphs."""

    box: Box
    title: str
    paragraphs: tuple[str, ...]


def boxes_of(element: Element, boxes: Sequence[TextBox]) -> list[TextBox]:
    """Returns the text boxes that an element consists of: those side by side of a seeming table, or that of a text.

    A text counts where its paragraphs end without a mark, so that one would go on in the next.
    """
    inside = [b for b in boxes if len(b.paragraphs) + bool(b.title) >= _LEAST and (b.box & element.box).area]
    if element.kind is Kind.TEXT:
        own = [b for b in inside if element.box.coverage(b.box) > _MOSTLY and any(map(_is_open, b.paragraphs[:-1]))]
        return own[:1]
    if element.kind is not Kind.TABLE:
        return []
    pairs = [pair for pair in combinations(inside, 2) if _are_beside(pair[0].box, pair[1].box)]
    columns = [b for b in inside if any(b in pair for pair in pairs)]
    parts = [cell.box for cell in element.table.cells if cell.text] if element.table else [e.box for e in element.lines]
    covered = [part for part in parts if any(part.coverage(b.box) > INSIDE for b in columns)]
    return columns if columns and len(covered) >= _MOSTLY * len(parts) else []


def _is_open(paragraph: str) -> bool:
    return paragraph[-1:].isalnum() or paragraph.endswith((")", "%"))


def _are_beside(a: Box, b: Box) -> bool:
    across = min(a.x1, b.x1) - max(a.x0, b.x0)
    down = min(a.y1, b.y1) - max(a.y0, b.y0)
    return across < _APART * min(a.width, b.width) and down > 0


def elements_in(columns: Sequence[TextBox], lines: Sequence[Line]) -> Iterator[Element]:
    """Yields a heading and a list for each text box, from the left, with the lines of the page that they stand on."""
    for column in sorted(columns, key=lambda b: (b.box.x0, b.box.y0)):
        own = sorted((line for line in lines if line.box.coverage(column.box) > INSIDE), key=lambda line: line.box.y0)
        paragraphs = list(_paragraphs((*filter(None, (column.title,)), *column.paragraphs), own))
        if column.title and paragraphs:
            title, *paragraphs = paragraphs
            yield Element(0, Kind.SECTION_HEADER, title.box, title.text, (title,))
        if paragraphs:
            items = tuple(Line(_item(line.text), line.box) for line in paragraphs)
            text = "\n".join(line.text for line in items)
            yield Element(0, Kind.LIST, Box.around(line.box for line in items), text, items)


def _paragraphs(texts: Sequence[str], lines: Sequence[Line]) -> Iterator[Line]:
    """Yields each paragraph with the box around the lines on which its words stand, then lines that say other words."""
    rest = list(lines)
    for text in texts:
        missing, own = len(_WORD.findall(text)), list[Line]()
        while rest and missing > 0:
            own.append(rest.pop(0))
            missing -= len(_WORD.findall(own[-1].text))
        if own:
            yield Line(text, Box.around(line.box for line in own))
    said = {word for text in texts for word in _WORD.findall(text)}
    yield from (line for line in rest if not said.issuperset(_WORD.findall(line.text)))


def _item(text: str) -> str:
    """Returns a paragraph as an item of a list: after a bullet, unless it begins with a mark or a number."""
    return text if re.match(r"[^\w\s\"'“(]|\(?(?:\d{1,2}|[a-z])[.)]\s", text) else f"• {text}"

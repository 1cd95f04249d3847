"""Values of form fields, beside their labels, and the comments that viewers show on a page."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pymupdf

from octavo.ingest.model import Box, Element, Kind, Line

_BUTTONS = {"CheckBox", "RadioButton"}
_VALUES = {"Text", "ComboBox", "ListBox"}
_MARKS = {"Text", "Highlight", "Underline", "Squiggly", "StrikeOut", "Caret", "Square", "Circle"}
_UNSEEN = 2 | 32
"""Flags of comments that are hidden or not shown on screens (PDF 32000, 12.5.3)."""
_HIDDEN_FIELDS = {1, 3}
_PASSWORD = 1 << 13
_DATE = re.compile(r",\s*[\d./-]+,?$")
"""The date that LibreOffice writes behind an author."""
_BESIDE, _ABOVE = 300.0, 16.0
"""Points that a label stands from its field at most."""


def with_fields(page: pymupdf.Page, lines: Sequence[Line]) -> list[Line]:
    """Returns a page's lines with the value of each form field after its label, ☒ or ☐ beside that of a check box."""
    fields = [(Box(*widget.rect), *label_and_value) for widget in page.widgets() if (label_and_value := _value(widget))]
    result = [line for line in lines if not any(_is_value(line, *field) for field in fields)]
    for box, value, is_button in fields:
        label = _label(box, result, is_button)
        if label is None:
            result.append(Line(value, box))
        elif is_button and result[label].box.x0 > box.x0:
            result[label] = Line(f"{value} {result[label].text}", result[label].box | box)
        else:
            result[label] = Line(f"{result[label].text} {value}", result[label].box | box)
    return result


def comments(page: pymupdf.Page, first: int, page_text: str) -> list[Element]:
    """Returns the comments of a page as elements from index `first` on, except those that only repeat its text."""
    results: list[Element] = []
    for annotation in page.annots():
        text = " ".join(annotation.info.get("content", "").split())
        if annotation.type[1] not in _MARKS or annotation.flags & _UNSEEN or not text or text in page_text:
            continue
        author = _DATE.sub("", " ".join(annotation.info.get("title", "").split()))
        box = Box(*annotation.rect) & Box(*page.rect)
        text = f"Comment by {author}: {text}" if author else f"Comment: {text}"
        results.append(Element(first + len(results), Kind.TEXT, box, text, (Line(text, box),)))
    return results


def _value(widget: pymupdf.Widget) -> tuple[str, bool] | None:
    """Returns the visible value of a field and true for a button; `None` where nothing of it is seen."""
    if widget.field_display in _HIDDEN_FIELDS:
        return None
    if widget.field_type_string in _BUTTONS:
        return ("☒" if widget.field_value in (True, widget.on_state()) else "☐"), True
    if widget.field_type_string not in _VALUES or (widget.field_flags or 0) & _PASSWORD:
        return None
    value = " ".join(str(widget.field_value or "").split())
    return (value, False) if value else None


def _is_value(line: Line, box: Box, value: str, is_button: bool) -> bool:
    """Returns true for a line that the file draws into a field."""
    inside = line.box.coverage(Box(box.x0 - 2, box.y0 - 2, box.x1 + 2, box.y1 + 2)) > 0.7
    return inside and (len(line.text) <= 2 if is_button else line.text in value)


def _label(box: Box, lines: Sequence[Line], is_button: bool) -> int | None:
    beside: list[tuple[float, int]] = []
    for n, line in enumerate(lines):
        level = min(line.box.y1, box.y1) - max(line.box.y0, box.y0) > 0.5 * min(line.box.height, box.height)
        left, right = box.x0 - line.box.x1, line.box.x0 - box.x1
        if level and -3 <= left < _BESIDE:
            beside.append((left, n))
        elif level and is_button and -3 <= right < _BESIDE:
            beside.append((right, n))
    if beside:
        return min(beside)[1]
    above = [
        (box.y0 - line.box.y1, n)
        for n, line in enumerate(lines)
        if -3 <= box.y0 - line.box.y1 < _ABOVE and min(line.box.x1, box.x1) > max(line.box.x0, box.x0)
    ]
    return min(above)[1] if above else None

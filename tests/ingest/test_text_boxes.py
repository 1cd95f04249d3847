"""Text boxes of slides: side by side they are no table, and each paragraph of one stands for itself."""

from __future__ import annotations

import pytest

from octavo.ingest.described import DrawingDescription, with_described
from octavo.ingest.model import Box, Element, Kind, Line
from octavo.ingest.table import Cell, Table
from octavo.ingest.text_boxes import TextBox, boxes_of, elements_in

LEFT = TextBox(Box(0, 0, 100, 100), "Before you go", ("Sign the green folder", "Take a spare paddle for each group"))
RIGHT = TextBox(Box(120, 0, 220, 100), "", ("Keep right", "Two whistles mean help"))
LINES = (
    Line("Before you go", Box(5, 5, 80, 15)),
    Line("Keep right", Box(125, 5, 180, 15)),
    Line("Sign the green folder", Box(5, 20, 95, 30)),
    Line("Two whistles mean help", Box(125, 20, 215, 30)),
    Line("Take a spare paddle for", Box(5, 35, 95, 45)),
    Line("each group", Box(5, 46, 60, 56)),
)


def seeming_table(*boxes: Box) -> Element:
    cells = tuple(Cell(n // 2, n % 2, "text", box=box) for n, box in enumerate(boxes))
    return Element(0, Kind.TABLE, Box.around(boxes), table=Table(cells))


def test_boxes_side_by_side_are_read_from_the_left_with_headings_and_whole_paragraphs() -> None:
    table = seeming_table(*(line.box for line in LINES))
    columns = boxes_of(table, [RIGHT, LEFT])
    assert [(e.kind, e.text) for e in elements_in(columns, LINES)] == [
        (Kind.SECTION_HEADER, "Before you go"),
        (Kind.LIST, "• Sign the green folder\n• Take a spare paddle for each group"),
        (Kind.LIST, "• Keep right\n• Two whistles mean help"),
    ]
    places = [line.box for e in elements_in(columns, LINES) for line in e.lines]
    assert places[2] == Box(5, 35, 95, 56)


def test_a_table_with_lines_beside_the_boxes_stays_one() -> None:
    outside = [Box(5, 150, 95, 160), Box(125, 150, 215, 160)]
    assert boxes_of(seeming_table(*(line.box for line in LINES), *outside), [LEFT, RIGHT]) == []


def test_boxes_below_each_other_are_no_columns() -> None:
    below = TextBox(Box(0, 110, 100, 200), "", ("Keep right", "Two whistles mean help"))
    assert boxes_of(seeming_table(LINES[0].box, Box(5, 120, 90, 130)), [LEFT, below]) == []


@pytest.mark.parametrize(("end", "parts"), [("", 1), (".", 0)])
def test_a_text_is_parted_where_its_paragraphs_would_run_on(end: str, parts: int) -> None:
    box = TextBox(Box(0, 0, 100, 100), "", (f"42 singers{end}", "Four concerts"))
    text = Element(0, Kind.TEXT, Box(5, 5, 90, 30), "42 singers Four concerts")
    assert len(boxes_of(text, [box])) == parts


def test_a_line_that_no_paragraph_says_is_kept() -> None:
    more = (*LINES, Line("Page 3 of 7", Box(5, 80, 60, 90)))
    *_, last = [line.text for e in elements_in([LEFT], more) for line in e.lines]
    assert last == "• Page 3 of 7"


def test_what_stands_between_text_boxes_is_kept() -> None:
    between = Line("or", Box(104, 20, 114, 30))
    lines = (*LINES, *(Line(str(n), Box(5, 60 + 4 * n, 15, 63 + 4 * n)) for n in range(9)), between)
    table = seeming_table(*(line.box for line in lines))
    described = [
        DrawingDescription(Kind.TEXT, Box(0, 0, 0.4, 1), "\n".join(LEFT.paragraphs), title=LEFT.title),
        DrawingDescription(Kind.TEXT, Box(0.48, 0, 0.88, 1), "\n".join(RIGHT.paragraphs)),
    ]
    elements = with_described([table], described, lines, Box(0, 0, 250, 100))
    assert [e.kind for e in elements] == [Kind.SECTION_HEADER, Kind.LIST, Kind.LIST, Kind.TEXT]
    assert elements[-1].text == "or"

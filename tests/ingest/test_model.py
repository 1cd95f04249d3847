"""The document model: boxes and what pages and chunks say of themselves."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from octavo.ingest import Box, Chunk, Element, Kind, Page, Region

sides = st.integers(-50, 50)
boxes = st.builds(lambda x, y, w, h: Box(x, y, x + w, y + h), sides, sides, st.integers(1, 60), st.integers(1, 60))


@given(boxes, boxes)
def test_intersection_and_hull(a: Box, b: Box) -> None:
    both, around = a & b, a | b
    assert both.area == (b & a).area
    assert 0 <= both.area <= min(a.area, b.area)
    assert around.area >= max(a.area, b.area)
    assert a.coverage(around) == b.coverage(around) == 1
    assert 0 <= a.coverage(b) <= 1
    assert Box.around([a, b]) == around


def test_no_box_has_no_hull() -> None:
    with pytest.raises(ValueError, match="not enough values"):
        Box.around([])


def test_a_page_is_headed_by_its_title_then_by_its_first_section() -> None:
    frame = Box(0, 0, 1, 1)
    section, title = Element(0, Kind.SECTION_HEADER, frame, "Part"), Element(1, Kind.TITLE, frame, "Whole")
    assert Page(0, 1, 1, elements=(section, title)).title == "Whole"
    assert Page(0, 1, 1, elements=(section,)).title == "Part"
    assert Page(0, 1, 1).title == ""


def test_the_pages_of_a_chunk_ascend_and_come_once() -> None:
    frame = Box(0, 0, 1, 1)
    assert Chunk(0, "", "", (Region(4, frame), Region(3, frame), Region(4, frame))).pages == (3, 4)

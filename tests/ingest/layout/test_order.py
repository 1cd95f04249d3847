"""Reading order: every box once, columns before rows."""

from __future__ import annotations

from hypothesis import given, strategies as st

from octavo.ingest import Box
from octavo.ingest.layout.order import reading_order

sides = st.integers(0, 100)
boxes = st.builds(lambda x, y, w, h: Box(x, y, x + w + 1, y + h + 1), sides, sides, sides, sides)


@given(st.lists(boxes, max_size=25))
def test_every_box_is_read_once(found: list[Box]) -> None:
    assert sorted(reading_order(found)) == list(range(len(found)))


@given(st.permutations(range(7)))
def test_two_columns_under_a_title_and_over_a_footer(shuffled: list[int]) -> None:
    page = [
        Box(50, 20, 550, 60),
        *(Box(50, top, 290, top + 150) for top in (100, 270, 440)),
        *(Box(310, top, 550, top + 240) for top in (100, 350)),
        Box(50, 700, 550, 720),
    ]
    order = reading_order([page[n] for n in shuffled])
    assert [shuffled[n] for n in order] == [0, 1, 2, 3, 4, 5, 6]


def test_a_grid_of_short_cells_is_read_in_rows() -> None:
    cells = [Box(100 * column, 30 * row, 100 * column + 60, 30 * row + 12) for row in range(2) for column in range(3)]
    above = Box(0, -400, 300, -60)
    assert reading_order([above, *cells])[0] == 0


NEWSLETTER = [
    Box(45, 50, 220, 70),  # the name of the paper
    *(Box(45, 112, 164, 123), Box(45, 129, 285, 173), Box(45, 187, 135, 198), Box(45, 204, 279, 246)),
    *(Box(308, 112, 438, 123), Box(308, 129, 542, 173), Box(308, 187, 462, 198), Box(308, 204, 548, 293)),
    *(Box(45, 531, 84, 541), Box(45, 552, 548, 658)),  # a heading and a table as wide as both columns
]


@given(st.permutations(range(len(NEWSLETTER))))
def test_articles_whose_headings_stand_at_one_height_are_read_column_by_column(shuffled: list[int]) -> None:
    order = reading_order([NEWSLETTER[n] for n in shuffled])
    assert [shuffled[n] for n in order] == list(range(len(NEWSLETTER)))


def test_short_lines_side_by_side_over_a_wide_paragraph_are_read_in_rows() -> None:
    form = [
        Box(60 + 200 * column, 40 + 20 * row, 160 + 200 * column, 50 + 20 * row)
        for row in range(4)
        for column in (0, 1)
    ]
    assert reading_order([*form, Box(60, 150, 400, 300)]) == list(range(9))


def test_marks_beside_paragraphs_are_no_column() -> None:
    boxes = [box for top in (100, 200, 300) for box in (Box(50, top, 60, top + 10), Box(80, top, 500, top + 60))]
    assert reading_order([*boxes, Box(50, 500, 500, 560)]) == list(range(7))


def test_pages_of_many_rows_are_read_in_rows() -> None:
    boxes = [Box(50 + 250 * side, 12 * row, 250 + 250 * side, 12 * row + 10) for row in range(400) for side in (0, 1)]
    assert reading_order([*boxes, Box(50, 4900, 500, 4910)]) == list(range(801))

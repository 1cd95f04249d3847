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

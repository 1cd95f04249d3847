"""Tables from where words stand."""

from __future__ import annotations

from hypothesis import given, strategies as st

from octavo.ingest import Box, Line
from octavo.ingest.layout.tables.heights import markdown, row_lines, rows

cells = st.lists(st.lists(st.from_regex(r"[A-Za-z0-9]{1,6}", fullmatch=True), min_size=3, max_size=3), min_size=2)


@given(cells, st.randoms(use_true_random=False))
def test_a_full_grid_comes_back_whatever_the_order(grid: list[list[str]], source: object) -> None:
    words = [
        Line(word, Box(100 * column, 20 * row, 100 * column + 40, 20 * row + 10))
        for row, line in enumerate(grid)
        for column, word in enumerate(line)
    ]
    source.shuffle(words)  # type: ignore[attr-defined]
    table = rows(words)
    assert [[cell.text for cell in row] for row in table] == grid
    assert [line.text for line in row_lines(table)] == [" | ".join(row) for row in grid]
    lines = markdown(table).splitlines()
    assert [line.strip("| ").split(" | ") for line in (lines[0], *lines[2:])] == grid


def test_a_currency_sign_belongs_to_its_number_and_pipes_are_escaped() -> None:
    words = [
        Line("a|b", Box(0, 0, 30, 10)), Line("$", Box(100, 0, 105, 10)), Line("5", Box(140, 0, 150, 10)),
        Line("c", Box(0, 20, 30, 30)), Line("7", Box(140, 20, 150, 30)),
    ]  # fmt: skip
    assert markdown(rows(words)).splitlines()[0] == "| a\\|b | $ 5 |"


def test_one_column_is_no_table() -> None:
    assert markdown(rows([Line("a", Box(0, 0, 9, 9)), Line("b", Box(0, 20, 9, 29))])) == ""

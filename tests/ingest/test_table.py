"""Tables as cells: rows, header paths, exports."""

from __future__ import annotations

import csv
import io

import pytest

from octavo.ingest import Box, Cell, Kind, Page, Table
from octavo.ingest.chunking.chunker import chunk
from octavo.ingest.table import join_tables


@pytest.fixture
def spanned() -> Table:
    """Two rows of header over four columns, a name that covers two rows, an empty place."""
    return Table(
        (
            Cell(0, 0, "Line", Box(0, 0, 90, 20), row_span=2),
            Cell(0, 1, "2022", Box(100, 0, 190, 10), column_span=2),
            Cell(0, 3, "2023", Box(200, 0, 240, 20), row_span=2),
            Cell(1, 1, "Peak", Box(100, 10, 140, 20)),
            Cell(1, 2, "Off-peak", Box(150, 10, 190, 20)),
            Cell(2, 0, "Red", Box(0, 20, 90, 40), row_span=2),
            Cell(2, 1, "1,210", Box(100, 20, 140, 30)),
            Cell(2, 2, "640", Box(150, 20, 190, 30)),
            Cell(2, 3, "a|b", Box(200, 20, 240, 30)),
            Cell(3, 1, "1,395", Box(100, 30, 140, 40)),
            Cell(3, 3, "702", Box(200, 30, 240, 40)),
        ),
        header_rows=2,
    )


def test_each_cell_has_the_path_of_names_above_it(spanned: Table) -> None:
    assert [spanned.header(column) for column in range(4)] == [
        ("Line",),
        ("2022", "Peak"),
        ("2022", "Off-peak"),
        ("2023",),
    ]
    assert [(cell.text, spanned.header(cell.column)) for cell in spanned.row(3)] == [
        ("Red", ("Line",)),
        ("1,395", ("2022", "Peak")),
        ("702", ("2023",)),
    ]


def test_a_row_is_a_line_that_names_what_covers_it(spanned: Table) -> None:
    lines = spanned.lines()
    assert [line.text for line in lines] == [
        "Line | 2022 | 2023",
        "Peak | Off-peak",
        "Red | 1,210 | 640 | a|b",
        "Red | 1,395 | 702",
    ]
    assert [line.box for line in lines][2:] == [Box(0, 20, 240, 30), Box(0, 30, 240, 40)]


def test_exports_keep_spans_as_far_as_the_format_has_them(spanned: Table) -> None:
    assert spanned.markdown().splitlines() == [
        "| Line | 2022 Peak | 2022 Off-peak | 2023 |",
        "|---|---|---|---|",
        "| Red | 1,210 | 640 | a\\|b |",
        "| Red | 1,395 |  | 702 |",
    ]
    assert list(csv.reader(io.StringIO(spanned.csv()))) == [
        ["Line", "2022", "", "2023"],
        ["", "Peak", "Off-peak", ""],
        ["Red", "1,210", "640", "a|b"],
        ["", "1,395", "", "702"],
    ]
    assert spanned.html() == (
        '<table><tr><th rowspan="2">Line</th><th colspan="2">2022</th><th rowspan="2">2023</th></tr>'
        "<tr><th>Peak</th><th>Off-peak</th></tr>"
        '<tr><td rowspan="2">Red</td><td>1,210</td><td>640</td><td>a|b</td></tr>'
        "<tr><td>1,395</td><td></td><td>702</td></tr></table>"
    )


def test_a_table_that_goes_on_keeps_the_names_of_its_columns() -> None:
    top = Table.of([["Plant", "Cost"], ["Moorend", "1"]], header_rows=1)
    rest = Table(Table.of([["Ashby", "2"]]).cells, continues=True, carried=(("Plant",), ("Cost",)))
    assert rest.header(1) == ("Cost",)
    assert rest.markdown().splitlines() == ["| Plant | Cost |", "|---|---|", "| Ashby | 2 |"]
    assert join_tables([top, rest]).html() == (
        "<table><tr><th>Plant</th><th>Cost</th></tr>"
        "<tr><td>Moorend</td><td>1</td></tr><tr><td>Ashby</td><td>2</td></tr></table>"
    )


def test_chunks_say_the_header_once_with_whole_paths(spanned: Table) -> None:
    page = Page(0, 300, 300, elements=(spanned.element(Box(0, 0, 240, 40)),))
    (made,) = chunk([page])
    assert made.text == spanned.markdown()


def test_values_of_text_alone_are_rows() -> None:
    table = Table.of([["Destination", "Trondheim"], ["Cargo", "general goods"]])
    element = table.element(Box(0, 0, 200, 40))
    assert element.kind is Kind.TABLE
    assert [line.text for line in element.lines] == ["Destination | Trondheim", "Cargo | general goods"]
    assert "| Destination | Trondheim |" in element.markdown.splitlines()

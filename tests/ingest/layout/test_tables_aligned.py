"""Tables of short texts without lines, told from paragraphs, lists and columns of prose."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pymupdf
import pytest

from octavo.ingest import Box, Kind, Line
from octavo.ingest.layout.tables.aligned import find_aligned
from tests.ingest.pages import drawn, read_page

CARGO = [
    ["Destination", "Trondheim"], ["Departure", "Monday, early"], ["Carrier", "Blue Ferry Co."],
    ["Contact", "Mrs. Vogel"], ["Cargo", "general goods"],
]  # fmt: skip
TASKS = [
    ["Task", "Owner", "State"], ["Dredging", "Harbour Trust", "in review"], ["Painting", "City Library", "approved"],
    ["Lighting", "Northern Mills", "not started"],
]  # fmt: skip

LEGEND = [["Friends or family", "41 %"], ["A leaflet", "23 %"], ["School visits", "19 %"], ["Other", "17 %"]]


def lines(rows: Sequence[Sequence[str]], pitch: float = 150, step: float = 20) -> list[Line]:
    return [
        Line(text, Box(60 + pitch * c, 100 + step * r, 60 + pitch * c + 5 * len(text), 112 + step * r))
        for r, row in enumerate(rows)
        for c, text in enumerate(row)
        if text
    ]


@pytest.mark.parametrize("rows", [CARGO, TASKS, LEGEND])
def test_short_texts_in_columns_are_a_table(rows: list[list[str]]) -> None:
    found = lines(rows)
    assert find_aligned([Line("A sentence stands above it.", Box(60, 60, 300, 72)), *found]) == [
        Box.around(line.box for line in found)
    ]


@pytest.mark.parametrize(
    "found",
    [
        lines(CARGO[:3]),
        lines(CARGO, step=12),
        lines([[f"{n}.", "An item of a list"] for n in range(1, 7)]),
        lines([["• " + a, "• " + b] for a, b in CARGO]),
        lines([[title, str(n)] for n, (title, _) in enumerate(CARGO)], pitch=300),
        lines([["The board met on nine days of", "its committees, which had all"]] * 6, pitch=160),
        lines([*CARGO[:2], ["One line alone"], *CARGO[2:4]]),
    ],
)
def test_lists_contents_and_prose_in_columns_are_none(found: list[Line]) -> None:
    assert find_aligned(found) == []


def test_a_page_reads_them_row_by_row(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_text((60, 80), "The voyage of the ferry was planned by the harbour's council.", fontsize=10)
        for line in lines(CARGO):
            page.insert_text((line.box.x0, line.box.y1), line.text, fontsize=10)

    page, _ = read_page(drawn(tmp_path / "a.pdf", draw))
    [table] = [e.table for e in page.elements if e.kind is Kind.TABLE]
    assert table
    assert [[cell.text for cell in table.row(n)] for n in range(table.row_count)] == CARGO
    assert table.header_rows == 0


def test_numbered_names_are_one_column(tmp_path: Path) -> None:
    rows = [["Machine", "Hours", "Cost"], *([f"Pump {n}", str(37 * n), str(113 * n)] for n in range(1, 12))]

    def draw(page: pymupdf.Page) -> None:
        for line in lines(rows):
            page.insert_text((line.box.x0, line.box.y1), line.text, fontsize=10)

    page, _ = read_page(drawn(tmp_path / "a.pdf", draw))
    [table] = [e.table for e in page.elements if e.kind is Kind.TABLE]
    assert table
    assert [[cell.text for cell in table.row(n)] for n in range(table.row_count)] == rows

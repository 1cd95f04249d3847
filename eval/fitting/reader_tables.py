"""Tables of the reader's training passages: read from lines with ` | ` between cells, and written in several styles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from octavo.rag.answering.reader.rows import row_pieces

Style = Literal["cells", "lines", "markdown"]
"""Rows as `header: cell; header: cell`, as cells between ` | ` under a line of headers, or as Markdown."""
Cell = tuple[int, int]
"""A row and a column of the table."""
_VALUE = re.compile(r"^[\s$(]*[\d(—-]")
_HEADER_LINES = 4


@dataclass(frozen=True, slots=True)
class TrainingTable:
    """A table with one header; `sections` holds, for each row, the label that stands above it."""

    title: str
    header: list[str]
    rows: list[list[str]]
    sections: list[str]


def parse_table(text: str, *, titled: bool) -> TrainingTable | None:
    """Returns the table of a passage, None where its columns do not line up.

    A `titled` one has its title on the first line and its header on the second. The header of another is one of the
    first lines and may be one cell short, and a line of one cell is a section.

    >>> parse_table("2019 | 2018\\nSales:\\nBooks | 7 | 5", titled=False)
    TrainingTable(title='', header=['', '2019', '2018'], rows=[['Books', '7', '5']], sections=['Sales'])
    """
    title, _, body = text.partition("\n") if titled else ("", "", text)
    grid = [[cell.strip() for cell in line.split("|")] for line in body.split("\n") if line.strip()]
    width = max((len(cells) for cells in grid), default=0)
    if len(grid) < 2 or width < 2:
        return None
    if titled:
        if any(len(cells) != width for cells in grid):
            return None
        return TrainingTable(title.strip(), grid[0], grid[1:], [""] * (len(grid) - 1))
    head = next((n for n, cells in enumerate(grid[:_HEADER_LINES]) if len(cells) >= max(2, width - 1)), None)
    if head is None or any(1 < len(cells) < width - 1 for cells in grid[:head]):
        return None
    header = [""] * (width - len(grid[head])) + grid[head]
    rows, sections, section = [], [], ""
    for cells in grid[head + 1 :]:
        if len(cells) == 1:
            section = cells[0].rstrip(":")
        elif len(cells) == width or not _VALUE.match(cells[0]):
            rows.append(cells + [""] * (width - len(cells)))
            sections.append(section)
    caption = " ".join(cells[0] for cells in grid[:head] if len(cells) == 1)
    return TrainingTable(caption, header, rows, sections) if rows else None


def write_table(
    table: TrainingTable, rows: Sequence[int], columns: Sequence[int], style: Style, title: str
) -> tuple[str, dict[Cell, tuple[int, int]]]:
    """Returns some rows and columns of a table as text under a title, and the range of each cell in it."""
    text = f"{title}\n" if title else ""
    ranges: dict[Cell, tuple[int, int]] = {}
    header = [table.header[c] for c in columns]
    left, between, right = ("| ", " | ", " |") if style == "markdown" else ("", " | ", "")
    if style != "cells":
        text += left + between.join(header) + right + "\n"
    if style == "markdown":
        text += "|" + "---|" * len(columns) + "\n"
    section = ""
    for r in rows:
        cells = [table.rows[r][c] for c in columns]
        if style == "cells":
            pieces = row_pieces(header, cells, table.sections[r])
        else:
            if table.sections[r] != section:
                text += table.sections[r] + "\n"
            pieces = _between(cells, left, between)
        section = table.sections[r]
        for c, (before, cell) in zip(columns, pieces, strict=True):
            text += before
            ranges[r, c] = len(text), len(text) + len(cell)
            text += cell
        text += right + "\n"
    return text.rstrip("\n"), ranges


def _between(cells: Sequence[str], before: str, between: str) -> Iterator[tuple[str, str]]:
    for n, cell in enumerate(cells):
        yield between if n else before, cell

"""Tables: rows and cells from where the words stand, and the same as Markdown."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from octavo.ingest.model import Box, Line

Row = list[Line]


def rows(lines: Sequence[Line]) -> list[Row]:
    """Returns pieces of text as rows of cells: one height is a row, a gap wider than a letter separates cells.

    >>> a, b, c = Line("Year", Box(0, 0, 20, 10)), Line("2018", Box(50, 1, 70, 11)), Line("Cost", Box(0, 14, 20, 24))
    >>> [[cell.text for cell in row] for row in rows([a, b, c])]
    [['Year', '2018'], ['Cost']]
    """
    grouped: list[Row] = []
    for line in sorted(lines, key=lambda line: (line.box.y0 + line.box.y1) / 2):
        if grouped and _same_row(grouped[-1], line):
            grouped[-1].append(line)
        else:
            grouped.append([line])
    return [_cells(row) for row in grouped]


def row_lines(table: Sequence[Row]) -> tuple[Line, ...]:
    """Returns each row as one line, its cells joined by ` | `."""
    return tuple(Line(" | ".join(cell.text for cell in row), Box.around(cell.box for cell in row)) for row in table)


def markdown(table: Sequence[Row]) -> str:
    """Returns the table in Markdown, or an empty string when its cells fall into no columns.

    >>> head = [Line("", Box(0, 0, 1, 9)), Line("2018", Box(50, 0, 70, 9))]
    >>> print(markdown([head, [Line("Cost", Box(0, 10, 20, 19)), Line("7", Box(60, 10, 70, 19))]]))
    |  | 2018 |
    |---|---|
    | Cost | 7 |
    """
    columns = _columns(table)
    if len(columns) < 2 or len(table) < 2:
        return ""
    grid = [_place(row, columns) for row in table]
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in grid]
    return "\n".join([lines[0], "|" + "---|" * len(columns), *lines[1:]])


def _same_row(row: Row, line: Line) -> bool:
    last = row[-1].box
    overlap = min(last.y1, line.box.y1) - max(last.y0, line.box.y0)
    return overlap > 0.5 * min(last.height, line.box.height)


def _cells(row: Row) -> Row:
    cells: Row = []
    for piece in sorted(row, key=lambda line: line.box.x0):
        if cells and (
            piece.box.x0 - cells[-1].box.x1 < 0.6 * piece.box.height or cells[-1].text in {"$", "€", "£", "("}
        ):
            cells[-1] = Line(f"{cells[-1].text} {piece.text}", cells[-1].box | piece.box)
        else:
            cells.append(piece)
    return cells


def _columns(table: Sequence[Row]) -> list[tuple[float, float]]:
    """Returns the columns' horizontal extents: overlapping cells of rows with as many cells as most full rows have."""
    counts = [len(row) for row in table if len(row) > 1]
    if not counts:
        return []
    full = statistics.mode(sorted(counts, reverse=True))
    columns: list[tuple[float, float]] = []
    for x0, x1 in sorted((cell.box.x0, cell.box.x1) for row in table if len(row) == full for cell in row):
        if columns and x0 < columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], x1))
        else:
            columns.append((x0, x1))
    return columns


def _place(row: Row, columns: Sequence[tuple[float, float]]) -> list[str]:
    cells = [""] * len(columns)
    for cell in row:
        middle = (cell.box.x0 + cell.box.x1) / 2
        best = max(
            range(len(columns)), key=lambda n: (_overlap(cell.box, columns[n]), -abs(middle - sum(columns[n]) / 2))
        )
        cells[best] = f"{cells[best]} {cell.text}".strip()
    return cells


def _overlap(box: Box, column: tuple[float, float]) -> float:
    return max(0.0, min(box.x1, column[1]) - max(box.x0, column[0]))

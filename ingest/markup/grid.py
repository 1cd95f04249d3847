"""Tables on pages: how wide columns and how high rows are, and which of them stand on which page."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from octavo.ingest.markup import measure
from octavo.ingest.table import Cell, Table

SIZE, LEADING, PADDING = 9.0, 11.0, 3.0
"""Points: of the letters, from line to line, and between text and rule."""
WIDEST = 1_600.0
"""Points that the columns on one page may take together."""
_NARROWEST, _WIDEST_COLUMN, _LONGEST_WORD = 16.0, 240.0, 140.0
_SLACK = 1.04


@dataclass(frozen=True)
class PlacedCells:
    """A part of a table, the texts of its cells in lines, and how wide its columns and how high its rows are."""

    table: Table
    lines: dict[Cell, list[str]]
    widths: list[float]
    heights: list[float]

    @functools.cached_property
    def by_row(self) -> dict[int, list[Cell]]:
        """Returns the cells that begin in each row."""
        result: dict[int, list[Cell]] = defaultdict(list)
        for cell in self.table.cells:
            result[cell.row].append(cell)
        return result

    @functools.cached_property
    def deepest(self) -> int:
        """Returns the most rows that a cell covers."""
        return max((cell.row_span for cell in self.table.cells), default=1)


def parts(table: Table, room: float) -> Iterator[PlacedCells]:
    """Yields the table for pages with `room` points between the margins, or for wider pages where it needs them.

    A table too wide for any page is cut into groups of columns; each begins with the first column.
    """
    widths = _widths(table, room)
    for columns in _groups(widths):
        part = table if len(columns) == len(widths) else _columns(table, columns)
        chosen = [widths[column] for column in columns]
        lines = {
            cell: measure.wrap_text(
                cell.text, sum(chosen[cell.column : cell.column + cell.column_span]) - 2 * PADDING, SIZE
            )
            for cell in part.cells
        }
        yield PlacedCells(part, lines, chosen, _heights(part, lines))


def rows(placed: PlacedCells, first: int, last: int, repeat: bool) -> PlacedCells:
    """Returns the rows from `first` to before `last`, below the header rows again where `repeat` is true."""
    repeated_rows = placed.table.header_rows if repeat else 0
    lines: dict[Cell, list[str]] = {}
    for row in range(repeated_rows):
        lines.update((cell, placed.lines[cell]) for cell in placed.by_row.get(row, ()))
    for row in range(max(0, first - placed.deepest), last):
        for cell in placed.by_row.get(row, ()):
            start, stop = max(row, first), min(row + cell.row_span, last)
            if start < stop:
                lines[replace(cell, row=start - first + repeated_rows, row_span=stop - start)] = placed.lines[cell]
    header_rows = repeated_rows or max(0, min(placed.table.header_rows, last) - first)
    carried: tuple[tuple[str, ...], ...] = ()
    if first and not header_rows and placed.table.header_rows:
        carried = tuple(placed.table.header(column) for column in range(placed.table.column_count))
    table = Table(tuple(sorted(lines, key=lambda cell: (cell.row, cell.column))), header_rows, first > 0, carried)
    table = replace(
        table, sheet=placed.table.sheet, at=(placed.table.at[0] + first - repeated_rows, placed.table.at[1])
    )
    return PlacedCells(table, lines, placed.widths, [*placed.heights[:repeated_rows], *placed.heights[first:last]])


def _widths(table: Table, room: float) -> list[float]:
    count = table.column_count
    least, most = [_NARROWEST] * count, [_NARROWEST] * count
    for cell in table.cells:
        bold = _SLACK * (1.08 if cell.row < table.header_rows else 1.0)
        word = min(_LONGEST_WORD, bold * measure.longest_word(cell.text, SIZE)) + 2 * PADDING
        whole = min(_WIDEST_COLUMN, bold * measure.width(cell.text, SIZE)) + 2 * PADDING
        for column in range(cell.column, cell.column + cell.column_span):
            least[column] = max(least[column], word / cell.column_span)
            most[column] = max(most[column], whole / cell.column_span)
    if sum(most) <= room:
        return most
    if sum(least) <= room:
        share = (room - sum(least)) / (sum(most) - sum(least))
        return [low + share * (high - low) for low, high in zip(least, most, strict=True)]
    return [max(low, min(high, 110.0)) for low, high in zip(least, most, strict=True)]


def _groups(widths: list[float]) -> list[list[int]]:
    groups: list[list[int]] = [[]]
    for column, width in enumerate(widths):
        if groups[-1] and sum(widths[c] for c in groups[-1]) + width > WIDEST:
            groups.append([0])
        groups[-1].append(column)
    return groups


def _columns(table: Table, columns: list[int]) -> Table:
    place = {column: n for n, column in enumerate(columns)}
    inside = []
    for cell in table.cells:
        covered = [place[c] for c in range(cell.column, cell.column + cell.column_span) if c in place]
        if covered:
            inside.append(replace(cell, column=covered[0], column_span=covered[-1] - covered[0] + 1))
    return replace(table, cells=tuple(inside))


def _heights(table: Table, lines: dict[Cell, list[str]]) -> list[float]:
    heights = [LEADING + 2 * PADDING] * table.row_count
    for cell in sorted(table.cells, key=lambda cell: cell.row_span):
        needed = len(lines[cell]) * LEADING + 2 * PADDING
        over = needed - sum(heights[cell.row : cell.row + cell.row_span])
        if over > 0:
            heights[cell.row + cell.row_span - 1] += over
    return heights

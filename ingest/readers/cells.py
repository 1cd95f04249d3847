"""The cells of a sheet, and the tables among them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, pairwise

from octavo.ingest.markup.blocks import Block, Grid, NewPage, TextBlock
from octavo.ingest.markup.text import header_rows, is_number
from octavo.ingest.model import Kind
from octavo.ingest.table import Cell, Table, column_letters

Place = tuple[int, int]
"""A row and a column, from 0."""
_Area = dict[int, list[int]]
"""The columns of each row that hold something, in ascending order."""
_SPARSE = 10
_BESIDE = 20
"""Tables that may stand beside each other; rows are compared with that many above them."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A table's rows, and the first and last of the columns that it covers."""

    area: _Area
    left: int
    right: int


@dataclass
class Sheet:
    """A sheet: what its cells show, the spans of merged ones (rows, columns), and its comments.

    `is_one` is true where all that has columns is one table, as in a file of separated values. `hidden_rows` and
    `hidden_columns` count what is not shown, and read all the same.
    """

    name: str
    cells: dict[Place, str] = field(default_factory=dict)
    spans: dict[Place, Place] = field(default_factory=dict)
    comments: dict[Place, str] = field(default_factory=dict)
    hidden: bool = False
    hidden_rows: int = 0
    hidden_columns: int = 0
    is_one: bool = False

    def fill(self, rows: Iterable[Sequence[str]], most: int) -> tuple[str, ...]:
        """Fills the sheet from rows of texts up to `most` cells; what is left out, in sentences."""
        for number, row in enumerate(rows):
            for column, text in enumerate(row):
                if text:
                    self.cells[number, column] = text
            if len(self.cells) > most:
                what = f"the sheet {self.name}" if self.name else "the file"
                return (
                    f"{what} has more than {most:,} cells: only its first {number + 1:,} rows are read "
                    "(OCTAVO_READING__MAX_CELLS)",
                )
        return ()

    def problems(self) -> list[str]:
        """Returns sentences about the rows and columns that the sheet hides."""
        hidden = [_count(self.hidden_rows, "row"), _count(self.hidden_columns, "column")]
        parts = " and ".join(filter(None, hidden))
        return [f"the sheet {self.name} hides {parts}, read all the same"] if parts and self.cells else []

    def pages(self) -> Iterator[Block]:
        """Yields the sheet from a new page on, below its name; nothing where it is empty."""
        results = list(self.blocks())
        if results:
            yield NewPage()
            hidden = " (hidden sheet)" if self.hidden else ""
            yield TextBlock.of(self.name + hidden, kind=Kind.SECTION_HEADER, level=2)
            yield from results

    def blocks(self) -> Iterator[Block]:
        """Yields the tables, which empty rows and columns part, each where it stands.

        A row of one cell above one is text.

        Rows below an empty row go on the table above it unless they name columns of their own.
        """
        parts: list[str | _Area] = []
        recent: deque[_Part] = deque(maxlen=_BESIDE)
        for run in _runs(self._whole()):
            texts, rest = self._split(run, bool(recent))
            parts += texts
            for area in self._side_by_side(rest) if rest else ():
                texts, own = self._split(area, bool(recent))
                parts += texts
                if not own:
                    continue
                used = sorted(self._cover(own))
                new = _Part(own, used[0], used[-1])
                above = next((part for part in reversed(recent) if self._goes_on(part, new, used)), None)
                if above is None:
                    recent.append(new)
                    parts.append(own)
                else:
                    above.area.update(own)
        for part in parts:
            yield TextBlock.of(part) if isinstance(part, str) else self._grid(part)
        for (row, column), text in sorted(self.comments.items()):
            yield TextBlock.of(f"Comment on {column_letters(column)}{row + 1}: {text}")

    def _whole(self) -> _Area:
        area: _Area = {row: [] for row in sorted({row for row, _ in self.cells})}
        for row, column in sorted(self.cells):
            area[row].append(column)
        return area

    def _split(self, area: _Area, after_table: bool) -> tuple[list[str], _Area]:
        """Returns the texts that an area begins with, which are part of no table, and the rows after them."""
        rows = [*area, None]
        n = 0
        while not (self.is_one and after_table) and self._is_text(area, rows[n], rows[min(n + 1, len(rows) - 1)]):
            n += 1
        texts = [self.cells[row, area[row][0]] for row in rows[:n] if row is not None]
        return texts, {row: area[row] for row in rows[n:] if row is not None}

    def _is_text(self, area: _Area, first: int | None, second: int | None) -> bool:
        """Returns true where a row is one cell outside of any table: no row follows, or it names the table below.

        It names the table where it is merged over it, wider than a column is, or stands to the left of it.
        """
        if first is None or len(area[first]) > 1:
            return False
        if second is None or len(area[second]) == 1:
            return True
        [column] = area[first]
        merged = self.spans.get((first, column), (1, 1))[1] > 1
        return merged or len(self.cells[first, column]) > 30 or column < area[second][0]

    def _side_by_side(self, area: _Area) -> Iterator[_Area]:
        """Yields the tables of consecutive rows: an empty column separates them where the next has names for its rows.

        Columns of numbers beside an empty column belong to the names on their left.
        """
        used = sorted(self._cover(area))
        gaps = [] if self.is_one else [after for before, after in pairwise(used) if after > before + 1]
        bounds = [used[0]]
        for gap, end in pairwise([*gaps, used[-1] + 1]):
            left, right = (sum(a <= column < b for column in used) for a, b in ((bounds[-1], gap), (gap, end)))
            if left > 1 and right > 1 and self._names_rows(area, gap):
                bounds.append(gap)
        if len(bounds) == 1:
            yield area
        else:
            for start, stop in pairwise([*bounds, used[-1] + 1]):
                yield from _runs(_between(area, start, stop))

    def _cover(self, area: _Area) -> set[int]:
        """Returns the columns that hold something or lie below a merged cell."""
        results: set[int] = set()
        for row, columns in area.items():
            for column in columns:
                results.update(range(column, column + self.spans.get((row, column), (1, 1))[1]))
        return results

    def _names_rows(self, area: _Area, column: int) -> bool:
        texts = [self.cells[row, column] for row, columns in area.items() if column in columns]
        return len(texts) > 1 and sum(not is_number(text) for text in texts) > 0.6 * len(texts)

    def _goes_on(self, above: _Part, part: _Part, used: Sequence[int]) -> bool:
        """Returns true where a part continues the table above one empty row: in its columns, without names."""
        if self.is_one:
            return True
        if next(iter(part.area)) != next(reversed(above.area)) + 2:
            return False
        texts = [[self.cells.get((row, column), "") for column in used] for row in islice(part.area, 60)]
        return above.left <= part.left and part.right <= above.right and not header_rows(texts)

    def _grid(self, area: _Area) -> Grid:
        if self.is_one:  # nobody names places of a file without sheets: its empty rows are left out
            cells = {(n, column): self.cells[row, column] for n, row in enumerate(area) for column in area[row]}
            return replace(self, cells=cells, is_one=False)._grid(dict(enumerate(area.values())))
        used = sorted({column for columns in area.values() for column in columns})
        if used[-1] - used[0] >= _SPARSE * len(used):  # cells far from each other stand beside each other
            columns = {column: n for n, column in enumerate(used)}
        else:
            columns = {column: column - used[0] for column in range(used[0], used[-1] + 1)}
        top, last, left, right = min(area), max(area), used[0], used[-1]
        result = self._cells(area, columns, last, right)
        covered = {cell.row + n for cell in result for n in range(cell.row_span)}
        result += [Cell(row, 0, "") for row in range(last - top) if row not in covered]
        table = Table(tuple(result), sheet=self.name, at=(top, left))
        table = replace(table, header_rows=_named_rows(table))
        place = f"{table.reference(0).partition(':')[0]}:{column_letters(right)}{last + 1}" if self.name else ""
        return Grid(table, place)

    def _cells(self, area: _Area, columns: Mapping[int, int], last: int, right: int) -> list[Cell]:
        top = min(area)
        covered: set[Place] = set()
        results = []
        for row in area:
            for column in area[row]:
                if (row, column) in covered:
                    continue
                down, across = self.spans.get((row, column), (1, 1))
                down = min(down, last - row + 1)
                across = min(across, right - column + 1, len(columns) - columns[column])
                if down > 1 or across > 1:
                    covered |= {(row + r, column + c) for r in range(down) for c in range(across)}
                text = self.cells[row, column]
                results.append(Cell(row - top, columns[column], text, row_span=down, column_span=across))
        return results


def _runs(area: _Area) -> Iterator[_Area]:
    """Yields the parts of an area whose rows follow each other."""
    run: _Area = {}
    for row, columns in area.items():
        if run and row > next(reversed(run)) + 1:
            yield run
            run = {}
        run[row] = columns
    if run:
        yield run


def _between(area: _Area, start: int, stop: int) -> _Area:
    cut = {row: [column for column in columns if start <= column < stop] for row, columns in area.items()}
    return {row: columns for row, columns in cut.items() if columns}


def _named_rows(table: Table) -> int:
    """Returns the number of header rows: one, or two where cells of the first row span several that are words."""
    grid = table.grid()[:60]
    texts = [[cell.text if cell else "" for cell in row] for row in grid]
    above_several = any(cell.column_span > 1 for cell in table.row(0))
    if above_several and len(texts) > 2 and not any(map(is_number, filter(None, texts[1]))):
        return 2
    return header_rows(texts) if len(texts) > 1 else 0


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}" if number else ""

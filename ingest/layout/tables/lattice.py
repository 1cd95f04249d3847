"""Tables whose cells are boxed in by drawn lines."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence

from octavo.ingest.layout.tables.piece import CellPiece, Row, set_in_lines
from octavo.ingest.layout.tables.rulings import SNAP, Rulings
from octavo.ingest.layout.tables.words import TableWord, bands, is_number, phrases
from octavo.ingest.model import Box

_MOST = 6_000
_COVERED = 0.6
_STACKED = 0.15
_NAMED, _APART = 0.4, 2.0
"""The share of rows in which a cell holds a label and, so many heights of its line apart, a number: lines part values
from each other there, as colours behind them do, and not from their labels."""


def lattice(words: Sequence[TableWord], rulings: Rulings, box: Box) -> list[Row] | None:
    """Returns the rows of a table whose lines part all cells, or `None` where they do not.

    A cell that no line cuts covers several rows and columns. Refused are lines that make no rectangles, that run
    through words, that leave words outside, or between which several numbers, or a label and a number apart from it,
    stand in one cell.
    """
    xs = _levels([line.x0 for line in rulings.vertical], box.x0, box.x1, [(w.box.x0, w.box.x1) for w in words])
    ys = _levels([line.y0 for line in rulings.horizontal], box.y0, box.y1, [(w.box.y0, w.box.y1) for w in words])
    columns, rows = len(xs) - 1, len(ys) - 1
    if columns < 2 or rows < 2 or columns * rows > _MOST:
        return None
    owners = _owners(xs, ys, rulings)
    if owners is None:
        return None
    words_of_cell: dict[tuple[int, int, int, int], list[TableWord]] = {cell: [] for row in owners for cell in row}
    crossed = 0
    for word in words:
        row = _place(ys, (word.box.y0 + word.box.y1) / 2)
        column = _place(xs, (word.box.x0 + word.box.x1) / 2)
        if row is None or column is None:
            return None
        cell = owners[row][column]
        words_of_cell[cell].append(word)
        reach = 0.3 * word.box.height
        crossed += word.box.x0 < xs[cell[1]] - reach or word.box.x1 > xs[cell[3] + 1] + reach
    if crossed > 0.05 * len(words):
        return None
    pieces = {
        (top, left, bottom, right): CellPiece(
            set_in_lines(inside), left, right, bottom - top + 1, Box(xs[left], ys[top], xs[right + 1], ys[bottom + 1])
        )
        for (top, left, bottom, right), inside in words_of_cell.items()
    }
    with_names = [inside for inside in words_of_cell.values() if any(_names_number(line) for line in bands(inside))]
    if len(with_names) > _NAMED * len({top for (top, *_), inside in words_of_cell.items() if inside}):
        return None
    stacked = sum(len(p.lines) > 1 and sum(is_number(line.text) for line in p.lines) > 1 for p in pieces.values())
    paired = sum(any(_numbers(line) > 1 for line in bands(inside)) for inside in words_of_cell.values())
    if stacked + paired > _STACKED * sum(bool(p.lines) for p in pieces.values()):
        return None
    result: list[Row] = [{} for _ in range(rows)]
    for cell, piece in pieces.items():
        result[cell[0]][cell[1]] = piece
    return _without_slits(result, xs, ys, owners)


def _numbers(line: Sequence[TableWord]) -> int:
    """Returns how many numbers stand apart in a line of one cell."""
    return sum(is_number(piece.text) for piece in phrases(line, line[0].box.height))


def _names_number(line: Sequence[TableWord]) -> bool:
    """Returns whether a line of one cell is a label and then, apart from it, a number."""
    first, *others = phrases(line, _APART * line[0].box.height)
    return bool(others) and is_number(others[-1].text) and not is_number(first.text)


def _levels(lines: Sequence[float], low: float, high: float, words: Sequence[tuple[float, float]]) -> list[float]:
    """Returns where lines are, close ones as one, and the table's edges where words stand beyond the outer lines."""
    levels: list[list[float]] = []
    for value in sorted(lines):
        if levels and value - levels[-1][-1] <= SNAP:
            levels[-1].append(value)
        else:
            levels.append([value])
    results = [sum(level) / len(level) for level in levels]
    if not results:
        return []
    before = [w for w in words if (w[0] + w[1]) / 2 < results[0]]
    after = [w for w in words if (w[0] + w[1]) / 2 > results[-1]]
    if before:
        results.insert(0, min([low, *(w[0] - 1 for w in before)]))
    if after:
        results.append(max([high, *(w[1] + 1 for w in after)]))
    return results


def _owners(xs: Sequence[float], ys: Sequence[float], rulings: Rulings) -> list[list[tuple[int, int, int, int]]] | None:
    """Returns the cell of each field of the grid: top row, left column, bottom row, right column."""
    columns, rows = len(xs) - 1, len(ys) - 1
    right = _borders(xs, ys, [(line.x0, line.y0, line.y1) for line in rulings.vertical])
    below = _borders(ys, xs, [(line.y0, line.x0, line.x1) for line in rulings.horizontal])
    group = {(r, c): (r, c) for r in range(rows) for c in range(columns)}

    def root(field: tuple[int, int]) -> tuple[int, int]:
        while group[field] != field:
            group[field] = group[group[field]]
            field = group[field]
        return field

    for r in range(rows):
        for c in range(columns):
            if c + 1 < columns and (c + 1, r) not in right:
                group[root((r, c + 1))] = root((r, c))
            if r + 1 < rows and (r + 1, c) not in below:
                group[root((r + 1, c))] = root((r, c))
    members: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for field in group:
        members[root(field)].append(field)
    owners = [[(0, 0, 0, 0)] * columns for _ in range(rows)]
    for fields in members.values():
        top, bottom = min(r for r, _ in fields), max(r for r, _ in fields)
        left, end = min(c for _, c in fields), max(c for _, c in fields)
        if (bottom - top + 1) * (end - left + 1) != len(fields):
            return None
        for r, c in fields:
            owners[r][c] = (top, left, bottom, end)
    return owners


def _borders(
    levels: Sequence[float], steps: Sequence[float], lines: Sequence[tuple[float, float, float]]
) -> set[tuple[int, int]]:
    """Returns the pieces of the grid's inner lines that are drawn: (level, step) for the piece between two steps."""
    lengths: dict[tuple[int, int], float] = defaultdict(float)
    for at, start, end in lines:
        level = min(range(len(levels)), key=lambda n: abs(levels[n] - at))
        if abs(levels[level] - at) > SNAP:
            continue
        for step in range(max(0, bisect_right(steps, start) - 1), len(steps) - 1):
            if steps[step] >= end:
                break
            lengths[level, step] += max(0.0, min(end, steps[step + 1]) - max(start, steps[step]))
    return {(n, step) for (n, step), length in lengths.items() if length >= _COVERED * (steps[step + 1] - steps[step])}


def _place(levels: Sequence[float], value: float) -> int | None:
    place = bisect_right(levels, value) - 1
    return place if 0 <= place < len(levels) - 1 else None


def _without_slits(
    rows: list[Row], xs: Sequence[float], ys: Sequence[float], owners: Sequence[Sequence[tuple[int, int, int, int]]]
) -> list[Row]:
    """Returns the rows without those, and without columns, that only double lines make: low or narrow, and empty."""
    size = max((line.box.height for row in rows for piece in row.values() for line in piece.lines), default=0)
    pieces = [(r, piece) for r, row in enumerate(rows) for piece in row.values() if piece.lines]
    tall = {r for r in range(len(rows)) if ys[r + 1] - ys[r] > 0.6 * size} | {r for r, p in pieces if p.row_span == 1}
    wide = {p.first for _, p in pieces if p.first == p.last}
    result: list[Row] = [{} for _ in tall]
    for r, row in enumerate(rows):
        for piece in row.values():
            down = [n for n in range(r, r + piece.row_span) if n in tall]
            across = [n for n in range(piece.first, piece.last + 1) if n in wide]
            if down and across:
                first = sum(n < across[0] for n in wide)
                moved = CellPiece(piece.lines, first, first + len(across) - 1, len(down), piece.frame)
                result[sum(n < down[0] for n in tall)][first] = moved
    return result

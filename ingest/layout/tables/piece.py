"""The parts of a table: pieces of text in columns, rows of such pieces."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from octavo.ingest.hyphens import WordCounts
from octavo.ingest.layout.tables.words import SIGNS, TableWord, bands
from octavo.ingest.model import Box
from octavo.ingest.table import NOWHERE

_PARTED, _BEGINS = re.compile(r"([^\W\d_]{2,})[-\u2010]$"), re.compile(r"([a-zà-ÿ]\w+)")
_USAGE = WordCounts()
_UNITS = {"%", ")", ")%", "x", "bps", "pts"}


@dataclass(frozen=True, slots=True)
class CellPiece:
    """The text of a cell, perhaps on several lines; it covers the columns from `first` to `last`.

    `row_span` rows below each other hold it. `frame` is the field that lines draw around it. An empty cell has no
    lines.
    """

    lines: tuple[TableWord, ...]
    first: int
    last: int
    row_span: int = 1
    frame: Box = NOWHERE

    @property
    def text(self) -> str:
        result = ""
        for line in self.lines:
            ends, begins = _PARTED.search(result), _BEGINS.match(line.text)
            if ends and begins:
                result = result[: ends.start(1)] + _USAGE.whole(ends[1], begins[1]) + line.text[begins.end() :]
            else:
                result = f"{result} {line.text}".strip()
        return result

    @property
    def box(self) -> Box:
        return Box.around(line.box for line in self.lines) if self.lines else self.frame

    @property
    def bold(self) -> bool:
        return bool(self.lines) and all(line.bold for line in self.lines)

    def __add__(self, below: CellPiece) -> CellPiece:
        """Returns the same cell with the lines of another below."""
        return CellPiece(
            self.lines + below.lines, min(self.first, below.first), max(self.last, below.last), self.row_span
        )


Row = dict[int, CellPiece]
"""A row's pieces by the first column that they cover."""


def without_signs(rows: Sequence[Row]) -> list[Row]:
    """Returns the rows with columns of nothing but currency or per cent signs merged into those of their numbers."""
    count = max((piece.last for row in rows for piece in row.values()), default=0) + 1
    texts = [{p.text for row in rows for p in row.values() if p.first == p.last == n and p.lines} for n in range(count)]
    home = list(range(count))
    for n in range(count):
        if texts[n] and texts[n] <= SIGNS and n + 1 < count:
            home[n] = n + 1
        elif texts[n] and texts[n] <= _UNITS and n:
            home[n] = n - 1
    columns = [n for n in range(count) if home[n] == n]
    if len(columns) == count:
        return list(rows)
    result: list[Row] = []
    for row in rows:
        moved: Row = {}
        for piece in sorted(row.values(), key=lambda piece: piece.first):
            first = columns.index(min(max(home[piece.first], columns[0]), columns[-1]))
            last = max(first, sum(n <= max(piece.last, home[piece.first]) for n in columns) - 1)
            piece = replace(piece, first=first, last=last)
            other = moved.get(first)
            if other and other.lines and piece.lines:
                piece = replace(piece, lines=(_beside(other, piece),), last=max(last, other.last))
            elif other and not piece.lines:
                piece = other
            moved[first] = piece
        result.append(moved)
    return result


def _beside(a: CellPiece, b: CellPiece) -> TableWord:
    return TableWord(f"{a.text} {b.text}", a.box | b.box, a.bold and b.bold)


def box_of(row: Row) -> Box:
    """Returns the box around the text of a row."""
    boxes = [piece.box for piece in row.values() if piece.lines]
    return Box.around(boxes or [piece.frame for piece in row.values()] or [NOWHERE])


def rows_below_rules(rows: Sequence[Row], separators: Sequence[float]) -> list[int]:
    """Returns the rows that a rule lies above, the first row apart."""
    middles = [(box.y0 + box.y1) / 2 for box in map(box_of, rows)]
    return [n for n, (a, b) in enumerate(pairwise(middles), 1) if any(a < y < b for y in separators)]


def set_in_lines(words: Sequence[TableWord]) -> tuple[TableWord, ...]:
    """Returns the words of one cell as its lines."""
    return tuple(
        TableWord(" ".join(w.text for w in line), Box.around(w.box for w in line), all(w.bold for w in line))
        for line in bands(words)
    )

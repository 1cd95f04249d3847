"""Tables of short texts without lines, which stand in columns that the layout model takes for paragraphs."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator, Sequence
from itertools import pairwise

from octavo.ingest.layout.tables.words import is_number
from octavo.ingest.model import Box, Line

_ROWS, _WIDE_ROWS = 4, 3
"""Fewer rows of two columns, or of more, are no table."""
_LEVEL, _STRAIGHT = 0.3, 2.0
"""Pieces of a row stand at one height, as a part of theirs; columns begin at one place, in points."""
_GAP = 1.5
"""Columns stand at least this many letters apart."""
_LEAST_STEP, _MOST_STEP = 1.3, 4.0
"""Rows stand further apart than lines of a text, and no further than this many letters."""
_MOST_WORDS = 5.0
_FULL = 0.75
_MARK = re.compile(r"(?:[^\w\s$€£(]|\(?(?:\d{1,3}|[ivx]{1,4}|[a-zA-Z])[.):])(?:\s|$)")
"""A bullet or number that begins an item of a list."""

_WITH_UNIT = re.compile(r"[%‰$€£¥]|\d\s?[^\W\d_]")
"""A number with its unit or currency."""

_Row = list[Line]


def find_aligned(lines: Sequence[Line]) -> list[Box]:
    """Returns where lines make tables: short pieces, in rows apart from each other, that begin below each other."""
    return [Box.around(piece.box for row in run for piece in row) for run in _runs(_rows(lines)) if _is_table(run)]


def _rows(lines: Sequence[Line]) -> list[_Row]:
    """Returns lines by the height that they stand at, from the top, each row from the left."""
    rows: list[_Row] = []
    for line in sorted(lines, key=lambda line: line.box.y0 + line.box.y1):
        last = rows[-1][0].box if rows else None
        if last and abs(line.box.y0 + line.box.y1 - last.y0 - last.y1) < 2 * _LEVEL * min(line.box.height, last.height):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda line: line.box.x0) for row in rows]


def _runs(rows: Sequence[_Row]) -> Iterator[list[_Row]]:
    """Yields rows that follow each other with as many pieces at the same places."""
    run: list[_Row] = []
    for row in rows:
        if run and not _follows(run[-1], row):
            yield run
            run = []
        if len(row) > 1:
            run.append(row)
    if run:
        yield run


def _follows(above: _Row, row: _Row) -> bool:
    if len(row) != len(above):
        return False
    size = 0.8 * row[0].box.height
    step = row[0].box.y0 - above[0].box.y0
    straight = all(
        min(abs(a.box.x0 - b.box.x0), abs(a.box.x1 - b.box.x1)) < _STRAIGHT for a, b in zip(above, row, strict=True)
    )
    return straight and step < _MOST_STEP * size


def _is_table(run: Sequence[_Row]) -> bool:
    columns = list(zip(*run, strict=True))
    if len(run) < (_ROWS if len(columns) == 2 else _WIDE_ROWS):
        return False
    pieces = [piece for row in run for piece in row]
    size = 0.8 * statistics.median(piece.box.height for piece in pieces)
    steps = [b[0].box.y0 - a[0].box.y0 for a, b in pairwise(run)]
    if min(steps) < _LEAST_STEP * size:
        return False
    if any(statistics.mean(len(piece.text.split()) for piece in column) > _MOST_WORDS for column in columns):
        return False
    for left, right in pairwise(columns):
        start = min(piece.box.x0 for piece in right)
        pitch = start - min(piece.box.x0 for piece in left)
        if start - max(piece.box.x1 for piece in left) < _GAP * size:
            return False
        if statistics.median(piece.box.width for piece in left) > _FULL * pitch:
            return False
    if any(sum(bool(_MARK.match(piece.text)) for piece in column) > 0.5 * len(run) for column in columns[:-1]):
        return False
    return len(columns) > 2 or sum(_is_bare(piece.text) for piece in columns[1]) < 0.8 * len(run)


def _is_bare(text: str) -> bool:
    """Returns whether a text is a number without a unit, as that of a page in a table of contents is."""
    return is_number(text) and _WITH_UNIT.search(text) is None

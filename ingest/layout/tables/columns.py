"""The columns of a table that no lines part: where pieces of text stand below each other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from octavo.ingest.layout.tables.piece import CellPiece, Row
from octavo.ingest.layout.tables.words import TableWord, is_number, merge_words, phrases
from octavo.ingest.model import Box

_AGREED = 0.3
"""A piece covers several columns if at least this share of the lines that meet it has several pieces there."""
_TOUCH = 1.0

_ASIDE, _DASHES = 2.0, {"-", "–", "—", "―", "−"}
_BRIDGES = 0.15
"""Pieces that bridge two columns are at most this share of the lines with text in both."""
_EVEN, _FEWEST = 0.8, 3
"""A narrow gap is one between columns if the words beside it line up in at least this share of the lines."""

Column = tuple[float, float]


def narrow_gaps(lines: Sequence[Sequence[TableWord]], columns: Sequence[Column]) -> list[float]:
    """Returns where narrow gaps part columns that stand as close as words.

    Words left of such a gap end, or those right of it begin, at one place in most lines, no word lies across, and
    numbers stand on one side alone.
    """
    return [x for column in columns for x in _narrow_gaps(lines, column)]


def _narrow_gaps(lines: Sequence[Sequence[TableWord]], column: Column) -> list[float]:
    inside = [[w for w in line if column[0] - _TOUCH <= w.box.x0 and w.box.x1 <= column[1] + _TOUCH] for line in lines]
    pairs = [(a, b) for line in inside for a, b in pairwise(line)]
    several = sum(len(line) > 1 for line in inside)
    results: list[float] = []
    if several < _FEWEST:
        return results
    ends, starts = np.array([(a.box.x1, b.box.x0) for a, b in pairs]).T
    middles = (ends + starts) / 2
    xs = middles[np.unique(middles.round(), return_index=True)[1]]
    lies = (ends[None, :] <= xs[:, None] + _TOUCH) & (starts[None, :] >= xs[:, None] - _TOUCH)
    enough = lies.sum(axis=1) >= max(_FEWEST, _EVEN * several)
    for x, lie in zip(xs[enough].tolist(), lies[enough], strict=True):
        if any(abs(x - other) < 2 * _TOUCH for other in results):
            continue
        beside = [pairs[n] for n in np.flatnonzero(lie)]
        left, right = min(beside, key=lambda pair: abs((pair[0].box.x1 + pair[1].box.x0) / 2 - x))
        begins = sum(abs(b.box.x0 - right.box.x0) < _TOUCH for _, b in beside)
        ends = sum(abs(a.box.x1 - left.box.x1) < 2 * _TOUCH for a, _ in beside)
        across = sum(w.box.x0 < x - _TOUCH and w.box.x1 > x + _TOUCH for line in inside for w in line)
        differ = sum(is_number(a.text) != is_number(b.text) for a, b in beside)
        alike = sum(abs(a.box.x0 - left.box.x0) < _TOUCH and abs(a.box.x1 - left.box.x1) < _TOUCH for a, _ in beside)
        if (
            alike < _EVEN * len(beside)  # words as wide as each other, set below each other, end at one place anyway
            and max(begins, ends) >= _EVEN * len(beside)
            and across <= max(1, len(lines) // 10)
            and differ >= _EVEN * len(beside) - 1
        ):
            results.append(x)
    return results


def columns(lines: Sequence[Sequence[TableWord]], gap: float, borders: Sequence[float]) -> list[Column]:
    """Returns where columns stand, from the left: the extents of pieces that overlap and do not cover several.

    Within a line, words that stand more than `gap` apart, or on two sides of a border, are different pieces.
    """
    pieces = [(n, piece) for n, line in enumerate(lines) for piece in cut_at_gaps(line, gap, borders)]
    if not pieces:
        return []
    boxes = np.array([(piece.box.x0, piece.box.x1) for _, piece in pieces])
    numbers = np.array([n for n, _ in pieces])
    meets = np.minimum(boxes[:, None, 1], boxes[None, :, 1]) - np.maximum(boxes[:, None, 0], boxes[None, :, 0]) > _TOUCH
    starts = np.flatnonzero(np.r_[True, np.diff(numbers) > 0])
    crossings = np.add.reduceat(meets, starts, axis=1)
    covers = (crossings > 1).sum(axis=1) > _AGREED * np.maximum(1, (crossings > 0).sum(axis=1) - 1)
    results = [
        part
        for members in _overlapping(boxes, np.flatnonzero(~covers))
        for part in _split_unbridged(boxes, numbers, members)
    ]
    extents = [(float(boxes[m, 0].min()), float(boxes[m, 1].max())) for m in results]
    numbers_kept = [n for n in range(len(results)) if not _is_name_between(n, extents, boxes, numbers)]
    merged: list[Column] = []
    for n in numbers_kept:
        x0, x1 = extents[n]
        dashes = {pieces[m][1].text for m in results[n]} <= _DASHES
        if merged and dashes and x0 - merged[-1][1] < _ASIDE * gap:  # dashes stand beside the last digits of numbers
            merged[-1] = (merged[-1][0], x1)
        else:
            merged.append((x0, x1))
    return merged


def _overlapping(boxes: np.ndarray, members: np.ndarray) -> list[np.ndarray]:
    """Returns the pieces in groups that overlap each other, from the left."""
    groups: list[list[int]] = []
    right = 0.0
    for n in members[np.argsort(boxes[members, 0])]:
        if groups and boxes[n, 0] < right - _TOUCH:
            groups[-1].append(n)
            right = max(right, boxes[n, 1])
        else:
            groups.append([n])
            right = boxes[n, 1]
    return [np.array(group) for group in groups]


def _split_unbridged(boxes: np.ndarray, numbers: np.ndarray, members: np.ndarray) -> list[np.ndarray]:
    """Returns a group as several where few pieces bridge a gap that most lines have pieces on both sides of."""
    if len(members) < 5:
        return [members]
    members = members[np.argsort(numbers[members], kind="stable")]
    starts = np.flatnonzero(np.r_[True, np.diff(numbers[members]) > 0])
    edges = np.unique(boxes[members].round(1))
    xs = (edges[:-1] + edges[1:])[None, :] / 2
    before, after = boxes[members, 1:] <= xs + _TOUCH, boxes[members, :1] >= xs - _TOUCH
    both = (np.logical_or.reduceat(before, starts) & np.logical_or.reduceat(after, starts)).sum(axis=0)
    bridges = (~before & ~after).sum(axis=0)
    parts = (both >= max(3, 0.3 * len(starts))) & (bridges <= np.maximum(1, _BRIDGES * both))
    if not parts.any():
        return [members]
    x = xs[0, np.where(parts, bridges, np.inf).argmin()]
    is_left = boxes[members, 1] <= x + _TOUCH
    left, right = members[is_left], members[~is_left & (boxes[members, 0] >= x - _TOUCH)]
    if not len(left) or not len(right):  # pieces thinner than two touches stand on both sides
        return [members]
    return [*_split_unbridged(boxes, numbers, left), *_split_unbridged(boxes, numbers, right)]


def _is_name_between(n: int, columns: Sequence[Column], boxes: np.ndarray, numbers: np.ndarray) -> bool:
    """Returns whether a column is one piece near the top, the name of the two pieces below that it stands between."""
    x0, x1 = columns[n]
    inside = (boxes[:, 0] >= x0 - _TOUCH) & (boxes[:, 1] <= x1 + _TOUCH)
    if inside.sum() != 1 or not 0 < n < len(columns) - 1 or numbers[inside][0] > 3:
        return False
    below = boxes[numbers == numbers[inside][0] + 1]
    sides = [
        ((below[:, 0] >= a - _TOUCH) & (below[:, 1] <= b + _TOUCH)).any() for a, b in (columns[n - 1], columns[n + 1])
    ]
    return all(sides)


def cut_at_gaps(line: Sequence[TableWord], gap: float, borders: Sequence[float]) -> list[TableWord]:
    """Returns the pieces of a line."""
    parts: list[list[TableWord]] = [[]]
    for word in line:
        if parts[-1] and any(_middle(parts[-1][-1].box) < border < _middle(word.box) for border in borders):
            parts.append([])
        parts[-1].append(word)
    return [piece for part in parts for piece in phrases(part, gap)]


def rows(
    lines: Sequence[Sequence[TableWord]], columns: Sequence[Column], gap: float, space: float, borders: Sequence[float]
) -> list[Row]:
    """Returns each line with its pieces in the columns that they stand in; a piece may cover several."""
    return [_row(line, columns, gap, space, borders) for line in lines]


def _row(
    line: Sequence[TableWord], columns: Sequence[Column], gap: float, space: float, borders: Sequence[float]
) -> Row:
    row: Row = {}
    for phrase in _phrases(line, columns, gap, space, borders):
        box = Box.around(word.box for word in phrase)
        first, last = _span(box, columns)
        piece = CellPiece((merge_words(phrase),), first, last)
        clash = [n for n, other in row.items() if other.first <= last and first <= other.last]
        for n in clash:  # two pieces of a line in one column are one cell
            other = row.pop(n)
            both = merge_words([*other.lines, *piece.lines])
            piece = CellPiece((both,), min(other.first, piece.first), max(other.last, piece.last))
        row[piece.first] = piece
    return row


def _phrases(
    line: Sequence[TableWord], columns: Sequence[Column], gap: float, space: float, borders: Sequence[float]
) -> list[list[TableWord]]:
    """Returns the words of a line in runs, split at wide gaps and at gaps wider than a space between columns."""
    runs: list[list[TableWord]] = []
    for piece in cut_at_gaps(line, gap, borders):
        inside = [w for w in line if piece.box.x0 - 0.1 <= w.box.x0 and w.box.x1 <= piece.box.x1 + 0.1]
        runs.append(inside[:1])
        for a, b in pairwise(inside):
            between = any(c[1] - _TOUCH < b.box.x0 and a.box.x1 < d[0] + _TOUCH for c, d in pairwise(columns))
            if between and b.box.x0 - a.box.x1 > 1.25 * space and _home(a.box, columns) != _home(b.box, columns):
                runs.append([])
            runs[-1].append(b)
    return runs


def _span(box: Box, columns: Sequence[Column]) -> tuple[int, int]:
    """Returns the first and last column that a piece covers: those it overlaps by half, else the nearest one."""
    covered = [
        n
        for n, (x0, x1) in enumerate(columns)
        if min(box.x1, x1) - max(box.x0, x0) > 0.5 * min(x1 - x0, box.width)
        or min(box.x1, x1) - max(box.x0, x0) > 0.5 * (x1 - x0)
    ]
    if not covered:
        home = _home(box, columns)
        return home, home
    return covered[0], covered[-1]


def _home(box: Box, columns: Sequence[Column]) -> int:
    """Returns the column that a piece overlaps most, or is nearest to."""
    return max(
        range(len(columns)),
        key=lambda n: (
            min(box.x1, columns[n][1]) - max(box.x0, columns[n][0]),
            -abs(_middle(box) - sum(columns[n]) / 2),
        ),
    )


def _middle(box: Box) -> float:
    return (box.x0 + box.x1) / 2

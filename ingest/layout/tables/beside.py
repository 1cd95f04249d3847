"""Tables that stand side by side and were taken for one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from octavo.ingest.layout.tables import columns
from octavo.ingest.layout.tables.rulings import Rulings
from octavo.ingest.layout.tables.words import TableWord, bands, em, is_number, phrases, space
from octavo.ingest.model import Box

_WIDE, _WIDER = 1.5, 2.0
"""A gap between tables is at least this many letters wide, and this many times wider than those between columns."""
_ROWS, _MOST = 3, 2_500
_ASTRAY = 0.3
"""At least this share of the lines of one side stand level with none of the other."""


def cuts(words: Sequence[TableWord], rulings: Rulings, box: Box) -> list[float]:
    """Returns where, from the left, tables end and others begin.

    Each side has columns and rows of its own, no line is drawn across, and lines end there, or rows do not stand level,
    or the gap is far wider than others and names stand right of it.
    """
    if not 4 * _ROWS <= len(words) <= _MOST:
        return []
    size = em(words)
    lines = bands(words)
    blank = space(lines, size)
    gap = max(1.6 * blank, blank + 0.15 * size)
    stands = columns.columns(lines, gap, [])
    widths = [b[0] - a[1] for a, b in pairwise(stands)]
    result: list[float] = []
    for width, n in sorted(((width, n) for n, width in enumerate(widths)), reverse=True):
        if width < _WIDE * size or n < 1 or n > len(stands) - 3:
            continue
        left, right = stands[n][1], stands[n + 1][0]
        x = (left + right) / 2
        start, end = max([box.x0 - 1, *(y for y in result if y < x)]), min([box.x1 + 1, *(y for y in result if y > x)])
        before = [w for w in words if start < w.box.x0 and w.box.x1 < x]
        after = [w for w in words if x < w.box.x0 and w.box.x1 < end]
        if any(w.box.x0 < x < w.box.x1 for w in words) or any(r.x0 < left and r.x1 > right for r in rulings.horizontal):
            continue
        others = [w for m, w in enumerate(widths) if m != n]
        if (
            _is_table(before, gap)
            and _is_table(after, gap)
            and (
                _ends(rulings, left - size, right + size, x)
                or _astray(before, after, gap, size)
                or (_alone(after, before, gap, size) and _names(after, gap))
                or (width > _WIDER * max(others) and _names(after, gap) and not _names(before[::-1], gap, last=True))
            )
        ):
            result.append(x)
    return sorted(result)


def _is_table(words: Sequence[TableWord], gap: float) -> bool:
    """Returns whether several lines have several pieces."""
    return sum(len(list(phrases(line, gap))) > 1 for line in bands(words)) >= _ROWS if words else False


def _ends(rulings: Rulings, left: float, right: float, x: float) -> bool:
    """Returns whether lines end on both sides of a gap."""
    ends = sum(left <= line.x1 <= x for line in rulings.horizontal)
    begins = sum(x <= line.x0 <= right for line in rulings.horizontal)
    return ends > 1 and begins > 1


def _astray(before: Sequence[TableWord], after: Sequence[TableWord], gap: float, size: float) -> bool:
    """Returns whether the lines with several pieces of two sides are not level, or one side goes on further down."""
    (left, first), (right, second) = (_levels(side, gap) for side in (before, after))
    low, high = max(first[0], second[0]) - size, min(first[-1], second[-1]) + size
    inside = [(y, all_) for side, all_ in ((first, right), (second, left)) for y in side if low <= y <= high]
    astray = sum(min(abs(y - z) for z in other) > 0.3 * size for y, other in inside)
    more = abs(left[-1] - right[-1]) > 3 * size and abs(left[0] - right[0]) < 0.5 * size
    return astray > _ASTRAY * len(inside) or more


def _levels(side: Sequence[TableWord], gap: float) -> tuple[list[float], list[float]]:
    """Returns the heights of the lines of a side, and of those with several pieces."""
    lines = bands(side)
    return [_middle(line) for line in lines], [_middle(line) for line in lines if len(list(phrases(line, gap))) > 1]


def _alone(side: Sequence[TableWord], other: Sequence[TableWord], gap: float, size: float) -> bool:
    """Returns whether a line with several pieces stands level with nothing on the other side."""
    levels = [_middle(line) for line in bands(other)]
    return any(
        len(list(phrases(line, gap))) > 1 and min(abs(_middle(line) - y) for y in levels) > 0.3 * size
        for line in bands(side)
    )


def _names(words: Sequence[TableWord], gap: float, last: bool = False) -> bool:
    """Returns whether the first pieces of lines, or the last, are words."""
    pieces = [list(phrases(line, gap)) for line in bands(words)]
    edge = [(line[-1] if last else line[0]).text for line in pieces if len(line) > 1][1:]
    return bool(edge) and sum(not is_number(text) for text in edge) > 0.8 * len(edge)


def _middle(line: Sequence[TableWord]) -> float:
    return sum((w.box.y0 + w.box.y1) / 2 for w in line) / len(line)

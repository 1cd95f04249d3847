"""Boxed tables that stand above one another: text between their borders belongs to none of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from octavo.ingest.layout.tables.rulings import SNAP, Rulings
from octavo.ingest.model import Box, Line

_LEAST = 6.0
"""Points that stand at least between two tables."""
_BLANK = 1.8
"""Times the height of a line that the gap between two tables has at least."""


def apart(box: Box, rulings: Rulings, lines: Sequence[Line]) -> list[Box]:
    """Returns the boxes of the tables in a region, the region itself where it is one.

    Two are told apart by a gap that no vertical line crosses, between parts that lines box in on both sides. It is
    higher than a row, and its text stands in no columns: rows between shaded ones are part of their table. Text above
    the first or below the last one that stands in no columns belongs to none either. `lines` are those of the region.
    """
    across = [line for line in rulings.horizontal if (line & box).width > 0 and box.y0 <= line.y0 <= box.y1]
    inside = rulings.within(Box.around([Box(box.x0, box.y0 - _LEAST, box.x1, box.y1 + _LEAST), *across]))
    parts: list[Box] = []
    for line in sorted(inside.vertical, key=lambda line: line.y0):
        if parts and line.y0 <= parts[-1].y1 + SNAP:
            parts[-1] = parts[-1] | line
        else:
            parts.append(line)
    if not parts or not all(_is_boxed(part, inside) for part in parts):
        return [box]
    cuts: list[tuple[float, float]] = []
    for above, below in pairwise(parts):
        between = [line for line in lines if above.y1 < _middle(line) < below.y0]
        if _is_prose(between) and below.y0 - above.y1 > _BLANK * max(line.box.height for line in between):
            cuts.append((above.y1, below.y0))
    top = parts[0].y0 if _is_prose(line for line in lines if _middle(line) < parts[0].y0) else box.y0
    bottom = parts[-1].y1 if _is_prose(line for line in lines if _middle(line) > parts[-1].y1) else box.y1
    tops, bottoms = [top, *(below for _, below in cuts)], [*(above for above, _ in cuts), bottom]
    return [Box(box.x0, top, box.x1, bottom) for top, bottom in zip(tops, bottoms, strict=True)]


def _middle(line: Line) -> float:
    return (line.box.y0 + line.box.y1) / 2


def _is_prose(lines: Iterable[Line]) -> bool:
    """Returns whether no two of the lines stand beside each other; false where there is none."""
    middles = sorted(map(_middle, lines))
    return bool(middles) and all(below - above > _LEAST for above, below in pairwise(middles))


def _is_boxed(part: Box, rulings: Rulings) -> bool:
    """Returns whether vertical lines stand at both ends of the horizontal ones, at the upper and the lower edge."""
    edges = [line for line in rulings.horizontal if part.y0 - SNAP <= line.y0 <= part.y1 + SNAP]
    if not edges or part.width < 1:
        return False
    left, right = min(line.x0 for line in edges), max(line.x1 for line in edges)
    ends = {round(line.y0) for line in edges}
    is_closed = min(ends) <= part.y0 + SNAP + 1 and max(ends) >= part.y1 - SNAP - 1
    return is_closed and abs(left - part.x0) <= SNAP and abs(right - part.x1) <= SNAP

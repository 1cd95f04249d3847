"""Reading order: columns before rows, by recursive cuts through white space (XY-cut; Nagy and Seth 1984)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from octavo.ingest.model import Box

TALL = 2.5
"""A box of more lines than this is a paragraph, others are labels and headings."""
MOST_ROWS = 60
"""Rows of a page up to which columns of articles are looked for, which takes the square of their number."""
WIDE = 0.2
"""The share of the width of all columns that each of running text has at least."""


def reading_order(boxes: Sequence[Box]) -> list[int]:
    """Returns the indexes of boxes in reading order.

    >>> left, right, title = Box(0, 20, 40, 90), Box(60, 20, 100, 90), Box(0, 0, 100, 10)
    >>> reading_order([right, left, title])
    [2, 1, 0]
    """
    return _order(list(range(len(boxes))), boxes)


def _order(indexes: list[int], boxes: Sequence[Box]) -> list[int]:
    if len(indexes) <= 1:
        return indexes
    rows = _intervals(indexes, lambda n: (boxes[n].y0, boxes[n].y1))
    columns = _intervals(indexes, lambda n: (boxes[n].x0, boxes[n].x1))
    if len(columns) > 1 and (len(rows) == 1 or _are_columns(columns, boxes)):
        return [n for column in columns for n in _order(column, boxes)]
    if len(rows) > 1:
        return [n for block in _blocks(rows, boxes) for n in _order(block, boxes)]
    return sorted(indexes, key=lambda n: (round(boxes[n].y0), boxes[n].x0))


def _blocks(rows: list[list[int]], boxes: Sequence[Box]) -> list[list[int]]:
    """Returns rows one by one, but as one block those that follow each other in columns of running text.

    The line above what is as wide as all columns, which may be its heading, is of no block.
    """
    if len(rows) > MOST_ROWS:
        return rows
    blocks = []
    start = 0
    while start < len(rows):
        ends = (end for end in range(len(rows), start + 1, -1) if _make_columns(rows[start:end], boxes))
        end = next(ends, start + 1)
        if end > start + 1 and end < len(rows) and _is_line(rows[end - 1], rows[start:end], boxes):
            end -= 1
        blocks.append([n for row in rows[start:end] for n in row])
        start = end
    return blocks


def _make_columns(rows: Sequence[list[int]], boxes: Sequence[Box]) -> bool:
    """Returns whether rows are columns of running text: each is wide and has several boxes, one of several lines."""
    members = [n for row in rows for n in row]
    columns = _intervals(members, lambda n: (boxes[n].x0, boxes[n].x1))
    if len(columns) < 2 or len(columns) == len(members) or not _are_columns(columns, boxes):
        return False
    width, line = Box.around(boxes[n] for n in members).width, _line_height(members, boxes)
    return all(
        len(column) > 1
        and Box.around(boxes[n] for n in column).width >= WIDE * width
        and max(boxes[n].height for n in column) > TALL * line
        for column in columns
    )


def _is_line(row: Sequence[int], rows: Sequence[Sequence[int]], boxes: Sequence[Box]) -> bool:
    line = _line_height([n for members in rows for n in members], boxes)
    return len(row) == 1 and boxes[row[0]].height < TALL * line


def _line_height(members: Sequence[int], boxes: Sequence[Box]) -> float:
    """Returns the height below which a quarter of the boxes are, which is that of a line."""
    heights = sorted(boxes[n].height for n in members)
    return heights[len(heights) // 4]


def _intervals(indexes: list[int], interval: Callable[[int], tuple[float, float]]) -> list[list[int]]:
    """Returns groups whose intervals do not touch, in order; touching by a tenth of the smaller one is no touch."""
    groups: list[list[int]] = []
    end = float("-inf")
    for n in sorted(indexes, key=lambda n: (interval(n)[0], n)):
        start, stop = interval(n)
        if start >= end - 0.1 * min(stop - start, 20):
            groups.append([])
        groups[-1].append(n)
        end = max(end, stop)
    return groups


def _are_columns(columns: list[list[int]], boxes: Sequence[Box]) -> bool:
    """Returns whether groups side by side are columns of running text: each as tall as a good part of the whole."""
    around = [Box.around(boxes[n] for n in column) for column in columns]
    height = Box.around(around).height
    return all(box.height >= 0.5 * height for box in around)

"""Reading order: columns before rows, by recursive cuts through white space (XY-cut; Nagy and Seth 1984)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from octavo.ingest.model import Box


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
        first, rest = rows[0], [n for row in rows[1:] for n in row]
        if len(rows) > 2 and len(columns) == 1:
            return _order(first, boxes) + _order(rest, boxes)
        return [n for row in rows for n in _order(row, boxes)]
    return sorted(indexes, key=lambda n: (round(boxes[n].y0), boxes[n].x0))


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

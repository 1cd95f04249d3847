"""The lines that are drawn on a page: rules, the edges of boxes and of shaded fields."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pymupdf
from PIL import Image

from octavo.ingest.model import Box

THIN, SHORT, SNAP = 3.0, 7.0, 2.5
"""In points: a line is at most `THIN` thick and at least `SHORT` long; ends closer than `SNAP` meet."""
MOST = 20_000
"""Pages with more strokes are drawings or maps: their lines are not asked."""
_FIELDS = 2_000
"""More shaded fields of one colour are a picture."""


@dataclass(frozen=True, slots=True)
class Rulings:
    """Horizontal and vertical lines of a page, as boxes without thickness, in points."""

    horizontal: tuple[Box, ...] = ()
    vertical: tuple[Box, ...] = ()

    def within(self, box: Box) -> Rulings:
        """Returns the parts of the lines that lie in a box or along its edge."""
        wide = Box(box.x0 - SNAP, box.y0 - SNAP, box.x1 + SNAP, box.y1 + SNAP)

        def cut(lines: Iterable[Box]) -> Iterator[Box]:
            for line in lines:
                if line.x0 <= wide.x1 and line.x1 >= wide.x0 and line.y0 <= wide.y1 and line.y1 >= wide.y0:
                    yield line & wide

        return Rulings(tuple(cut(self.horizontal)), tuple(cut(self.vertical)))

    def turn(self) -> Rulings:
        """Returns the lines of the page with x and y exchanged."""
        return Rulings(tuple(map(transpose, self.vertical)), tuple(map(transpose, self.horizontal)))


def transpose(box: Box) -> Box:
    """Returns a box with x and y exchanged."""
    return Box(box.y0, box.x0, box.y1, box.x1)


def drawn_rulings(page: pymupdf.Page) -> Rulings:
    """Returns the lines that a page's file draws, and the edges of what it fills with a colour."""
    frame = Box(*page.rect)
    across: list[Box] = []
    down: list[Box] = []
    shades: dict[tuple[float, ...], list[Box]] = defaultdict(list)
    paths = page.get_cdrawings()
    if sum(len(path.get("items", ())) for path in paths) > MOST:
        return Rulings()
    for path in paths:
        for box in _strokes(path):
            if box.area > 0.9 * frame.area:
                continue
            if "s" in path["type"] or min(box.width, box.height) <= THIN:
                _sort(box, across, down)
            elif path.get("fill") and min(path["fill"]) < 0.99:
                shades[path["fill"]].append(box)
    for boxes in shades.values():
        if len(boxes) <= _FIELDS:
            _outline(boxes, across, down)
    return Rulings(join_lines(across), join_lines(down))


def detect_rulings(image: Image.Image, frame: Box) -> Rulings:
    """Returns the straight lines in a picture of a page."""
    import cv2

    grey = np.asarray(image.convert("L"))
    dark = cv2.adaptiveThreshold(255 - grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 25, -12)
    x, y = frame.width / image.width, frame.height / image.height
    results = []
    for kernel, side in (((max(30, image.width // 30), 1), 0), ((1, max(30, image.height // 40)), 1)):
        lines = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones(kernel[::-1], np.uint8))
        lines = cv2.dilate(lines, np.ones((3, 15) if side == 0 else (15, 3), np.uint8))
        _, _, stats, _ = cv2.connectedComponentsWithStats(lines, connectivity=8)
        boxes = [Box(left * x, top * y, (left + w) * x, (top + h) * y) for left, top, w, h, _ in stats[1:]]
        thin = [box for box in boxes if (box.height if side == 0 else box.width) < 3 * THIN]
        results.append(join_lines([_flat(box, side == 0) for box in thin]))
    return Rulings(*results)


def join_lines(lines: Sequence[Box]) -> tuple[Box, ...]:
    """Returns lines of one direction, with those that lie on each other or follow closely made one."""
    if not lines:
        return ()
    is_across = sum(line.width for line in lines) >= sum(line.height for line in lines)
    flat = lines if is_across else [transpose(line) for line in lines]
    levels: list[list[Box]] = []
    for line in sorted(flat, key=lambda line: line.y0):
        if levels and line.y0 - levels[-1][0].y0 <= 0.6 * SNAP:
            levels[-1].append(line)
        else:
            levels.append([line])
    result: list[Box] = []
    for level in levels:
        y = sum(line.y0 for line in level) / len(level)
        runs: list[list[float]] = []
        for line in sorted(level, key=lambda line: line.x0):
            if runs and line.x0 - runs[-1][1] <= SNAP:
                runs[-1][1] = max(runs[-1][1], line.x1)
            else:
                runs.append([line.x0, line.x1])
        result += [Box(x0, y, x1, y) for x0, x1 in runs if x1 - x0 >= SHORT]
    return tuple(result if is_across else [transpose(line) for line in result])


def _strokes(path: dict[str, Any]) -> Iterator[Box]:
    """Yields the straight pieces of a path as boxes, rectangles whole."""
    for item in path["items"]:
        if item[0] == "l":
            (x0, y0), (x1, y1) = item[1], item[2]
            yield Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
        elif item[0] == "re":
            x0, y0, x1, y1 = item[1]
            yield Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
        elif item[0] == "qu":
            xs, ys = zip(*item[1], strict=True)
            yield Box(min(xs), min(ys), max(xs), max(ys))


def _sort(box: Box, across: list[Box], down: list[Box]) -> None:
    if box.height <= THIN and box.width > box.height:
        across.append(_flat(box, True))
    elif box.width <= THIN:
        down.append(_flat(box, False))
    elif min(box.width, box.height) > SHORT:
        across += [Box(box.x0, y, box.x1, y) for y in (box.y0, box.y1)]
        down += [Box(x, box.y0, x, box.y1) for x in (box.x0, box.x1)]


def _outline(boxes: Sequence[Box], across: list[Box], down: list[Box]) -> None:
    """Adds the edges of fields of one color, without those where two of them meet."""
    edges: dict[tuple[bool, int], list[Box]] = defaultdict(list)
    for box in boxes:
        for edge in (Box(box.x0, y, box.x1, y) for y in (box.y0, box.y1)):
            edges[True, round(edge.y0)].append(edge)
        for edge in (Box(x, box.y0, x, box.y1) for x in (box.x0, box.x1)):
            edges[False, round(edge.x0)].append(edge)
    for (is_across, level), item in edges.items():
        near = [edge for n in (level - 1, level, level + 1) for edge in edges.get((is_across, n), ())]
        for edge in item:
            if not any(_meet(edge, other, is_across) for other in near if other is not edge):
                (across if is_across else down).append(edge)


def _meet(a: Box, b: Box, is_across: bool) -> bool:
    level, first, last = (1, 0, 2) if is_across else (0, 1, 3)
    if abs(a[level] - b[level]) >= 1:
        return False
    return min(a[last], b[last]) - max(a[first], b[first]) > 0.5 * (a[last] - a[first])


def _flat(box: Box, is_across: bool) -> Box:
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    return Box(box.x0, y, box.x1, y) if is_across else Box(x, box.y0, x, box.y1)

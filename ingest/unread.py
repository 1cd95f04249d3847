"""Words that a page shows and its text layer lacks: letters drawn as outlines, and scans beside stamped text."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import pymupdf
from PIL import Image

from octavo.ingest import ocr
from octavo.ingest.model import Box, Line

LOWEST, HIGHEST = 2.5, 90.0
"""Heights of letters that are looked for, in points."""
MOST = 150_000
"""Pages with more strokes are drawings or maps: their shapes are not looked at."""
_LETTERS, _SHAPES, _BENT = 4, 3, 0.3
"""A line of outlines has at least so many shapes, so many different ones, and this part of them is not a rectangle."""
_GAP, _SURE = 1.2, 0.8
_SCAN = 0.5
_MARKS = 60
"""At least so many marks of the size of letters stand beside the text layer of a scan that holds further text."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """A closed outline: its box in points, its number of strokes and of curves or slanted strokes."""

    box: Box
    strokes: int
    bent: int


def outlined_text(page: pymupdf.Page, lines: Sequence[Line]) -> list[Box]:
    """Returns where the page draws lines of letters as outlines, in points; `lines` are those of its text layer."""
    text_layer = _Cover([line.box for line in lines])
    shapes = [shape for shape in _shapes(page) if not text_layer.covers(shape.box)]
    return [Box.around(shape.box for shape in row) for row in _rows(shapes) if _is_text(row)]


def scanned_pictures(pictures: Sequence[Box], frame: Box, lines: Sequence[Line], image: Image.Image) -> list[Box]:
    """Returns the pictures of a page that is mostly pictures, if letters stand there that its text layer lacks."""
    if sum(box.area for box in pictures) <= _SCAN * frame.area:
        return []
    large = [box for box in pictures if box.area > 0.1 * frame.area]
    return large if _marks(without(image, frame, lines)) >= _MARKS else []


def only(image: Image.Image, frame: Box, boxes: Sequence[Box]) -> Image.Image:
    """Returns the screenshot with the content of `boxes` only."""
    pixels = np.asarray(image)
    bare = np.broadcast_to(np.median(pixels.reshape(-1, 3)[::97], axis=0).astype(np.uint8), pixels.shape).copy()
    for box in boxes:
        left, top, right, bottom = _pixels(box, image, frame, reach=0.25 * box.height)
        bare[top:bottom, left:right] = pixels[top:bottom, left:right]
    return Image.fromarray(bare)


def without(image: Image.Image, frame: Box, lines: Sequence[Line]) -> Image.Image:
    """Returns the screenshot with each line of the text layer painted over in the color of its ground."""
    pixels = np.asarray(image).copy()
    for line in lines:
        left, top, right, bottom = _pixels(line.box, image, frame, reach=1.0)
        part = pixels[top:bottom, left:right]
        if part.size:
            edge = np.concatenate([part[0], part[-1], part[:, 0], part[:, -1]])
            part[:] = np.median(edge, axis=0)
    return Image.fromarray(pixels)


def merge_text(lines: Sequence[Line], ocr_lines: Sequence[Line]) -> list[Line]:
    """Returns the lines of the text layer with the lines read by OCR, each before the first that is below it."""
    text_layer = _Cover([line.box for line in lines])
    result = list(lines)
    for line in sorted(ocr_lines, key=lambda line: (line.box.y0, line.box.x0)):
        if text_layer.covers(line.box):
            continue
        middle = (line.box.y0 + line.box.y1) / 2
        below = (
            n
            for n, other in enumerate(result)
            if other.box.y0 > middle and min(other.box.x1, line.box.x1) > max(other.box.x0, line.box.x0)
        )
        result.insert(next(below, len(result)), line)
    return result


def is_sure(word: ocr.OcrWord) -> bool:
    """Returns whether what OCR read beside a text layer is text rather than a sign or a drawing."""
    letters = sum(c.isalnum() for c in word.text)
    return word.confidence >= _SURE and (letters > 1 or (letters == 1 and (len(word.text) > 1 or word.text.isdigit())))


class _Cover:
    """Boxes of lines, asked for whether they hold another."""

    def __init__(self, boxes: Sequence[Box]) -> None:
        self._edges = np.array(boxes, dtype=float).reshape(-1, 4)

    def covers(self, box: Box) -> bool:
        """Returns whether one of the boxes holds more than half of another."""
        if not len(self._edges):
            return False
        x = np.minimum(self._edges[:, 2], box.x1) - np.maximum(self._edges[:, 0], box.x0)
        y = np.minimum(self._edges[:, 3], box.y1) - np.maximum(self._edges[:, 1], box.y0)
        return bool((np.clip(x, 0, None) * np.clip(y, 0, None)).max() > 0.5 * box.area)


def _shapes(page: pymupdf.Page) -> Iterator[_Shape]:
    """Yields the filled outlines on a page that have the size of letters."""
    paths = page.get_cdrawings()
    if sum(len(path.get("items", ())) for path in paths) > MOST:
        return
    for path in paths:
        if "f" not in path["type"]:
            continue
        for contour in _contours(path["items"]):
            points = [point for item in contour for point in item[1:]]
            xs, ys = [point[0] for point in points], [point[1] for point in points]
            box = Box(min(xs), min(ys), max(xs), max(ys))
            if box.width > 0.2 and 0.3 < box.height <= HIGHEST and box.width <= 2.5 * HIGHEST:
                yield _Shape(box, len(contour), sum(_is_bent(item) for item in contour))


def _contours(items: Sequence[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    """Yields the strokes of a path, parted where the pen is lifted; rectangles are left out."""
    run: list[tuple[Any, ...]] = []
    for item in items:
        if item[0] not in ("l", "c"):
            continue
        if run and max(abs(a - b) for a, b in zip(run[-1][-1], item[1], strict=True)) > 0.01:
            yield run
            run = []
        run.append(item)
    if run:
        yield run


def _is_bent(item: tuple[Any, ...]) -> bool:
    (x0, y0), (x1, y1) = item[1], item[-1]
    return item[0] == "c" or min(abs(x1 - x0), abs(y1 - y0)) > 0.05


def _rows(shapes: Sequence[_Shape]) -> Iterator[list[_Shape]]:
    """Yields shapes that stand beside each other as letters do."""
    bands: list[list[_Shape]] = []
    for shape in sorted(shapes, key=lambda shape: -shape.box.height):
        if shape.box.height < LOWEST:
            continue
        middle = (shape.box.y0 + shape.box.y1) / 2
        for band in bands:
            first = band[0].box
            if first.y0 - 0.1 * first.height <= middle <= first.y1 + 0.1 * first.height and (
                shape.box.height > 0.25 * first.height
            ):
                band.append(shape)
                break
        else:
            bands.append([shape])
    for band in bands:
        run: list[_Shape] = []
        right = 0.0
        for shape in sorted(band, key=lambda shape: shape.box.x0):
            if run and shape.box.x0 - right > _GAP * max(s.box.height for s in run):
                yield run
                run = []
            right = max(right, shape.box.x1) if run else shape.box.x1
            run.append(shape)
        if run:
            yield run


def _is_text(row: Sequence[_Shape]) -> bool:
    if len(row) < _LETTERS or len({(shape.strokes, round(shape.box.width)) for shape in row}) < _SHAPES:
        return False
    box = Box.around(shape.box for shape in row)
    usual = statistics.median(shape.box.height for shape in row)
    bent = sum(shape.bent > 1 for shape in row)
    return bent >= _BENT * len(row) and box.height < 3 * usual and box.width > 1.5 * box.height


def _marks(image: Image.Image) -> int:
    """Returns how many separate marks of the size of letters a picture holds that stand in rows."""
    scale = min(1.0, 1_400 / max(image.size))
    grey = np.asarray(image.convert("L").resize((round(image.width * scale), round(image.height * scale))))
    dark = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 25)
    _, _, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    height, width, size = stats[1:, 3], stats[1:, 2], stats[1:, 4]
    letters = (height >= 7) & (height <= 60) & (width <= 3 * height) & (width >= 2) & (size >= 0.15 * width * height)
    return int(letters.sum())


def _pixels(box: Box, image: Image.Image, frame: Box, reach: float) -> tuple[int, int, int, int]:
    x, y = image.width / frame.width, image.height / frame.height
    left, top = max(0, int((box.x0 - reach) * x)), max(0, int((box.y0 - reach) * y))
    return left, top, int((box.x1 + reach) * x) + 1, int((box.y1 + reach) * y) + 1

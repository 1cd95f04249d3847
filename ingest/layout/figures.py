"""Pictures and charts of a page, detected in its drawings and images apart from text."""

from __future__ import annotations

import re
from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image

from octavo.ingest.model import Box, Line

SIDE = 600
_MIN_AREA, _MIN_SIDE, _MAX_AREA = 0.025, 0.06, 0.93
_CONTRAST = 24
"""Levels of 255 that what is drawn differs from its ground by, in one channel at least."""
_NUMBER = re.compile(r"^[~<>≈$€£¥]?\(?-?\d[\d.,]*\s*(?:%|k|m|bn|x|°)?\)?$", re.I)


def drawn_regions(image: Image.Image, page: Box, texts: Sequence[Box]) -> list[Box]:
    """Returns boxes, in points, of large things drawn on a page that are not text: photographs, charts, diagrams.

    `texts` are the boxes of all lines; what is drawn there does not count. A picture that fills the page is its
    background, not a figure.
    """
    scale = SIDE / max(image.size)
    width, height = max(1, int(image.width * scale)), max(1, int(image.height * scale))
    small = cv2.resize(np.asarray(image), (width, height), interpolation=cv2.INTER_AREA)
    ground = _background(small[::2, ::2])
    ink = cv2.inRange(small, ground - _CONTRAST, ground + _CONTRAST) == 0
    x, y = width / page.width, height / page.height
    for box in texts:
        ink[max(0, int(box.y0 * y)) : int(box.y1 * y) + 2, max(0, int(box.x0 * x)) : int(box.x1 * x) + 2] = False
    reach = max(3, round(0.018 * max(width, height)))
    joined = cv2.dilate(ink.astype(np.uint8), np.ones((reach, reach), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    results = []
    for left, top, w, h, pixels in stats[1:].tolist():
        share = w * h / (width * height)
        if (
            _MIN_AREA <= share <= _MAX_AREA
            and w >= _MIN_SIDE * width
            and h >= _MIN_SIDE * height
            and pixels >= 0.12 * w * h
        ):
            pad = reach / 2
            box = Box((left + pad) / x, (top + pad) / y, (left + w - pad) / x, (top + h - pad) / y)
            results.append(box & page)
    return merge(results)


def merge(boxes: Sequence[Box]) -> list[Box]:
    """Returns boxes with those that overlap by a tenth of the smaller joined, until none does.

    >>> merge([Box(0, 0, 10, 10), Box(5, 5, 15, 15), Box(20, 20, 30, 30)])
    [Box(x0=0, y0=0, x1=15, y1=15), Box(x0=20, y0=20, x1=30, y1=30)]
    """
    merged: list[Box] = []
    for box in boxes:
        while hit := next((b for b in merged if (b & box).area > 0.1 * min(b.area, box.area)), None):
            merged.remove(hit)
            box = box | hit
        merged.append(box)
    return merged


def is_panel(figure: Box, inside: Sequence[Line]) -> bool:
    """Returns whether a drawn region is only a coloured panel behind running text."""
    running = [line for line in inside if len(line.text.split()) >= 5]
    return sum(line.box.area for line in running) > 0.25 * figure.area or len(running) > 6


def is_chart(inside: Sequence[Line]) -> bool:
    """Returns whether the words in a figure are those of a chart: mostly short, with several numbers among them."""
    numbers = sum(bool(_NUMBER.match(word)) for line in inside for word in line.text.split())
    words = sum(len(line.text.split()) for line in inside)
    return numbers >= 4 and numbers >= 0.2 * words


def _background(small: np.ndarray) -> np.ndarray:
    """Returns the commonest color, found in steps of 16 levels."""
    steps = (small >> 4).reshape(-1, 3).astype(np.uint16)
    codes = steps[:, 0] * 256 + steps[:, 1] * 16 + steps[:, 2]
    commonest = np.bincount(codes).argmax()
    color: np.ndarray = np.median(small.reshape(-1, 3)[codes == commonest], axis=0)
    return color

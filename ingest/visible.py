"""Words of a text layer that a person does not see on the page, and words that are printed twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pymupdf
from PIL import Image

from octavo.ingest.content import PageContent
from octavo.ingest.model import Box

CONTRAST = 20
"""Levels of 255 that the picture of a word differs by at least where letters can be seen."""
SMALLEST = 2.0
"""Points that a line of letters is high at least."""
_SCANNED = 0.6
"""Pictures that cover a larger share of the page are a scan, whose text layer may be drawn below or without ink."""
_SAME = 0.45
"""Equal words of which one lies over more than this part of the other are one that is printed twice."""
_BAND = (0.3, 0.78)
"""The part of a line's height where letters have their ink and those of the lines around have none."""


@dataclass(frozen=True, slots=True)
class LayerWord:
    """A word of the text layer. `line` tells which line it is of, `inked` whether the file draws it at all."""

    text: str
    box: Box
    line: tuple[int, int]
    upright: bool = True
    inked: bool = True


def are_visible(content: PageContent, words: Sequence[LayerWord], image: Image.Image) -> list[bool]:
    """Returns for each word whether it can be seen on the page, whose screenshot is `image`.

    Letters of the color of their ground, below dark boxes or pictures, cut away, smaller than `SMALLEST` points or
    drawn without ink are not seen; an invisible layer over a scan is, since its words are those of the picture.
    """
    pixels, levels = np.asarray(image), np.asarray(image.convert("L"))
    frame = Box(*content.page.rect)
    x, y = image.width / frame.width, image.height / frame.height
    results = [_is_large(word) and _has_contrast(pixels, levels, word, x, y) for word in words]
    if sum((picture.box & frame).area for picture in content.pictures) > _SCANNED * frame.area:
        return results
    opaque = [picture.box for picture in content.pictures if picture.opaque]
    if any(word.box.coverage(box) > 0.9 for box in opaque for word, ok in zip(words, results, strict=True) if ok):
        below = _below_pictures(content.page, words, opaque)
        results = [ok and not hidden for ok, hidden in zip(results, below, strict=True)]
    inked = [word.box for word, ok in zip(words, results, strict=True) if ok and word.inked]
    return [
        ok and (word.inked or not any(word.box.coverage(box) > 0.3 for box in inked))
        for word, ok in zip(words, results, strict=True)
    ]


def are_repeated(words: Sequence[LayerWord]) -> list[bool]:
    """Returns for each word whether it repeats one at the same place, as for bold letters or shadows.

    >>> twice = [LayerWord("Net", Box(0, 0, 20, 10), (0, 0)), LayerWord("Net", Box(0.5, 0.5, 20.5, 10.5), (0, 1))]
    >>> are_repeated(twice)
    [False, True]
    """
    places: dict[str, list[Box]] = defaultdict(list)
    results = []
    for word in words:
        x0, y0, x1, y1 = word.box
        near = 0.3 * min(y1 - y0, x1 - x0)
        again = any(
            abs(y0 - box[1]) < near and abs(x0 - box[0]) < near and abs(x1 - box[2]) < near and abs(y1 - box[3]) < near
            for box in places[word.text]
        )
        if not again:
            places[word.text].append(word.box)
        results.append(again)
    return results


def _is_large(word: LayerWord) -> bool:
    return (word.box.height if word.upright else word.box.width) >= SMALLEST


def _has_contrast(pixels: np.ndarray, levels: np.ndarray, word: LayerWord, x: float, y: float) -> bool:
    """Returns whether a word differs from its ground in `pixels` (RGB), whose grey `levels` mostly tell already."""
    if not any(c.isalnum() for c in word.text):
        return True
    left, top, right, bottom = word.box.x0 * x, word.box.y0 * y, word.box.x1 * x, word.box.y1 * y
    if word.upright and bottom - top >= 8:
        top, bottom = top + _BAND[0] * (bottom - top), top + _BAND[1] * (bottom - top)
    elif not word.upright and right - left >= 8:
        left, right = left + 0.25 * (right - left), right - 0.25 * (right - left)
    part = np.s_[max(0, int(top)) : int(bottom) + 1, max(0, int(left)) : int(right) + 1]
    grey = levels[part]
    if not grey.size or int(grey.max()) - int(grey.min()) > CONTRAST:
        return True
    colors = pixels[part].reshape(-1, 3)
    return bool((colors.max(axis=0).astype(int) - colors.min(axis=0)).max() >= CONTRAST)


def _below_pictures(page: pymupdf.Page, words: Sequence[LayerWord], pictures: Sequence[Box]) -> list[bool]:
    """Returns for each word whether an opaque picture is drawn over it later."""
    texts: list[tuple[int, Box]] = []
    images: list[tuple[int, Box]] = []
    for n, (what, rect) in enumerate(page.get_bboxlog()):
        box = Box(*rect)
        if "text" in what:
            texts.append((n, box))
        elif what == "fill-image" and any(box.coverage(picture) > 0.95 for picture in pictures):
            images.append((n, box))
    results = []
    for word in words:
        over = max((n for n, box in images if word.box.coverage(box) > 0.9), default=-1)
        last_text = next((n for n, box in reversed(texts) if word.box.coverage(box) > 0.5), over) if over >= 0 else over
        results.append(over > last_text)
    return results

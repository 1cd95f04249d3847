"""Facts about a figure that are read without a model, and what of a model's description they bear out.

Image Textualization (arXiv 2406.07502) gives a describing model what experts find in a picture, and strikes from its
description what they do not. The experts here are OCR, the layout and the colors of the pixels.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from PIL import Image

from octavo.ingest import Element, Page

_HUES = (
    (10, "red"),
    (28, "orange"),
    (48, "yellow"),
    (115, "green"),
    (140, "turquoise"),
    (185, "blue"),
    (215, "purple"),
    (240, "pink"),
    (256, "red"),
)
"""Colors by the upper end of their hues, which Pillow counts to 255."""
_COLORED, _BRIGHT = 80, 60
"""Saturation and brightness from which a pixel has a color, of 255."""
_SHARE = 0.01
"""The share of a figure's pixels from which a color is named."""
_SIDE = 200
_LABELS = 60
"""Labels that are named at most."""
_NUMBER = re.compile(r"(?<![\w.,])[-−]?\d+(?:[.,'\u00a0\u202f]\d+)*")
ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class FigureFacts:
    """The kind of a figure, its captions, the labels that OCR or the file gives with their places, and its colors."""

    kind: str
    captions: tuple[str, ...]
    labels: tuple[tuple[str, str], ...]
    colors: tuple[str, ...]

    @property
    def summary(self) -> str:
        """The facts that the figure's own words do not say, as a sentence; empty for a figure without colors."""
        return f"A {self.kind} in {_listed(self.colors)}." if self.colors else ""

    @property
    def listing(self) -> str:
        """All facts, a line for each kind, for a model that describes the figure."""
        labels = "; ".join(f"{text} ({place})" for text, place in self.labels[:_LABELS])
        lines = (("Caption", " ".join(self.captions)), ("Labels", labels), ("Colors", _listed(self.colors)))
        return "\n".join(f"{name}: {value}" for name, value in lines if value)

    @property
    def numbers(self) -> frozenset[str]:
        """The numbers in captions and labels, without signs and separators."""
        texts = (*self.captions, *(text for text, _ in self.labels))
        return frozenset(_plain(number) for text in texts for number in _NUMBER.findall(text))


def read_facts(page: Page, element: Element, crop: Image.Image) -> FigureFacts:
    """Returns the facts about a figure of a page, of which `crop` is the picture."""
    lines = [(line.text, line.box) for line in element.lines] or [
        (text, element.box) for text in element.text.splitlines()
    ]
    captions = [e.text for e in page.elements if e.about == element.index and e.text.strip()]
    return FigureFacts(
        str(element.kind),
        tuple(captions),
        tuple((text, _place(element, (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2)) for text, box in lines if text),
        _colors(crop),
    )


def doubtful_numbers(description: str, facts: FigureFacts) -> list[str]:
    """Returns the numbers of a description that no label or caption holds, each once, as they are written.

    >>> facts = FigureFacts("chart", ("Figure 2: Sales",), (("2018", "bottom left"), ("1,577", "top")), ())
    >>> doubtful_numbers("Sales in 2018 were 1577, in 2019 they were 1,602.", facts)
    ['2019', '1,602']
    """
    borne_out = facts.numbers
    return list(dict.fromkeys(n for n in _NUMBER.findall(description) if _plain(n) not in borne_out))


def strike_numbers(description: str, numbers: list[str]) -> str:
    """Returns a description with an ellipsis in the place of some numbers.

    >>> strike_numbers("Sales in 2018 were 1577.", ["1577"])
    'Sales in 2018 were ….'
    """
    return _NUMBER.sub(lambda match: ELLIPSIS if match[0] in numbers else match[0], description)


def _plain(number: str) -> str:
    """Returns a number's digits and decimal point, so that one number is written in one way.

    >>> _plain("1,577"), _plain("12.50"), _plain("0,5")
    ('1577', '12.5', '0.5')
    """
    digits = re.sub(r"[-−'\u00a0\u202f]", "", number)
    digits = re.sub(r"[.,](?=\d{3}(?!\d))", "", digits).replace(",", ".")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _place(element: Element, x: float, y: float) -> str:
    """Returns in which ninth of a figure a point lies."""
    box = element.box
    column = ("left", "", "right")[min(2, int(3 * (x - box.x0) / max(1.0, box.width)))]
    row = ("top", "", "bottom")[min(2, int(3 * (y - box.y0) / max(1.0, box.height)))]
    return " ".join(filter(None, (row, column))) or "middle"


def _colors(crop: Image.Image) -> tuple[str, ...]:
    """Returns the names of the colors of a picture, that of most pixels first."""
    small = crop.convert("RGB")
    small.thumbnail((_SIDE, _SIDE))
    hue, saturation, brightness = (np.asarray(band) for band in small.convert("HSV").split())
    colored = hue[(saturation > _COLORED) & (brightness > _BRIGHT)]
    names = np.searchsorted([end for end, _ in _HUES], colored, side="right")
    counts: dict[str, int] = {}
    for place, count in zip(*np.unique(names, return_counts=True), strict=True):
        counts[_HUES[place][1]] = counts.get(_HUES[place][1], 0) + int(count)
    prominent = [name for name, count in counts.items() if count >= _SHARE * hue.size]
    return tuple(sorted(prominent, key=lambda name: -counts[name]))


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else ""

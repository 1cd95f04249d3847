"""Bars of charts whose values are written beside them: each category with its number, by where both stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from statistics import median

from octavo.ingest import Box

Label = tuple[Box, str]
"""A line of a chart: its box in PDF points, and its text."""
_NUMBER = re.compile(r"[-–−]?[$€£]?\s?\d[\d.,' ]*\s?(?:%|[kKM]|[$€£])?")
_YEAR = re.compile(r"(?:FY ?)?(?:19|20)\d\d")
FEWEST = 3
"""Categories of a chart that is read."""
_BESIDE = 0.35
"""The share of the distance between two bars by which a number may stand beside the middle of its category."""


def bars(labels: Sequence[Label]) -> list[tuple[Label, Label]]:
    """Returns the categories of a bar chart, each with the one number on its bar; nothing where that is not clear.

    Bars stand on a row of categories, or lie right of a column of them. Numbers of an axis stand beside no category.

    >>> names = [(Box(x, 90, x + 20, 100), name) for x, name in ((50, "Jan"), (100, "Feb"), (150, "Mar"))]
    >>> values = [(Box(x, 20, x + 10, 30), value) for x, value in ((55, "62"), (105, "48"), (155, "55"))]
    >>> axis = [(Box(5, y, 15, y + 10), tick) for y, tick in ((10, "80"), (85, "0"))]
    >>> [(name, value) for (_, name), (_, value) in bars([*axis, *values, *names])]
    [('Jan', '62'), ('Feb', '48'), ('Mar', '55')]
    """
    return _match(labels, _across, _down, below=True) or _match(labels, _down, _across, below=False)


def _across(box: Box) -> float:
    return (box.x0 + box.x1) / 2


def _down(box: Box) -> float:
    return (box.y0 + box.y1) / 2


def _match(
    labels: Sequence[Label], along: Callable[[Box], float], off: Callable[[Box], float], *, below: bool
) -> list[tuple[Label, Label]]:
    """Returns the categories that stand in one line, with the numbers beside them in the other direction."""
    for names in _lines_of_names(labels, off, below=below):
        names = sorted(names, key=lambda name: along(name[0]))
        places = [along(box) for box, _ in names]
        gap = median(b - a for a, b in pairwise(places))
        values = [label for label in labels if label not in names and _NUMBER.fullmatch(label[1].strip())]
        beyond = [v for v in values if (off(v[0]) < off(names[0][0])) is below]
        pairs = []
        for name in names:
            own = [v for v in beyond if abs(along(v[0]) - along(name[0])) < _BESIDE * gap]
            if len(own) == 1:
                pairs.append((name, own[0]))
        if gap > 0 and len(pairs) == len(names):
            return pairs
    return []


def _lines_of_names(labels: Sequence[Label], off: Callable[[Box], float], *, below: bool) -> Iterator[list[Label]]:
    """Yields groups of words or years that stand in one line, the lowest, or the leftmost, first."""
    name_labels = [
        label for label in labels if not _NUMBER.fullmatch(label[1].strip()) or _YEAR.fullmatch(label[1].strip())
    ]
    for first in sorted(name_labels, key=lambda label: off(label[0]), reverse=below):
        near = [label for label in name_labels if abs(_edge(label, below) - _edge(first, below)) < _height(first) / 2]
        if len(near) >= FEWEST:
            yield near


def _edge(label: Label, below: bool) -> float:
    """Categories below bars have one top, those left of bars one right edge."""
    return label[0].y0 if below else label[0].x1


def _height(label: Label) -> float:
    return label[0].height

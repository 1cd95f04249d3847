"""Drawing on PDF pages in points from the top left: text that wraps, rules, tables and bar charts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal

import pymupdf

Colour = tuple[float, float, float]
Align = Literal["left", "centre", "right"]

NAVY: Colour = (0.06, 0.13, 0.24)
BLUE: Colour = (0.18, 0.40, 0.64)
AMBER: Colour = (0.88, 0.57, 0.14)
INK: Colour = (0.13, 0.15, 0.18)
GREY: Colour = (0.40, 0.43, 0.48)
RULE: Colour = (0.78, 0.80, 0.84)
PALE: Colour = (0.945, 0.953, 0.965)
WHITE: Colour = (1.0, 1.0, 1.0)
BARS = (BLUE, AMBER)

BODY_SIZE, LEADING = 11.4, 17.1
SANS, BOLD, SERIF, ITALIC = "helv", "hebo", "tiro", "tiit"


@cache
def font(name: str) -> pymupdf.Font:
    """Returns one of the fonts that come with PyMuPDF."""
    return pymupdf.Font(name)


def wrapped(text: str, width: float, name: str, size: float) -> Iterator[str]:
    """Yields the lines of a text set `width` points wide."""
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and font(name).text_length(longer, size) > width:
            yield line
            longer = word
        line = longer
    yield line


class Sheet:
    """A new page of a document, to draw on."""

    def __init__(self, document: pymupdf.Document, width: float, height: float) -> None:
        self.page = document.new_page(width=width, height=height)
        self.width, self.height = width, height

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 10,
        name: str = SANS,
        colour: Colour = INK,
        align: Align = "left",
    ) -> None:
        """One line of text, its baseline at `y`."""
        before = {"left": 0.0, "centre": 0.5, "right": 1.0}[align] * font(name).text_length(text, size)
        writer = pymupdf.TextWriter(self.page.rect, color=colour)
        writer.append((x - before, y), text, font(name), size)
        writer.write_text(self.page)

    def paragraph(
        self,
        x: float,
        y: float,
        width: float,
        text: str,
        size: float = BODY_SIZE,
        name: str = SERIF,
        colour: Colour = INK,
        leading: float = LEADING / BODY_SIZE,
    ) -> float:
        """Draws lines of text, the first baseline at `y`; returns the baseline below the last."""
        for line in wrapped(text, width, name, size):
            self.text(x, y, line, size, name, colour)
            y += size * leading
        return y

    def line(
        self, x0: float, y0: float, x1: float, y1: float, colour: Colour = RULE, width: float = 0.6, dashes: str = ""
    ) -> None:
        self.page.draw_line((x0, y0), (x1, y1), color=colour, width=width, dashes=dashes or None)

    def box(
        self, x0: float, y0: float, x1: float, y1: float, fill: Colour | None = None, edge: Colour | None = None
    ) -> None:
        self.page.draw_rect(pymupdf.Rect(x0, y0, x1, y1), color=edge, fill=fill, width=0.8 if edge else 0)

    def shape(
        self, points: Sequence[tuple[float, float]], fill: Colour | None = None, edge: Colour | None = None
    ) -> None:
        """A polygon, or an open line where there is no fill."""
        shape = self.page.new_shape()
        shape.draw_polyline(points)
        shape.finish(color=edge, fill=fill, width=0.8 if edge else 0, closePath=fill is not None)
        shape.commit()

    def table(
        self,
        x: float,
        y: float,
        widths: Sequence[float],
        rows: Sequence[Sequence[str]],
        size: float = 9.5,
        height: float = 19,
        bold: Sequence[int] = (),
    ) -> float:
        """Draws a ruled table with a header row, its first column aligned left; returns its lower edge.

        `bold` are the numbers of rows to stress; the last column is stressed by its ground.
        """
        right = x + sum(widths)
        bottom = y + height * len(rows)
        self.box(right - widths[-1], y + height, right, bottom, PALE)
        self.box(x, y, right, y + height, NAVY)
        for n, row in enumerate(rows):
            base = y + n * height + 0.5 * height + 0.35 * size
            name = BOLD if n == 0 or n in bold else SANS
            colour = WHITE if n == 0 else INK
            end = x
            for cell, width in zip(row, widths, strict=True):
                end += width
                if end - width == x:
                    self.text(x + 8, base, cell, size, name, colour)
                else:
                    self.text(end - 8, base, cell, size, name, colour, "right")
            self.line(x, y + (n + 1) * height, right, y + (n + 1) * height)
        self.line(x, bottom, right, bottom, NAVY, 1)
        return bottom

    def bars(
        self,
        frame: tuple[float, float, float, float],
        labels: Sequence[str],
        series: Mapping[str, Sequence[float]],
        top: int,
        step: int,
        unit: str,
        size: float = 8.5,
    ) -> None:
        """A bar chart: for each label a bar of each of the two series, none for 0; the axis goes from 0 to `top`."""
        x0, y0, x1, y1 = frame
        for tick in range(0, top + 1, step):
            y = y1 - (y1 - y0) * tick / top
            self.line(x0, y, x1, y, GREY if tick == 0 else RULE, 0.8 if tick == 0 else 0.5)
            self.text(x0 - 6, y + 0.35 * size, str(tick), size, colour=GREY, align="right")
        self.text(x0 - 6 - 2.2 * size, y0 - 1.3 * size, unit, size, colour=GREY)
        group = (x1 - x0) / len(labels)
        bar = 0.72 * group / len(series)
        for n, label in enumerate(labels):
            middle = x0 + (n + 0.5) * group
            self.text(middle, y1 + 1.7 * size, label, size, align="centre")
            shown = [(values[n], colour) for values, colour in zip(series.values(), BARS, strict=True) if values[n]]
            for m, (value, colour) in enumerate(shown):
                left, height = middle + (m - len(shown) / 2) * bar, (y1 - y0) * value / top
                self.box(left + 1, y1 - height, left + bar - 1, y1, colour)
                self.text(left + bar / 2, y1 - height - 3, f"{value:g}", size - 0.5, align="centre")
        x = x1
        for name, colour in reversed(list(zip(series, BARS, strict=True))):
            x -= font(SANS).text_length(name, size)
            self.text(x, y0 - 1.3 * size, name, size)
            x -= 1.6 * size
            self.box(x, y0 - 2.1 * size, x + size, y0 - 1.1 * size, colour)
            x -= 1.6 * size


def save(document: pymupdf.Document, path: Path, title: str) -> Path:
    """Saves a document, the same bytes each time, and closes it."""
    date = "D:20190118090000Z"
    document.set_metadata({"title": title, "author": "Octavo demo", "creationDate": date, "modDate": date})
    document.subset_fonts()
    document.save(path, garbage=4, deflate=True, no_new_id=True)
    document.close()
    return path

"""Flowing text, tables, boxes and charts onto PDF pages, in points from the top left."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pymupdf

SANS, BOLD, SERIF, ITALIC = "helv", "hebo", "tiro", "tiit"
BLACK, GREY, PALE, BLUE, RED = (
    (0.1, 0.1, 0.1),
    (0.45, 0.45, 0.45),
    (0.93, 0.94, 0.96),
    (0.15, 0.35, 0.6),
    (0.75, 0.1, 0.1),
)

_NUMBER = re.compile(r"[($]*\d[\d.,:)%]*(?: [\w()]{1,6})?$|-?$")


def wrapped(text: str, width: float, font: str, size: float) -> Iterator[str]:
    """Yields the lines of a text set `width` points wide."""
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and pymupdf.get_text_length(longer, font, size) > width:
            yield line
            longer = word
        line = longer
    yield line


class Flow:
    """A document that is written from top to bottom, in one or more columns; a full column goes on in the next."""

    def __init__(
        self,
        size: tuple[float, float] = (595, 842),
        *,
        margin: float = 56,
        columns: int = 1,
        font: str = SANS,
        body: float = 10.5,
        footer: str = "",
    ) -> None:
        self.pdf = pymupdf.open()
        self.size, self.margin, self.columns, self.font, self.body, self.footer = (
            size,
            margin,
            columns,
            font,
            body,
            footer,
        )
        self.outline: list[tuple[int, str, int]] = []
        self.new_page()

    def new_page(self) -> None:
        """Starts a page."""
        self.page = self.pdf.new_page(width=self.size[0], height=self.size[1])
        self.column, self.top = 0, self.margin
        self.y = self.top
        if self.footer:
            number = f"{self.footer}   {len(self.pdf)}"
            self.page.insert_text((self.margin, self.size[1] - 28), number, fontname=SANS, fontsize=8, color=GREY)

    @property
    def width(self) -> float:
        """The width of a column."""
        return (self.size[0] - 2 * self.margin - 22 * (self.columns - 1)) / self.columns

    @property
    def x(self) -> float:
        """The left edge of this column."""
        return self.margin + self.column * (self.width + 22)

    def room(self, height: float) -> None:
        """Goes on in the next column or page where `height` points are not left."""
        if self.y + height > self.size[1] - self.margin:
            if self.column + 1 < self.columns:
                self.column += 1
                self.y = self.top
            else:
                self.new_page()

    def space(self, height: float = 8) -> None:
        """Leaves room."""
        self.y += height

    def text(
        self,
        text: str,
        size: float = 0,
        font: str = "",
        *,
        indent: float = 0,
        after: float = 6,
        color: tuple[float, float, float] = BLACK,
    ) -> None:
        """A paragraph."""
        size, font = size or self.body, font or self.font
        for line in wrapped(text, self.width - indent, font, size):
            self.room(size * 1.35)
            self.y += size * 1.35
            self.page.insert_text(
                (self.x + indent, self.y - size * 0.3), line, fontname=font, fontsize=size, color=color
            )
        self.y += after

    def heading(self, text: str, level: int = 1, *, bookmark: bool = True) -> None:
        """A heading, which becomes a bookmark as well."""
        size = {0: 22, 1: 15, 2: 12.5, 3: 11}[level]
        self.room(size * 3.5)
        self.y += 6
        if bookmark:
            deepest = self.outline[-1][0] + 1 if self.outline else 1
            self.outline.append((min(max(level, 1), deepest), text, len(self.pdf)))
        self.text(text, size, BOLD, after=5)

    def items(self, *items: str, bullet: str = "-") -> None:
        """A list with bullets, or with numbers where `bullet` is "1"."""
        for number, item in enumerate(items, 1):
            y = self.y
            page, column = self.page, self.column
            self.text(item, indent=16, after=3)
            if (page, column) == (self.page, self.column):
                mark = f"{number}." if bullet == "1" else bullet
                page.insert_text((self.x + 2, y + self.body * 1.05), mark, fontname=self.font, fontsize=self.body)
        self.y += 4

    def table(
        self,
        rows: Sequence[Sequence[str]],
        widths: Sequence[float],
        *,
        size: float = 9,
        rules: bool = False,
        bold: Sequence[int] = (),
        caption: str = "",
    ) -> None:
        """A table with one header row; `widths` are shares of the column, columns of numbers are set right."""
        if caption:
            self.text(caption, size, BOLD, after=3)
        height = size * 1.9
        self.room(height * min(len(rows), 4))
        total = sum(widths)
        edges = [0.0]
        for width in widths:
            edges.append(edges[-1] + self.width * width / total)
        columns = list(zip(*rows[1:], strict=True))
        right = [place > 0 and all(_NUMBER.match(cell) for cell in column) for place, column in enumerate(columns)]
        for number, row in enumerate(rows):
            self.room(height)
            font = BOLD if number == 0 or number in bold else SANS
            for place, cell in enumerate(row):
                length = pymupdf.get_text_length(cell, font, size)
                x = self.x + (edges[place + 1] - length - 4 if right[place] else edges[place] + 3)
                self.page.insert_text((x, self.y + height * 0.68), cell, fontname=font, fontsize=size)
            if rules or number == 0:
                self.page.draw_line(
                    (self.x, self.y + height), (self.x + self.width, self.y + height), color=GREY, width=0.5
                )
            if rules:
                for edge in edges:
                    x = self.x + edge
                    self.page.draw_line((x, self.y), (x, self.y + height), color=GREY, width=0.5)
            self.y += height
        self.y += 8

    def box(self, title: str, text: str, color: tuple[float, float, float] = RED) -> None:
        """A framed note such as a warning."""
        lines = list(wrapped(text, self.width - 24, self.font, self.body))
        height = 26 + len(lines) * self.body * 1.35
        self.room(height + 6)
        frame = pymupdf.Rect(self.x, self.y + 2, self.x + self.width, self.y + height)
        self.page.draw_rect(frame, color=color, width=1.2)
        self.page.insert_text((self.x + 10, self.y + 16), title, fontname=BOLD, fontsize=self.body, color=color)
        for number, line in enumerate(lines):
            y = self.y + 30 + number * self.body * 1.35
            self.page.insert_text((self.x + 10, y), line, fontname=self.font, fontsize=self.body)
        self.y += height + 8

    def bars(self, values: Mapping[str, float], caption: str, *, height: float = 150, unit: str = "") -> None:
        """A bar chart with its values written on the bars."""
        self.room(height + 30)
        top, base = self.y + 14, self.y + height - 16
        step = self.width / len(values)
        self.page.draw_line((self.x, base), (self.x + self.width, base), color=GREY)
        for number, (name, value) in enumerate(values.items()):
            left = self.x + number * step + step * 0.22
            upper = base - (base - top) * value / max(values.values())
            self.page.draw_rect(pymupdf.Rect(left, upper, left + step * 0.56, base), color=BLUE, fill=BLUE)
            self.page.insert_text((left, upper - 3), f"{value:g}{unit}", fontname=SANS, fontsize=8.5)
            self.page.insert_text((left, base + 11), name, fontname=SANS, fontsize=8.5)
        self.y += height
        self.text(caption, 9, ITALIC, after=10)

    def sketch(self, labels: Sequence[str], caption: str, *, height: float = 120) -> None:
        """A drawing of boxes with callouts and a caption below it."""
        self.room(height + 30)
        step = self.width / len(labels)
        for number, label in enumerate(labels):
            left, upper = self.x + number * step + 8, self.y + 12 + (number % 2) * 24
            frame = pymupdf.Rect(left, upper, left + step - 18, upper + height - 50)
            self.page.draw_rect(frame, color=BLUE, fill=PALE, width=1)
            self.page.draw_circle((frame.x0 + 12, frame.y0 + 14), 9, color=BLACK)
            self.page.insert_text((frame.x0 + 9, frame.y0 + 18), f"{number + 1}", fontname=SANS, fontsize=9)
            self.page.insert_text((frame.x0 + 6, frame.y1 - 8), label, fontname=SANS, fontsize=8)
            if number:
                self.page.draw_line((left - 10, upper + 30), (left, upper + 30), color=BLACK)
        self.y += height
        self.text(caption, 9, ITALIC, after=10)

    def save(self, path: Path, *, title: str = "", author: str = "", day: str = "") -> None:
        """Writes the PDF; `day` is its date of creation, as YYYYMMDD. The same calls write the same bytes."""
        if self.outline:
            self.pdf.set_toc([list(entry) for entry in self.outline], collapse=0)
        created = f"D:{day or '20240101'}090000Z"
        self.pdf.set_metadata({"title": title, "author": author, "creationDate": created, "modDate": created})
        self.pdf.save(path, garbage=3, deflate=True, no_new_id=True)
        self.pdf.close()

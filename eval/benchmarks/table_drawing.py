"""A table drawn on pages in a style, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pymupdf

from octavo.ingest.table import Cell, Table


@dataclass(frozen=True, slots=True)
class TableStyle:
    """The look of a drawn table: `rules` are "grid", "rows" (between all rows), "book" (around header and table) or
    "none"."""

    font: str
    size: float
    rules: str
    banded: bool
    pad: float
    middle: bool
    shaded: bool

    @property
    def leading(self) -> float:
        return 1.2 * self.size


class TableDrawing:
    """A table on its way to paper: column widths and row heights come from the text, wrapped where it is too long."""

    def __init__(self, document: pymupdf.Document, style: TableStyle, left: float, width: float, top: float) -> None:
        self.document, self.style, self.left, self.width, self.top = document, style, left, width, top
        self.font = pymupdf.Font(style.font)
        self.right: set[int] = set()

    def draw(self, table: Table, repeat: bool) -> float:
        """Draws the table from the first page on; returns its bottom on the last one."""
        edges = self._edges(table)
        body = [cell for cell in table.cells if cell.row >= table.header_rows and cell.column]
        self.right = {cell.column for cell in body if cell.text[-2:-1].isdigit()}
        heights = self._heights(table, edges)
        page, y = self.document[0], self.top
        number = 0
        first = True
        while number < table.row_count:
            bottom = page.rect.height - 60
            start, rows = number, list(range(table.header_rows)) if repeat and not first else []
            used = sum(heights[row] for row in rows)
            while number < table.row_count and (y + used + heights[number] <= bottom or number == start):
                used += heights[number]
                number += 1
            rows += range(start, number)
            self._rows(page, table, rows, edges, heights, y)
            y += used
            if number < table.row_count:
                page, y, first = self.document.new_page(width=page.rect.width, height=page.rect.height), 60.0, False
        return y

    def _edges(self, table: Table) -> list[float]:
        """Returns the columns' edges: as wide as their longest text where that fits, else shared out."""
        natural = [0.0] * table.column_count
        least = [0.0] * table.column_count
        for cell in table.cells:
            if cell.column_span == 1:
                natural[cell.column] = max(natural[cell.column], self._length(cell.text))
                least[cell.column] = max([least[cell.column], *(self._length(w) for w in cell.text.split())])
        gap = 2 * self.style.pad + (0 if self.style.rules == "grid" else 10)
        room = self.width - gap * len(natural)
        if sum(natural) > room:
            spare = max(0.0, room - sum(least))
            wish = sum(n - m for n, m in zip(natural, least, strict=True)) or 1
            natural = [m + (n - m) * spare / wish for n, m in zip(natural, least, strict=True)]
            extra = 0.0
        else:
            extra = (room - sum(natural)) / len(natural)
        edges = [self.left]
        for width in natural:
            edges.append(edges[-1] + width + gap + extra)
        return edges

    def _heights(self, table: Table, edges: Sequence[float]) -> list[float]:
        heights = [0.0] * table.row_count
        for cell in table.cells:
            lines = len(self._wrap(cell, edges))
            if cell.row_span == 1:
                heights[cell.row] = max(heights[cell.row], lines * self.style.leading + 2 * self.style.pad)
        for cell in table.cells:
            rows = range(cell.row, cell.row + cell.row_span)
            need = len(self._wrap(cell, edges)) * self.style.leading + 2 * self.style.pad
            short = need - sum(heights[row] for row in rows)
            if short > 0:
                heights[rows[-1]] += short
        return heights

    def _rows(
        self, page: pymupdf.Page, table: Table, rows: Sequence[int], edges: Sequence[float],
        heights: Sequence[float], top: float,
    ) -> None:  # fmt: skip
        tops = {row: top + sum(heights[r] for r in rows[:n]) for n, row in enumerate(rows)}
        bottom = top + sum(heights[row] for row in rows)
        shape = page.new_shape()
        for row in rows:
            is_header = self.style.shaded and row < table.header_rows
            fill = 0.88 if is_header else 0.94 if row % 2 and self.style.banded else None
            if fill:
                shape.draw_rect(pymupdf.Rect(edges[0], tops[row], edges[-1], tops[row] + heights[row]))
                shape.finish(color=None, fill=(fill, fill, 1))
        for row in rows:
            rule = self.style.rules == "rows" or (self.style.rules == "book" and row in (rows[0], table.header_rows))
            if rule:
                shape.draw_line((edges[0], tops[row]), (edges[-1], tops[row]))
        if self.style.rules in ("rows", "book"):
            shape.draw_line((edges[0], bottom), (edges[-1], bottom))
        for cell in table.cells:
            if cell.row not in tops:
                continue
            height = sum(heights[row] for row in range(cell.row, cell.row + cell.row_span) if row in tops)
            box = pymupdf.Rect(
                edges[cell.column], tops[cell.row], edges[cell.column + cell.column_span], tops[cell.row] + height
            )
            if self.style.rules == "grid":
                shape.draw_rect(box)
            self._text(page, cell, box, edges, table.header_rows)
        shape.finish(color=(0, 0, 0), width=0.6)
        shape.commit(overlay=False)

    def _text(
        self, page: pymupdf.Page, cell: Cell, box: pymupdf.Rect, edges: Sequence[float], header_rows: int
    ) -> None:  # fmt: skip
        lines = self._wrap(cell, edges)
        y = box.y0 + self.style.pad + self.style.size * 0.95
        if self.style.middle:
            y += (box.height - 2 * self.style.pad - len(lines) * self.style.leading) / 2
        for n, line in enumerate(lines):
            length = self._length(line)
            x = box.x0 + self.style.pad
            if cell.column_span > 1:
                x = box.x0 + (box.width - length) / 2
            elif cell.column in self.right:
                x = box.x1 - self.style.pad - length
            page.insert_text((x, y + n * self.style.leading), line, fontsize=self.style.size, fontname=self.style.font)

    def _wrap(self, cell: Cell, edges: Sequence[float]) -> list[str]:
        room = edges[cell.column + cell.column_span] - edges[cell.column] - 2 * self.style.pad + 0.01
        if self.style.rules != "grid":
            room -= 10
        lines: list[str] = []
        for word in cell.text.split():
            if lines and self._length(f"{lines[-1]} {word}") <= room:
                lines[-1] += f" {word}"
            else:
                lines.append(word)
        return lines

    def _length(self, text: str) -> float:
        return float(self.font.text_length(text, self.style.size))

"""The tables of one page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from itertools import pairwise

from PIL import Image

from octavo.ingest.content import PageContent
from octavo.ingest.layout.tables import aligned, beside, columns, header, rows as row_rules, rulings, stacked
from octavo.ingest.layout.tables.lattice import lattice
from octavo.ingest.layout.tables.piece import Row, without_signs
from octavo.ingest.layout.tables.rulings import Rulings
from octavo.ingest.layout.tables.text import Direction, page_words, turned_back, upright, words_of
from octavo.ingest.layout.tables.words import TableWord, bands, em, space, without_leaders
from octavo.ingest.model import Box, Line
from octavo.ingest.table import Cell, Table

_ACROSS = 0.6
"""A rule parts rows if it covers at least this share of the table's width; a border parts columns likewise."""
_PAIRED = 0.3
"""At least this share of a table's rows have text in more than one column."""
_FEWEST, _MOST = 4, 2_500
"""Fewer words are no table; of more words or lines the cells are not told apart."""
_UPRIGHT = 8
"""Fewer lines that are higher than wide make no table on its side."""


class Tables:
    """Reads the tables of a page, whose words and lines it looks up when the first table is read.

    Where the page's text comes from its picture, `image` and `read`, the words that OCR found in it, are given.
    """

    def __init__(
        self, content: PageContent, frame: Box, image: Image.Image | None = None, ocr_lines: Sequence[Line] = ()
    ) -> None:
        self._content, self._frame, self._image, self._ocr_lines = content, frame, image, ocr_lines

    @cached_property
    def _words(self) -> list[tuple[TableWord, Direction]]:
        if self._image is not None:
            return [(TableWord(word.text, word.box), Direction.RIGHT) for word in self._ocr_lines]
        return page_words(self._content)

    @cached_property
    def _rulings(self) -> Rulings:
        return (
            rulings.drawn_rulings(self._content.page)
            if self._image is None
            else rulings.detect_rulings(self._image, self._frame)
        )

    def read(self, box: Box, lines: Sequence[Line]) -> list[tuple[Box, Sequence[Line], Table | None]]:
        """Returns the tables of a region with its lines of text: boxes, lines, and cells where these are known."""
        words, direction = words_of(lines, self._words)
        around = Box.around([box, *(line.box for line in lines)])
        result = self._rulings.within(around)
        if direction is not Direction.RIGHT:
            table = read_table(*upright(words, result, around, direction, self._frame))
            cells = (
                tuple(replace(c, box=turned_back(c.box, direction, self._frame)) for c in table.cells) if table else ()
            )
            return [(box, lines, table and replace(table, cells=cells))]
        edges = [around.x0, *beside.cuts(words, result, around), around.x1 + 1]
        parts: list[tuple[Box, Sequence[Line], Table | None]] = []
        for x0, x1 in pairwise(edges):
            inside = [word for word in words if x0 <= (word.box.x0 + word.box.x1) / 2 < x1]
            own = [line for line in lines if x0 <= (line.box.x0 + line.box.x1) / 2 < x1]
            part = around if len(edges) == 2 else Box.around(word.box for word in inside)
            parts.append((box if len(edges) == 2 else part, own, read_table(inside, result.within(part), part)))
        return parts

    def find_aligned(self, lines: Sequence[Line]) -> list[Box]:
        """Returns where lines of text that no table holds make tables without drawn lines."""
        results = []
        for box in aligned.find_aligned(lines):
            words, direction = words_of([line for line in lines if line.box.coverage(box) > 0.5], self._words)
            table = read_table(words, self._rulings.within(box), box) if direction is Direction.RIGHT else None
            if table and table.column_count > 1 and table.row_count > 2:
                results.append(box)
        return results

    def apart(self, box: Box, lines: Sequence[Line]) -> list[Box]:
        """Returns the boxes of the tables that stand above one another in a region."""
        return stacked.apart(box, self._rulings, lines)

    def sideways(self, lines: Sequence[Line]) -> list[Box]:
        """Returns where tables lie on their side among lines of text that runs to the right."""
        if self._image is not None or sum(line.box.height > 1.5 * line.box.width for line in lines) < _UPRIGHT:
            return []
        results = []
        for direction in (Direction.UP, Direction.DOWN):
            words = [word for word, other in self._words if other is direction]
            if len(words) >= _UPRIGHT:
                box = Box.around(word.box for word in words)
                table = read_table(*upright(words, self._rulings.within(box), box, direction, self._frame))
                if table and table.row_count > 2:
                    results.append(box)
        return results


def read_table(words: Sequence[TableWord], rulings: Rulings, box: Box) -> Table | None:
    """Returns the table that words and lines within a box make, or `None`."""
    words = without_leaders(words)
    if not _FEWEST <= len(words) <= _MOST or len(rulings.horizontal) + len(rulings.vertical) > _MOST:
        return None
    size = em(words)
    separators = _separators(rulings, box)
    rows = lattice(words, rulings, box)
    if rows is not None:
        return _table(rows, header.header_rows(rows, separators))
    lines = bands(words)
    blank = space(lines, size)
    gap = max(1.6 * blank, blank + 0.15 * size)
    borders = [line.x0 for line in rulings.vertical if line.height > _ACROSS * box.height]
    stands = columns.columns(lines, gap, borders)
    if narrow := columns.narrow_gaps(lines, stands):
        borders += narrow
        stands = columns.columns(lines, gap, borders)
    if len(stands) < 2:
        return None
    pieces = columns.rows(lines, stands, gap, blank, borders)
    rows = row_rules.merge_lines(pieces, stands, separators, size, blank)
    if sum(len(row) > 1 for row in rows) < max(2, _PAIRED * len(rows)):
        return None
    count = header.header_rows(rows, separators)
    return _table(header.with_spans(rows, count, stands, rulings.horizontal), count)


def _separators(rules: Rulings, box: Box) -> list[float]:
    """Returns the heights of the lines that run across most of the table."""
    levels: dict[float, float] = {}
    for line in sorted(rules.horizontal, key=lambda line: line.y0):
        level = next((y for y in levels if abs(y - line.y0) <= rulings.SNAP), line.y0)
        levels[level] = levels.get(level, 0.0) + line.width
    return [y for y, width in levels.items() if width >= _ACROSS * box.width]


def _table(rows: Sequence[Row], header_count: int) -> Table:
    rows = without_signs(rows)
    cells = [
        Cell(n, piece.first, piece.text, piece.box, piece.row_span, piece.last - piece.first + 1)
        for n, row in enumerate(rows)
        for piece in row.values()
    ]
    return Table(tuple(sorted(cells, key=lambda cell: (cell.row, cell.column))), header_count)

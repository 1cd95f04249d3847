"""Blocks set on pages: a PDF that a person can look at, and what each page says, with boxes.

What an element says comes from the blocks; where it stands, from where MuPDF put it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pymupdf

from octavo.ingest.errors import ReadError
from octavo.ingest.markup import grid
from octavo.ingest.markup.blocks import Block, Grid, ImageBlock, TextBlock
from octavo.ingest.markup.placed import PlacedPiece, read_back
from octavo.ingest.model import HEADINGS, Box, Element, Kind
from octavo.ingest.table import Table

WIDTH, HEIGHT = pymupdf.paper_size("a4")
MARGIN = 54.0
_ROOM, _BOTTOM = WIDTH - 2 * MARGIN, HEIGHT - MARGIN
_GAP, _LEAST = 8.0, 40.0
_TALLEST = 14_000.0
_STEP = 18
_CSS = f"""
body {{ font-family: sans-serif; font-size: 11px; line-height: 15px; margin: 0 }}
div, p {{ margin: 0; padding: 0 }}
.text, .list, .caption, .formula, .figure {{ margin-bottom: 6px }}
.title {{ font-size: 20px; line-height: 26px; font-weight: bold; margin-bottom: 10px }}
.h1 {{ font-size: 18px; line-height: 24px }} .h2 {{ font-size: 15px; line-height: 20px }}
.h1, .h2, .h3 {{ font-weight: bold; margin-top: 6px; margin-bottom: 5px }}
.h3 {{ font-size: 12.5px; line-height: 17px }}
.list {{ margin-bottom: 2px }}
.caption, .figure {{ font-size: 10px; font-style: italic }}
.code {{ font-family: monospace; font-size: 9px; line-height: 12px; white-space: pre-wrap }}
.last {{ margin-bottom: 8px }}
code {{ font-family: monospace; font-size: 10px }}
sup, sub {{ font-size: 7px }}
.c {{ font-size: {grid.SIZE}px; line-height: {grid.LEADING}px; white-space: pre }}
.b {{ font-weight: bold }}
"""
_LONG = re.compile(r"(?<![&\w#])[^\s<>&]{28,}")
_TAGS = re.compile(r"(<[^>]*>)")


@dataclass(frozen=True, slots=True)
class Typeset:
    """A PDF, what each of its pages says, and its headings as (level from 1, title, page)."""

    pdf: Path
    elements: tuple[tuple[Element, ...], ...]
    outline: tuple[tuple[int, str, int], ...]


@dataclass
class _Press:
    """Pages as they are filled from the top."""

    writer: pymupdf.DocumentWriter
    name: str
    most: int
    page: int = -1
    frame: pymupdf.Rect = field(default_factory=pymupdf.Rect)
    y: float = 0.0
    device: object = None
    pieces: list[PlacedPiece] = field(default_factory=list)

    def begin(self, width: float = WIDTH, height: float = HEIGHT) -> None:
        self.finish()
        if self.page + 1 >= self.most:
            raise ReadError(
                f"{self.name} has more than {self.most:,} pages: raise OCTAVO_READING__MAX_PAGES to read it."
            )
        height = max(height, width if width > WIDTH else 0.0)  # a page that is wider than high is taken for a slide
        self.page += 1
        self.frame = pymupdf.Rect(0, 0, width, height)
        self.device = self.writer.begin_page(self.frame)
        self.y = MARGIN

    def finish(self) -> None:
        if self.device is not None:
            self.writer.end_page()
            self.device = None

    @property
    def bottom(self) -> float:
        return float(self.frame.y1) - MARGIN

    # running text and pictures

    def flow(self, blocks: Sequence[tuple[int, TextBlock | ImageBlock]]) -> None:
        archive = pymupdf.Archive()
        markup: list[str] = []
        texts: list[tuple[int, str]] = []
        for number, block in blocks:
            if isinstance(block, ImageBlock) and block.data:
                archive.add((block.data, f"p{number}"))
                shrink = min(1.0, _ROOM / block.width, 0.9 * (HEIGHT - 2 * MARGIN) / block.height)
                size = f'width="{block.width * shrink:.1f}" height="{block.height * shrink:.1f}"'
                markup.append(f'<div id="{len(texts)}" class="text"><img src="p{number}" {size}></div>')
                texts.append((number, ""))
                continue
            for text, inner, style in _draw_lines(block):
                markup.append(f'<div id="{len(texts)}" {style}>{inner}</div>')
                texts.append((number, text))
        story = pymupdf.Story("".join(markup), user_css=_CSS, archive=archive)
        more = 1
        while more:
            if self.device is None or self.y > self.bottom - _LEAST:
                self.begin()
            more, filled = story.place(pymupdf.Rect(MARGIN, self.y, MARGIN + _ROOM, self.bottom))
            for position in _positions(story):
                if position.open_close == 1 and position.id:
                    owner, text = texts[int(position.id)]
                    self.pieces.append(PlacedPiece(owner, self.page, position.rect[1], text))
            story.draw(self.device)
            self.y = filled[3]
            if more:
                self.finish()

    # tables

    def table(self, number: int, table: Table) -> None:
        for placed in grid.parts(table, _ROOM):
            header_rows = placed.table.header_rows
            above = sum(placed.heights[:header_rows])
            first, count = 0, placed.table.row_count
            width = max(WIDTH, sum(placed.widths) + 2 * MARGIN)
            while first < count:
                repeat = first >= header_rows > 0 and above < 0.4 * HEIGHT
                needed = (above if repeat else 0) + sum(placed.heights[first : max(first, header_rows) + 1])
                if self.device is None or self.y + needed > self.bottom or width > self.frame.x1:
                    self.begin(width, min(_TALLEST, max(HEIGHT, needed + 2 * MARGIN)))
                y, last = self.y + (above if repeat else 0), first
                while last < count and (last == first or y + placed.heights[last] <= self.bottom):
                    y += placed.heights[last]
                    last += 1
                self._draw(number, grid.rows(placed, first, last, repeat))
                first = last
            self.y += _GAP

    def _draw(self, number: int, placed: grid.PlacedCells) -> None:
        xs, ys = [MARGIN], [self.y]
        for width in placed.widths:
            xs.append(xs[-1] + width)
        for height in placed.heights:
            ys.append(ys[-1] + height)
        columns: list[dict[int, tuple[float, str]]] = [{} for _ in placed.widths]
        cells = []
        for cell in placed.table.cells:
            right, below = cell.column + cell.column_span, cell.row + cell.row_span
            box = Box(xs[cell.column], ys[cell.row], xs[right], ys[below])
            cells.append(replace(cell, box=box))
            if not cell.text:
                continue
            style = "c b" if cell.row < placed.table.header_rows else "c"
            lines = placed.lines[cell]
            inner = "<br/>".join(map(html.escape, lines))
            if cell.column_span > 1:
                self._place(f'<p class="{style}">{inner}</p>', box)
                continue
            below_it = box.height - len(lines) * grid.LEADING
            paragraph = f'<p class="{style}" style="padding-bottom:{below_it:.1f}px">{inner}</p>'
            columns[cell.column][cell.row] = (box.y1, paragraph)
        for column, item in enumerate(columns):
            self._column(item, xs[column], xs[column + 1], ys)
        box = Box(xs[0], ys[0], xs[-1], ys[-1])
        table = replace(placed.table, cells=tuple(cells))
        self.pieces.append(PlacedPiece(number, self.page, self.y, table=table, box=box))
        self.y = ys[-1]

    def _column(self, marks: dict[int, tuple[float, str]], x0: float, x1: float, ys: Sequence[float]) -> None:
        markup, y = [], ys[0]
        for row, (below, paragraph) in sorted(marks.items()):
            if ys[row] > y:
                markup.append(f'<p class="c" style="padding-bottom:{ys[row] - y - grid.LEADING:.1f}px">&nbsp;</p>')
            markup.append(paragraph)
            y = below
        if markup:
            self._place("".join(markup), Box(x0, ys[0], x1, ys[-1]))

    def _place(self, markup: str, box: Box) -> None:
        story = pymupdf.Story(f'<body style="margin:0">{markup}</body>', user_css=_CSS)
        story.place(pymupdf.Rect(box.x0 + grid.PADDING, box.y0 + grid.PADDING, box.x1 + 400, box.y1 + 400))
        story.draw(self.device)


def _positions(story: pymupdf.Story) -> list[Any]:
    """Returns the places where the elements with an id, of those placed last, begin and end."""
    results: list[Any] = []
    story.element_positions(lambda position: results.append(position), {})
    return results


def typeset(blocks: Iterable[Block], pdf: Path, name: str, most: int) -> Typeset:
    """Sets blocks on A4 pages, wide tables on wider ones; raises `ReadError` beyond `most` pages."""
    blocks, about = _with_captions(blocks)
    try:
        writer = pymupdf.DocumentWriter(str(pdf))
        press = _Press(writer, name, most)
        for run in _runs(blocks):
            if run is None:
                press.finish()
            elif isinstance(run, tuple):
                press.table(*run)
            else:
                press.flow(run)
        if press.page < 0:
            press.begin()
        press.finish()
        writer.close()
    except (RuntimeError, ValueError) as error:
        raise ReadError(f"{name} cannot be laid out on pages: its markup is broken.") from error
    elements = read_back(pdf, blocks, press.pieces, about)
    return Typeset(pdf, elements, _outline(blocks, press.pieces))


def _outline(blocks: Sequence[Block], pieces: Sequence[PlacedPiece]) -> tuple[tuple[int, str, int], ...]:
    """Returns the headings as (level from 1, title, page)."""
    first = {piece.block: piece.page for piece in reversed(pieces)}
    return tuple(
        (max(1, block.level), " ".join(block.text.split()), first[n])
        for n, block in enumerate(blocks)
        if isinstance(block, TextBlock) and block.kind in HEADINGS and n in first
    )


def _with_captions(blocks: Iterable[Block]) -> tuple[list[Block], dict[int, int]]:
    """Returns captions as passages of their own, and which block each is about."""
    results: list[Block] = []
    about: dict[int, int] = {}
    for block in blocks:
        if isinstance(block, Grid) and block.caption:
            about[len(results)] = len(results) + 1
            results.append(TextBlock.of(block.caption, kind=Kind.CAPTION))
        results.append(block)
        if isinstance(block, ImageBlock) and block.caption:
            about[len(results)] = len(results) - 1
            results.append(TextBlock.of(block.caption, kind=Kind.CAPTION))
    return results, about


def _runs(blocks: Sequence[Block]) -> Iterator[tuple[int, Table] | list[tuple[int, TextBlock | ImageBlock]] | None]:
    """Yields tables by themselves, what stands between them, and `None` where a page ends."""
    run: list[tuple[int, TextBlock | ImageBlock]] = []
    for number, block in enumerate(blocks):
        if isinstance(block, TextBlock | ImageBlock):
            run.append((number, block))
            continue
        if run:
            yield run
        run = []
        yield (number, block.table) if isinstance(block, Grid) else None
    if run:
        yield run


def _draw_lines(block: TextBlock | ImageBlock) -> Iterator[tuple[str, str, str]]:
    """Yields each line of a passage: its text, its markup and how it is drawn."""
    if isinstance(block, ImageBlock):
        yield block.alt, html.escape(f"[{block.alt}]"), 'class="figure"'
        return
    kind = (
        "text" if block.code else f"h{min(block.level, 3)}" if block.kind is Kind.SECTION_HEADER else block.kind.value
    )
    inset = 0 if block.kind in HEADINGS else _STEP * min(block.level, 8)
    style = f' style="margin-left:{inset}px"' if inset else ""
    for n, (text, line) in enumerate(block.lines):
        last = n == len(block.lines) - 1
        names = f"code{' last' if last else ''}" if block.code else kind
        tight = "" if last or block.code else ";margin-bottom:0"
        attribute = style[:-1] + tight + '"' if style else f' style="{tight[1:]}"' if tight else ""
        yield text, _breakable(line) or "&nbsp;", f'class="{names}"{attribute}'


def _breakable(markup: str) -> str:
    """Returns long words with places where they may break."""
    if not _LONG.search(markup):
        return markup
    parts = _TAGS.split(markup)
    parts[::2] = (_LONG.sub(lambda m: "\u200b".join(re.findall(r".{1,8}", m[0])), part) for part in parts[::2])
    return "".join(parts)

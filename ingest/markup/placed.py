"""Elements of pages that were set: blocks give the words, the pages their places."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import pymupdf

from octavo.ingest.markup.blocks import Block, ImageBlock, TextBlock
from octavo.ingest.model import Box, Element, Kind, Line
from octavo.ingest.table import Table

_RULE, _SHADE = (0.6, 0.6, 0.6), (0.93, 0.93, 0.93)


@dataclass(frozen=True, slots=True)
class PlacedPiece:
    """A line of a block, a picture or a table's part that begins at `y` points of a page and ends at the next piece.

    A part of a table has its box and its cells theirs.
    """

    block: int
    page: int
    y: float
    text: str = ""
    table: Table | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    """The lines of a piece on one page."""

    piece: PlacedPiece
    box: Box
    lines: tuple[Line, ...] = ()


def read_back(
    pdf: Path, blocks: Sequence[Block], pieces: Sequence[PlacedPiece], about: dict[int, int]
) -> tuple[tuple[Element, ...], ...]:
    """Returns the elements of each page.

    It also draws the rules of tables. `about` are the blocks that captions name.
    """
    pieces = sorted(pieces, key=lambda piece: (piece.page, piece.y))
    starts = [(piece.page, piece.y) for piece in pieces]
    lines_by_page: dict[int, dict[int, list[Line]]] = defaultdict(lambda: defaultdict(list))
    boxes: dict[int, Box] = {}
    ruled = pdf.with_suffix(".ruled.pdf")
    with pymupdf.open(pdf) as document:
        count = document.page_count
        for page in document:
            begun = range(bisect_right(starts, (page.number, -1.0)), bisect_right(starts, (page.number + 1, -1.0)))
            pictures = [Box(*info["bbox"]) for info in page.get_image_info()]
            pages = [*begun, begun.start - 1] if begun.start else begun
            for line in _lines(page) if any(_says(blocks[pieces[n].block]) for n in pages) else ():
                n = bisect_right(starts, (page.number, (line.box.y0 + line.box.y1) / 2)) - 1
                if n >= 0 and _says(blocks[pieces[n].block]):
                    lines_by_page[n][page.number].append(line)
            for n in begun:
                block = blocks[pieces[n].block]
                if isinstance(block, ImageBlock) and block.data and pictures:
                    boxes[n] = min(pictures, key=lambda box, n=n: abs(box.y0 - pieces[n].y))  # type: ignore[misc]
            _rule(page, [table for n in begun if (table := pieces[n].table)])
        document.save(ruled, deflate=True)
    ruled.replace(pdf)
    parts: dict[int, list[_Part]] = defaultdict(list)
    for n, piece in enumerate(pieces):
        if box := piece.box or boxes.get(n):
            parts[piece.page].append(_Part(piece, box))
            continue
        for number, lines in _shared(piece.text, lines_by_page[n]):
            parts[number].append(_Part(piece, Box.around(line.box for line in lines), lines))
    return tuple(tuple(_elements(parts[number], blocks, about)) for number in range(count))


def _lines(page: pymupdf.Page) -> Iterator[Line]:
    for block in page.get_text("dict", flags=pymupdf.TEXT_PRESERVE_WHITESPACE)["blocks"]:
        for line in block["lines"]:
            text = "".join(span["text"] for span in line["spans"])
            if text.strip():
                yield Line(text, Box(*line["bbox"]))


def _rule(page: pymupdf.Page, tables: Sequence[Table]) -> None:
    """Draws a rule around each cell, and a shade below those that name columns."""
    if not tables:
        return
    above, below = page.new_shape(), page.new_shape()
    for table in tables:
        boxes = [(cell.box, cell.row < table.header_rows) for cell in table.cells]
        above.draw_cont += "".join(_outline(box, page.rect.height) for box, _ in boxes)
        below.draw_cont += "".join(_outline(box, page.rect.height) for box, is_header in boxes if is_header)
    above.finish(color=_RULE, width=0.5)
    below.finish(color=None, fill=_SHADE, width=0)
    above.commit(overlay=False)
    below.commit(overlay=False)


def _outline(box: Box, height: float) -> str:
    """Returns a rectangle as PDF draws it, from the bottom of a page that is `height` points high."""
    return f"{box.x0:.1f} {height - box.y1:.1f} {box.width:.1f} {box.height:.1f} re\n"


def _says(block: Block) -> bool:
    return isinstance(block, TextBlock | ImageBlock)


def _shared(text: str, lines: dict[int, list[Line]]) -> Iterator[tuple[int, tuple[Line, ...]]]:
    """Yields the words of a piece, shared out among the lines that were drawn of them, by page."""
    places = [(number, row) for number, item in sorted(lines.items()) for row in _rows(item)]
    words = text.split()
    sizes = [sum(len("".join(line.text.split()).replace("\u200b", "")) for line in row) for _, row in places]
    total, letters = sum(sizes), sum(map(len, words))
    result: list[tuple[int, Line]] = []
    used = letters_placed = passed = 0
    for n, ((number, row), size) in enumerate(zip(places, sizes, strict=True)):
        passed += size
        until = len(words) if n == len(places) - 1 else used
        while until < len(words) and letters_placed + len(words[until]) / 2 <= passed * letters / max(1, total):
            letters_placed += len(words[until])
            until += 1
        words_of_line = " ".join(words[used:until])
        used = until
        if words_of_line:
            result.append((number, Line(words_of_line, Box.around(line.box for line in row))))
    for number, group in groupby(result, key=lambda pair: pair[0]):
        yield number, tuple(line for _, line in group)


def _rows(lines: Sequence[Line]) -> list[list[Line]]:
    """Returns the pieces of text, those at one height as one line."""
    rows: list[list[Line]] = []
    for line in lines:
        middle = (line.box.y0 + line.box.y1) / 2
        if rows and rows[-1][0].box.y0 < middle < rows[-1][0].box.y1:
            rows[-1].append(line)
        else:
            rows.append([line])
    return rows


def _elements(parts: Sequence[_Part], blocks: Sequence[Block], about: dict[int, int]) -> list[Element]:
    """Returns the elements of one page; list items that follow each other are one list."""
    elements: list[Element] = []
    index_of: dict[int, int] = {}
    for (number, _), group in groupby(parts, key=lambda part: (part.piece.block, part.piece.table)):
        element = _element(list(group), blocks[number])
        last = elements[-1] if elements else None
        if last and last.kind is element.kind is Kind.LIST:
            text = f"{last.text}\n{element.text}"
            elements[-1] = replace(last, box=last.box | element.box, text=text, lines=(*last.lines, *element.lines))
            continue
        index_of.setdefault(number, len(elements))
        elements.append(replace(element, index=len(elements)))
    targets = {index_of[n]: index_of[target] for n, target in about.items() if n in index_of and target in index_of}
    return [replace(e, about=targets.get(e.index)) for e in elements]


def _element(parts: Sequence[_Part], block: Block) -> Element:
    box = Box.around(part.box for part in parts)
    if parts[0].piece.table:
        return parts[0].piece.table.element(box)
    if isinstance(block, ImageBlock):
        return Element(0, Kind.FIGURE, box, block.alt, (Line(block.alt, box),) if block.alt else ())
    assert isinstance(block, TextBlock)
    if len(block.lines) == 1:
        lines = tuple(line for part in parts for line in part.lines)
        return Element(0, block.kind, box, " ".join(line.text for line in lines), lines)
    lines = tuple(Line(_whole(part), part.box) for part in parts)
    return Element(0, block.kind, box, "\n".join(line.text for line in lines), lines)


def _whole(part: _Part) -> str:
    """Returns the text of a line on this page, with the spaces it has in the file where it is all there."""
    text = " ".join(line.text for line in part.lines)
    return part.piece.text if part.piece.text.split() == text.split() else text

"""The content of a page's file, extracted once for all its users."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import Any, NamedTuple

import pymupdf

from octavo.ingest import bidi, scripts
from octavo.ingest.model import Box

FLAGS = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP | pymupdf.TEXT_DEHYPHENATE


class PlacedImage(NamedTuple):
    """A picture that the file places on a page, `box` in points; an opaque one hides what lies below it."""

    box: Box
    opaque: bool


class PageContent:
    """The text layer, words and pictures of a page, boxes in points of the page as displayed."""

    def __init__(self, page: pymupdf.Page) -> None:
        self.page = page

    @property
    def frame(self) -> Box:
        """The box of the whole page."""
        return Box(0, 0, self.page.rect.width, self.page.rect.height)

    @cached_property
    def lines(self) -> dict[tuple[int, int], dict[str, Any]]:
        """Lines as PyMuPDF gives them, in the order of the file, by the numbers of their block and within it.

        Those with letters written from right to left are in the order in which they are read.
        """
        return self._layer[0]

    @property
    def words(self) -> list[tuple[Box, str, tuple[int, int]]]:
        """Words in the order of the file: box, text, and the numbers of their line."""
        return self._layer[1]

    @cached_property
    def pictures(self) -> list[PlacedImage]:
        """Pictures in the order in which they are drawn."""
        return [PlacedImage(Box(*info["bbox"]), not info["has-mask"]) for info in self.page.get_image_info()]

    @cached_property
    def _text(self) -> pymupdf.TextPage:
        return self.page.get_textpage(flags=FLAGS)

    @cached_property
    def _layer(self) -> tuple[dict[tuple[int, int], dict[str, Any]], list[tuple[Box, str, tuple[int, int]]]]:
        results = [
            (Box(*edges), text, (block, line))
            for *edges, text, block, line, _ in self.page.get_text("words", textpage=self._text)
        ]
        if any(bidi.runs_left(text) for _, text, _ in results):
            return self._reorder(results)
        blocks = self.page.get_text("dict", textpage=self._text)["blocks"]
        lines = {(b["number"], n): line for b in blocks for n, line in enumerate(b.get("lines", ()))}
        homes = scripts.attach_marks(lines)
        for mark, home in homes.items():
            whole = lines[home]
            box = Box(*whole["bbox"]) | Box(*lines[mark]["bbox"])
            lines[home] = {**whole, "spans": [*whole["spans"], *lines[mark]["spans"]], "bbox": tuple(box)}
        outside = {place: line for place, line in lines.items() if place not in homes}
        return outside, [(box, text, homes.get(place, place)) for box, text, place in results]

    def _reorder(
        self, order: list[tuple[Box, str, tuple[int, int]]]
    ) -> tuple[dict[tuple[int, int], dict[str, Any]], list[tuple[Box, str, tuple[int, int]]]]:
        by_line: dict[tuple[int, int], list[tuple[Box, str]]] = defaultdict(list)
        for box, text, place in order:
            by_line[place].append((box, text))
        leftward = bidi.runs_leftward([text for _, text in line] for line in by_line.values())
        lines: dict[tuple[int, int], dict[str, Any]] = {}
        words: list[tuple[Box, str, tuple[int, int]]] = []
        for block in self.page.get_text("rawdict", textpage=self._text)["blocks"]:
            for n, line in enumerate(bidi.reorder(block.get("lines", ()), leftward)):
                place = block["number"], n
                lines[place] = line.line
                own = line.words or [word for m in line.places for word in by_line[block["number"], m]]
                words += [(box, text, place) for box, text in own]
        return lines, words

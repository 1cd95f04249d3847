"""What the file of a page holds, extracted once for all who ask for it."""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

import pymupdf

from octavo.ingest.model import Box

FLAGS = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP | pymupdf.TEXT_DEHYPHENATE


class Picture(NamedTuple):
    """A picture that the file places on a page, `box` in points; an opaque one hides what lies below it."""

    box: Box
    opaque: bool


class Content:
    """The text layer, words and pictures of a page, boxes in points of the page as displayed."""

    def __init__(self, page: pymupdf.Page) -> None:
        self.page = page

    @property
    def frame(self) -> Box:
        """The box of the whole page."""
        return Box(0, 0, self.page.rect.width, self.page.rect.height)

    @cached_property
    def lines(self) -> dict[tuple[int, int], dict[str, Any]]:
        """Lines as PyMuPDF gives them, in the order of the file, by the numbers of their block and within it."""
        return {
            (block["number"], n): line
            for block in self.page.get_text("dict", textpage=self._text)["blocks"]
            for n, line in enumerate(block.get("lines", ()))
        }

    @cached_property
    def words(self) -> list[tuple[Box, str, tuple[int, int]]]:
        """Words in the order of the file: box, text, and the numbers of their line."""
        words = self.page.get_text("words", textpage=self._text)
        return [(Box(*edges), text, (block, line)) for *edges, text, block, line, _ in words]

    @cached_property
    def pictures(self) -> list[Picture]:
        """Pictures in the order in which they are drawn."""
        return [Picture(Box(*info["bbox"]), not info["has-mask"]) for info in self.page.get_image_info()]

    @cached_property
    def _text(self) -> pymupdf.TextPage:
        return self.page.get_textpage(flags=FLAGS)

"""Blocks: the content of a file in reading order, before it is set on pages."""

from __future__ import annotations

import html
from dataclasses import dataclass, field

from octavo.ingest.model import Kind
from octavo.ingest.table import Table


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A heading, a paragraph, an item of a list, or lines that stay lines (code, an address).

    `lines` are (plain text, the same as inline HTML that is safe to draw); where there are several, each begins again.
    `level` is a heading's level from 1, else how deep the passage is set in.
    """

    kind: Kind
    lines: tuple[tuple[str, str], ...]
    level: int = 0
    code: bool = False

    @classmethod
    def of(cls, *lines: str, kind: Kind = Kind.TEXT, level: int = 0, code: bool = False) -> TextBlock:
        """Returns lines of plain text."""
        return cls(kind, tuple((line, html.escape(line)) for line in lines), level, code)

    @property
    def text(self) -> str:
        return "\n".join(text for text, _ in self.lines)


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; its cells have no boxes yet."""

    table: Table
    caption: str = ""


@dataclass(frozen=True, slots=True)
class ImageBlock:
    """A picture as PNG or JPEG, empty where it is missing, with its alternative text and its caption.

    `width` and `height` are the points it is drawn at.
    """

    data: bytes = field(repr=False)
    width: float = 0
    height: float = 0
    alt: str = ""
    caption: str = ""


@dataclass(frozen=True, slots=True)
class NewPage:
    """A page break: the next block begins on a page of its own."""


Block = TextBlock | Grid | ImageBlock | NewPage


@dataclass(frozen=True, slots=True)
class MarkupContent:
    """The title and blocks of a file. `problems` are sentences about what is left out."""

    title: str
    blocks: tuple[Block, ...]
    problems: tuple[str, ...] = ()

"""The document model: what a file is once it has been read.

A `Document` has `Page`s, a page has `Element`s (its layout regions), and a document has `Chunk`s that interleave
elements in reading order. All boxes are in PDF points (1/72 inch), origin at the top left, as PyMuPDF's `page.rect`.
Page numbers are 0-based indexes everywhere in Python; only text for people says `page n` with n starting at 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from octavo.ingest.table import Table

READING = 3
"""To be counted up when the same file becomes other text, elements or chunks; 0 where it was not yet counted."""


class Box(NamedTuple):
    """A rectangle in PDF points, origin top left, `x0 <= x1` and `y0 <= y1`.

    >>> Box(0, 0, 10, 20).area
    200
    >>> Box(0, 0, 10, 10) & Box(5, 5, 20, 20)
    Box(x0=5, y0=5, x1=10, y1=10)
    >>> Box(0, 0, 1, 1) | Box(2, 2, 3, 3)
    Box(x0=0, y0=0, x1=3, y1=3)
    """

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def area(self) -> float:
        width, height = self.x1 - self.x0, self.y1 - self.y0
        return width * height if width > 0 and height > 0 else 0

    def __and__(self, other: Box) -> Box:
        """Returns the intersection; empty ones have an area of 0."""
        x0, y0 = max(self.x0, other.x0), max(self.y0, other.y0)
        return Box(x0, y0, max(x0, min(self.x1, other.x1)), max(y0, min(self.y1, other.y1)))

    def __or__(self, other: Box) -> Box:
        """Returns the smallest box around both."""
        return Box(min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1))

    def coverage(self, other: Box) -> float:
        """Returns the share of this box, in [0, 1], that lies within `other`.

        >>> Box(0, 0, 10, 10).coverage(Box(0, 0, 5, 10))
        0.5
        """
        x0, y0, x1, y1 = self
        left, top, right, bottom = other
        width = (x1 if x1 < right else right) - (x0 if x0 > left else left)
        height = (y1 if y1 < bottom else bottom) - (y0 if y0 > top else top)
        if width <= 0 or height <= 0:
            return 0.0
        return width * height / ((x1 - x0) * (y1 - y0))

    def scaled(self, factor: float) -> Box:
        """Returns the box in other units, for example pixels: `box.scaled(dpi / 72)`.

        >>> Box(0, 0, 72, 36).scaled(144 / 72)
        Box(x0=0.0, y0=0.0, x1=144.0, y1=72.0)
        """
        return Box(self.x0 * factor, self.y0 * factor, self.x1 * factor, self.y1 * factor)

    @classmethod
    def around(cls, boxes: Iterable[Box]) -> Box:
        """Returns the smallest box around all of `boxes`; raises `ValueError` when there is none.

        >>> Box.around([Box(0, 0, 1, 1), Box(2, 2, 3, 3)])
        Box(x0=0, y0=0, x1=3, y1=3)
        """
        x0, y0, x1, y1 = zip(*boxes, strict=True)
        return cls(min(x0), min(y0), max(x1), max(y1))


class Kind(StrEnum):
    """The kinds of a page's regions.

    >>> Kind("table") is Kind.TABLE, Kind.FIGURE in PICTURES
    (True, True)
    """

    TITLE = "title"
    SECTION_HEADER = "section-header"
    TEXT = "text"
    LIST = "list"
    TABLE = "table"
    FIGURE = "figure"
    CHART = "chart"
    CAPTION = "caption"
    FORMULA = "formula"
    FOOTNOTE = "footnote"
    PAGE_HEADER = "page-header"
    PAGE_FOOTER = "page-footer"


RUNNING = frozenset({Kind.PAGE_HEADER, Kind.PAGE_FOOTER})
"""Kinds of what runs along the edge of every page."""
HEADINGS = frozenset({Kind.TITLE, Kind.SECTION_HEADER})
"""Kinds of what names the text below it."""
FIGURES = frozenset({Kind.FIGURE, Kind.CHART})
"""Kinds of what is drawn."""
PICTURES = FIGURES | {Kind.TABLE}
"""Kinds of what is more than its words, and has a caption."""


class TextSource(StrEnum):
    """The sources of a page's text.

    >>> TextSource.OCR.value
    'ocr'
    """

    LAYER = "text-layer"
    OCR = "ocr"
    MIXED = "mixed"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text, or one row of a table with its cells joined by ` | `, and where it stands.

    >>> Line("Revenue | 1,577", Box(72, 100, 300, 112)).box.height
    12
    """

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class Element:
    """One region of a page.

    `text` is what it says (a figure: the words read in it), `lines` the same with boxes, in reading order (a table:
    its rows). `table` are a table's cells where they are known: then `lines` are its rows, one each; `markdown` is the
    same in Markdown. `about` is, for a caption, the `index` of the figure or table on the same page that it belongs to.

    >>> Element(0, Kind.TEXT, Box(72, 100, 300, 112), "The dam is finished in 2031.").kind
    <Kind.TEXT: 'text'>
    """

    index: int
    kind: Kind
    box: Box
    text: str = ""
    lines: tuple[Line, ...] = ()
    markdown: str = ""
    about: int | None = None
    table: Table | None = None


def join_text(elements: Iterable[Element]) -> str:
    """Returns the text of elements in order, without running headers and footers.

    >>> box = Box(0, 0, 9, 9)
    >>> join_text([Element(0, Kind.TEXT, box, "Rain."), Element(1, Kind.PAGE_FOOTER, box, "7")])
    'Rain.'
    """
    return "\n".join(e.text for e in elements if e.kind not in RUNNING and e.text)


@dataclass(frozen=True, slots=True)
class Page:
    """A page as a person sees it: its screenshot and its content.

    `number` is 0-based, `width` and `height` are points. `image` is the content hash of the screenshot (WebP of
    `image_width` × `image_height` pixels) in the library. `label` is the printed number ("iv", "A-3") where the file
    gives one. `elements` are in reading order. `text` is all text of the page in reading order, without running
    headers and footers. `notes` are a slide's speaker notes. `problem` is one sentence when the page could not be
    read in full, else empty.

    >>> heading = Element(0, Kind.TITLE, Box(72, 72, 300, 96), "Water report")
    >>> page = Page(0, 595, 842, elements=(heading,))
    >>> page.title, page.box
    ('Water report', Box(x0=0, y0=0, x1=595, y1=842))
    """

    number: int
    width: float
    height: float
    image: str = ""
    image_width: int = 0
    image_height: int = 0
    label: str = ""
    text: str = ""
    source: TextSource = TextSource.NONE
    elements: tuple[Element, ...] = ()
    notes: str = ""
    hidden: bool = False
    problem: str = ""

    @property
    def box(self) -> Box:
        """The whole page."""
        return Box(0, 0, self.width, self.height)

    @property
    def title(self) -> str:
        """The page's own heading: its title, else its first section header, else an empty string."""
        for kind in (Kind.TITLE, Kind.SECTION_HEADER):
            for element in self.elements:
                if element.kind is kind and element.text:
                    return element.text
        return ""

    def pixels(self, box: Box, size: tuple[int, int]) -> tuple[int, int, int, int]:
        """Returns a box (PDF points) in pixels of a picture of `size` (width, height): left, top, right, bottom.

        It is cut at the picture's edges, and is at least one pixel wide and high.

        >>> Page(0, 100, 200).pixels(Box(50, 100, 500, 500), (10, 20))
        (5, 10, 10, 20)
        """
        (width, height), x, y = size, size[0] / self.width, size[1] / self.height
        left, top = min(max(0, int(box.x0 * x)), width - 1), min(max(0, int(box.y0 * y)), height - 1)
        return left, top, max(left + 1, min(width, round(box.x1 * x))), max(top + 1, min(height, round(box.y1 * y)))


@dataclass(frozen=True, slots=True)
class Region:
    """A place in a document: a box on a page, and the element it belongs to where there is one.

    >>> Region(6, Box(72, 100, 300, 112)).page
    6
    """

    page: int
    box: Box
    element: int | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage of interleaved elements in reading order, under its section title, perhaps across pages.

    `section` is the path of headings above it, joined by ` › `. `text` holds tables as Markdown and, for a figure,
    its caption and the words in it. `regions` are its boxes in reading order.

    >>> box = Box(72, 100, 300, 112)
    >>> Chunk(0, "Costs", "The dam cost 7 million.", (Region(3, box), Region(4, box))).pages
    (3, 4)
    """

    index: int
    section: str
    text: str
    regions: tuple[Region, ...]

    @property
    def pages(self) -> tuple[int, ...]:
        """The pages it stands on, ascending."""
        return tuple(sorted({region.page for region in self.regions}))


@dataclass(frozen=True, slots=True)
class Document:
    """A file that has been read: its id comes from its bytes, so the same bytes are the same document.

    `name` is the file's name, `path` where it was read from, `title` the best title known (metadata, else the first
    page's heading, else the name without suffix). `media_type` is an IANA type. `outline` is the table of contents
    as (level from 1, title, 0-based page).

    >>> from octavo.ingest import read_document
    >>> document = read_document(b"The dam is finished in 2031.", name="dam.txt").document
    >>> document.name, document.media_type, len(document.pages), document.chunks[0].text
    ('dam.txt', 'text/plain', 1, 'The dam is finished in 2031.')
    """

    id: str
    name: str
    path: str
    title: str
    media_type: str
    pages: tuple[Page, ...]
    chunks: tuple[Chunk, ...] = ()
    outline: tuple[tuple[int, str, int], ...] = ()
    problems: tuple[str, ...] = ()

"""Libraries of made-up pages: words drawn with Zipf's frequencies, so that search meets common and rare ones."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

from octavo.ingest import Box, Chunk, Document, Element, Kind, Line, Page, Region
from octavo.rag import Pipeline

PAGES = 10
"""Pages of one document."""
_VOCABULARY = [
    "".join(parts) for parts in itertools.product(("ba", "re", "con", "pro", "mi"), ("la", "ver", "ti", "so"), repeat=3)
]
_WEIGHTS = [1 / rank for rank in range(1, len(_VOCABULARY) + 1)]


def fill(pipeline: Pipeline, pages: int) -> None:
    """Adds documents of `PAGES` pages each, eight elements and two chunks a page, until there are `pages`."""
    with pipeline.index.writing():
        for n in range(len(pipeline.documents()), pages // PAGES):
            synthetic = document(n)
            pipeline.index.add(synthetic, Path(synthetic.path))


def document(seed: int, pages: int = PAGES) -> Document:
    """Returns a document that is the same for the same seed."""
    source = random.Random(seed)  # noqa: S311 - not for secrets
    pages_made = tuple(_page(number, source) for number in range(pages))
    chunks = tuple(_chunk(2 * page.number + half, page, half) for page in pages_made for half in (0, 1))
    identity = f"{seed:032x}"
    return Document(
        identity, f"{identity}.pdf", f"/made-up/{identity}.pdf", words(source, 4), "application/pdf", pages_made, chunks
    )


def words(source: random.Random, count: int) -> str:
    """Returns made-up words."""
    return " ".join(source.choices(_VOCABULARY, _WEIGHTS, k=count))


def _page(number: int, source: random.Random) -> Page:
    elements = []
    for n in range(8):
        box = Box(50, 50 + 90 * n, 550, 130 + 90 * n)
        text = words(source, 6 if n == 0 else 30)
        elements.append(Element(n, Kind.TITLE if n == 0 else Kind.TEXT, box, text, (Line(text, box),)))
    return Page(number, 612, 792, text="\n".join(e.text for e in elements), elements=tuple(elements))


def _chunk(index: int, page: Page, half: int) -> Chunk:
    part = page.elements[4 * half : 4 * half + 4]
    regions = tuple(Region(page.number, e.box, e.index) for e in part)
    return Chunk(index, page.elements[0].text, "\n".join(e.text for e in part), regions)

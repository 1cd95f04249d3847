"""Interleaved chunks: text with its tables and figures in place, in reading order, under its section title.

In the way of "Unified multi-modal interleaved document representation" (arXiv 2410.02729), which keeps the text,
pictures and tables of a section together but gives no size for one: here chunks are filled up to a number of words.
Where they end is chosen for the document as a whole, as TeX breaks a paragraph into lines (Knuth and Plass 1981).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise, takewhile

from octavo.ingest.chunking.blocks import Block, blocks, is_slide
from octavo.ingest.chunking.sections import Path
from octavo.ingest.chunking.sentences import ChunkUnit, count, merge_regions
from octavo.ingest.model import HEADINGS, PICTURES, Chunk, Page, Region

AFTER_HEADING = 5.0
"""The cost of parting a heading from what follows it; an empty chunk costs 1."""
OTHER_SECTION, NOTHING_SHARED, OTHER_SLIDE = 0.8, 0.9, 0.97
"""The cost of continuing a chunk: two of a and b of its size are joined when 2ab is less than 1 - cost."""
NEVER = 1_000.0


@dataclass(frozen=True, slots=True)
class _Place:
    """The `number`th part of a block, `size` words long."""

    block: Block
    number: int
    size: int

    @property
    def part(self) -> ChunkUnit:
        return self.block.parts[self.number]

    @property
    def lead(self) -> str:
        """The text that is repeated when a chunk begins here."""
        return self.block.lead if self.number else ""

    @property
    def is_heading(self) -> bool:
        return self.block.kind in HEADINGS


def chunk(pages: Sequence[Page], words: int = 220) -> tuple[Chunk, ...]:
    """Cuts pages into chunks of up to `words` words.

    Chunks end between paragraphs, table rows or sentences; only a row or a figure that is larger by itself makes a
    larger chunk, with the headings above it. Small sections next to each other are joined under the headings they
    share, slides (pages wider than high) only when they are tiny and share a heading. Running headers and footers
    are left out. Where a table or a slide's notes are cut, caption and header, or "Speaker notes:", are said again.

    >>> from octavo.ingest import Box, Element, Kind, Line
    >>> said = Element(0, Kind.TEXT, Box(0, 0, 50, 9), "Revenue grew.", (Line("Revenue grew.", Box(0, 0, 50, 9)),))
    >>> [c.text for c in chunk([Page(0, 100, 100, elements=(said,))])]
    ['Revenue grew.']
    """
    places = [
        _Place(block, n, max(1, count(part.text)))
        for block in blocks(pages, words)
        for n, part in enumerate(block.parts)
    ]
    slides = {page.number for page in pages if is_slide(page)}
    return tuple(_chunk(n, places[i:j]) for n, (i, j) in enumerate(_spans(places, slides, words)))


def _spans(places: Sequence[_Place], slides: set[int], words: int) -> list[tuple[int, int]]:
    """Returns the boundaries of chunks with the least cost of empty space, parting and joining."""
    until = [0, *accumulate(place.size for place in places)]
    joined = [0.0, *accumulate(_joining(last, place, slides) for last, place in pairwise(places))]
    parted = [0.0, *(_parting(last, place) for last, place in pairwise(places))]
    leads = [count(place.lead) for place in places]
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(places) + 1):
        costs = []
        headed = places[end - 1].block.kind in PICTURES
        for begin in range(end - 1, -1, -1):
            size = until[end] - until[begin] + leads[begin]
            joins = joined[end - 1] - joined[begin]
            if begin < end - 1:
                headed = headed and places[begin].is_heading
                if joins >= NEVER or (size > words and not headed):
                    break
            empty = max(0.0, 1 - size / words)
            costs.append((best[begin][0] + parted[begin] + joins + empty**2, begin))
        best.append(min(costs))
    spans, end = [], len(places)
    while end:
        begin = best[end][1]
        spans.append((begin, end))
        end = begin
    return spans[::-1]


def _parting(last: _Place, place: _Place) -> float:
    if last.is_heading:
        return AFTER_HEADING
    return place.part.scar if place.number else 0.0


def _joining(last: _Place, place: _Place, slides: set[int]) -> float:
    above, below = last.block.section, place.block.section
    ends, begins = last.part.regions[-1].page, place.part.regions[0].page
    if ends != begins and not slides.isdisjoint((ends, begins)):
        return OTHER_SLIDE if above == below or _common_folder([above, below]) else NEVER
    if above == below or last.is_heading:
        return 0.0
    return OTHER_SECTION if _common_folder([above, below]) else NOTHING_SHARED


def _chunk(index: int, places: Sequence[_Place]) -> Chunk:
    texts: list[str] = []
    regions: list[Region] = []
    for _, group in groupby(places, key=lambda place: id(place.block)):
        first, *rest = group
        block = first.block
        texts.append(first.lead + first.part.text + "".join(place.part.joint + place.part.text for place in rest))
        if 1 + len(rest) == len(block.parts):
            regions += block.regions
        else:
            regions += block.lead_regions if first.lead else ()
            regions += merge_regions(region for place in (first, *rest) for region in place.part.regions)
    body = [place.block.section for place in places if not place.is_heading]
    section = _common_folder(body) if body else places[-1].block.section
    return Chunk(index, " › ".join(section), "\n\n".join(texts), tuple(dict.fromkeys(regions)))


def _common_folder(paths: Sequence[Path]) -> Path:
    """Returns the headings at the beginning of all paths."""
    together = takewhile(lambda names: len(set(names)) == 1, zip(*paths, strict=False))
    return tuple(names[0] for names in together)

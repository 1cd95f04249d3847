"""Interleaved chunks: text with its tables and figures in place, in reading order, under its section title.

In the way of "Unified multi-modal interleaved document representation" (arXiv 2410.02729), where a section keeps its
text, images and tables together; that paper gives no size for a section, so chunks are filled up to a number of words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .document import Box, Chunk, Element, Kind, Line, Page, Region

_HEADINGS = {Kind.TITLE, Kind.SECTION_HEADER}
_RUNNING = {Kind.PAGE_HEADER, Kind.PAGE_FOOTER}
_FIGURES = {Kind.FIGURE, Kind.CHART}
_NUMBERED = re.compile(r"^(\d+(?:\.\d+)*)\.?\s+\S")
_ENDS = re.compile(r"[.!?:;…。！？][\"'”’)\]]*$")


@dataclass(frozen=True, slots=True)
class _Piece:
    """What is never cut: a paragraph or a part of one, some table rows, a figure with its caption."""

    text: str
    regions: tuple[Region, ...]
    section: tuple[str, ...]
    heading: bool = False
    flows: bool = False

    @property
    def words(self) -> int:
        return len(self.text.split())


def chunk(pages: Sequence[Page], words: int = 220) -> tuple[Chunk, ...]:
    """Cuts pages into chunks of up to `words` words; a single row or figure may be longer, and is never split.

    >>> from ingest import Box
    >>> said = Element(0, Kind.TEXT, Box(0, 0, 50, 9), "Revenue grew.", (Line("Revenue grew.", Box(0, 0, 50, 9)),))
    >>> [c.text for c in chunk([Page(0, 100, 100, elements=(said,))])]
    ['Revenue grew.']
    """
    chunks: list[Chunk] = []
    for group in _packed(_joined(_pieces(pages, words)), _slides(pages), words):
        regions = tuple(dict.fromkeys(region for piece in group for region in piece.regions))
        section = " › ".join(_common([piece.section for piece in group]))
        chunks.append(Chunk(len(chunks), section, "\n".join(piece.text for piece in group), regions))
    return tuple(chunks)


def _pieces(pages: Sequence[Page], words: int) -> Iterator[_Piece]:
    section: tuple[str, ...] = ()
    for page in pages:
        captions = {e.about: e for e in page.elements if e.about is not None}
        for e in page.elements:
            if e.kind in _RUNNING or e.about is not None or not (e.text or e.index in captions):
                continue
            if e.kind in _HEADINGS:
                section = _below(section, e)
                yield _Piece(e.text, (_region(page, e),), section, heading=True)
            elif e.kind is Kind.TABLE:
                yield from _table(page, e, captions.get(e.index), section, words)
            elif e.kind in _FIGURES:
                yield _figure(page, e, captions.get(e.index), section)
            else:
                yield from _paragraph(page, e, section, words)
        if page.notes:
            yield _Piece(f"Speaker notes: {page.notes}", (Region(page.number, page.box),), section)


def _below(section: tuple[str, ...], heading: Element) -> tuple[str, ...]:
    """The path of a heading: a title starts anew, a number tells the depth, others stand beside the one before."""
    if heading.kind is Kind.TITLE:
        return (heading.text,)
    numbered = _NUMBERED.match(heading.text)
    depth = numbered[1].count(".") + 1 if numbered else 1
    return (*section[:depth], heading.text)


def _paragraph(page: Page, e: Element, section: tuple[str, ...], words: int) -> Iterator[_Piece]:
    flows = e.kind is Kind.TEXT
    if len(e.text.split()) <= words or len(e.lines) < 2:
        yield _Piece(e.text, (_region(page, e),), section, flows=flows)
        return
    for lines in _split(e.lines, words):
        box = Box.around(line.box for line in lines)
        text = " ".join(line.text for line in lines)
        yield _Piece(text, (Region(page.number, box, e.index),), section, flows=flows)


def _split(lines: Sequence[Line], words: int) -> Iterator[list[Line]]:
    """Lines in groups of up to `words` words, ended at a sentence's end where one is in the second half."""
    group: list[Line] = []
    count = 0
    for line in lines:
        size = len(line.text.split())
        if group and count + size > words:
            ends = [n for n in range(len(group) // 2, len(group)) if _ENDS.search(group[n].text)]
            cut = ends[-1] + 1 if ends else len(group)
            yield group[:cut]
            group = group[cut:]
            count = sum(len(left.text.split()) for left in group)
        group.append(line)
        count += size
    yield group


def _table(page: Page, e: Element, caption: Element | None, section: tuple[str, ...], words: int) -> Iterator[_Piece]:
    title = f"{caption.text}\n" if caption else ""
    place = (_region(page, caption),) if caption else ()
    whole = e.markdown or e.text
    if len(whole.split()) <= 2 * words or len(e.lines) < 3:
        yield _Piece(title + whole, (*place, _region(page, e)), section)
        return
    head, *rows = e.lines
    for group in _split_rows(rows, words - len(head.text.split())):
        box = Box.around(line.box for line in ([head] if group[0] is rows[0] else []) + group)
        text = "\n".join(line.text for line in (head, *group))
        yield _Piece(title + text, (*place, Region(page.number, box, e.index)), section)


def _split_rows(rows: Iterable[Line], words: int) -> Iterator[list[Line]]:
    group: list[Line] = []
    for row in rows:
        if group and sum(len(r.text.split()) for r in group) + len(row.text.split()) > words:
            yield group
            group = []
        group.append(row)
    yield group


def _figure(page: Page, e: Element, caption: Element | None, section: tuple[str, ...]) -> _Piece:
    said = [caption.text] if caption else []
    said += [f"[{e.kind}: {e.text}]"] if e.text else []
    places = [_region(page, caption)] if caption else []
    return _Piece("\n".join(said), (*places, _region(page, e)), section)


def _region(page: Page, e: Element) -> Region:
    return Region(page.number, e.box, e.index)


def _joined(pieces: Iterable[_Piece]) -> Iterator[_Piece]:
    """A paragraph that a page break cuts is one piece."""
    last: _Piece | None = None
    for piece in pieces:
        if last and _goes_on(last, piece):
            hyphen = re.search(r"[^\W\d_]-$", last.text)
            text = last.text[:-1] + piece.text if hyphen else f"{last.text} {piece.text}"
            last = _Piece(text, (*last.regions, *piece.regions), last.section, flows=True)
            continue
        if last:
            yield last
        last = piece
    if last:
        yield last


def _goes_on(last: _Piece, piece: _Piece) -> bool:
    return (
        last.flows
        and piece.flows
        and last.regions[-1].page + 1 == piece.regions[0].page
        and not _ENDS.search(last.text)
        and piece.text[:1].islower()
    )


def _packed(pieces: Iterable[_Piece], slides: set[int], words: int) -> Iterator[list[_Piece]]:
    """Pieces in groups of up to `words` words: a heading opens a group, a slide too, unless what came is tiny."""
    group: list[_Piece] = []
    size = 0
    for piece in pieces:
        full = size + piece.words > words
        opens = piece.heading and size > words / 3
        next_slide = (
            bool(group) and piece.regions[0].page in slides and piece.regions[0].page != group[-1].regions[-1].page
        )
        if group and (full or opens or (next_slide and size > words / 10)):
            left = _trailing_headings(group)
            if len(left) < len(group):
                yield group[: len(group) - len(left)]
                group = left
                size = sum(p.words for p in group)
        group.append(piece)
        size += piece.words
    if group:
        yield group


def _trailing_headings(group: list[_Piece]) -> list[_Piece]:
    """Headings at the end of a group, which belong to what follows."""
    n = len(group)
    while n and group[n - 1].heading:
        n -= 1
    return group[n:]


def _slides(pages: Sequence[Page]) -> set[int]:
    return {page.number for page in pages if page.width > page.height}


def _common(sections: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    common = sections[0]
    for section in sections[1:]:
        n = 0
        while n < min(len(common), len(section)) and common[n] == section[n]:
            n += 1
        common = common[:n]
    return common or sections[0][:1]

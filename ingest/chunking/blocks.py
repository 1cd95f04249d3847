"""Blocks: the content of pages in reading order, in units between which a chunk may end.

A paragraph that the end of a column or page interrupts is one block with its rest. A figure or a table is one with
its captions. The footnotes of a page come after all else on it, and a slide's speaker notes after these.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from octavo.ingest.chunking import sections
from octavo.ingest.chunking.sentences import ChunkUnit, Prose, count, merge_regions
from octavo.ingest.model import HEADINGS, PICTURES, RUNNING, Box, Element, Kind, Line, Page, Region

_BESIDE = {Kind.CAPTION, Kind.FOOTNOTE}
_NOTE = re.compile(r"(?:\d{1,2}|[*†‡§])(?:[A-Z]\w\w|https?:)|[⁰¹²³⁴-⁹]{1,2}\s?\S")
"""The beginning of a footnote that was taken for text: its mark stands close to its first word."""
_NAME = re.compile(r"[^\W\d_]{2}|\d{4}")
_LONGEST_HEADING = 30
_MOST_HEADER_ROWS = 3
_BETWEEN_ROWS = 0.15
NOTES = "Speaker notes: "


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph, a list, a table, a figure, or a slide's notes, in the section that `section` leads to.

    `lead` (a table's caption and header, on `lead_regions`) is said again where a chunk begins amid the parts.
    """

    kind: Kind
    section: sections.Path
    parts: tuple[ChunkUnit, ...]
    regions: tuple[Region, ...]
    lead: str = ""
    lead_regions: tuple[Region, ...] = ()


@dataclass(frozen=True, slots=True)
class _Draft:
    """A block of running text, which may still go on."""

    kind: Kind
    section: sections.Path
    prose: Prose
    lead: str = ""

    def goes_on(self, e: Element, region: Region) -> bool:
        """Returns whether `e` is the rest of this paragraph, which the end of a page or column cut off."""
        last = self.prose.regions[-1]
        next_column = region.box.x0 >= last.box.x1 and region.box.y0 < last.box.y1
        moved_on = region.page == last.page + 1 or (region.page == last.page and next_column)
        return e.kind is Kind.TEXT and moved_on and self.prose.goes_on(e.text)

    def block(self, words: int) -> Block:
        first, *rest = self.prose.parts(words)
        parts = (ChunkUnit(self.lead + first.text, first.regions), *rest)
        return Block(self.kind, self.section, parts, tuple(self.prose.regions), self.lead)


def blocks(pages: Sequence[Page], words: int) -> list[Block]:
    """Returns the blocks of pages in reading order.

    Of their parts only rows and figures may be longer than `words` words.

    Running headers and footers are left out, and pictures that have neither words nor a caption.
    """
    return [part.block(words) if isinstance(part, _Draft) else part for part in _make_blocks(pages, words)]


def _make_blocks(pages: Sequence[Page], words: int) -> list[Block | _Draft]:
    paths = iter(sections.paths([e for page in pages for e in page.elements if _is_heading(e)]))
    section: sections.Path = ()
    parts: list[Block | _Draft] = []
    paragraph: _Draft | None = None
    for page in pages:
        captions = _captions(page)
        if is_slide(page):
            section = section[:1]
        for e in _body(page, captions):
            region = _region(page, e)
            if e.kind is Kind.TABLE:
                parts += _table(page, e, captions[e.index], section, words)
            elif e.kind in PICTURES:
                parts += _figure(page, e, captions[e.index], section)
            elif paragraph and paragraph.goes_on(e, region):
                paragraph.prose.add(e.text, e.lines, region)
            else:
                section = next(paths) if _is_heading(e) else section
                kind = Kind.TEXT if e.kind in HEADINGS and not _is_heading(e) else e.kind
                parts.append(draft := _Draft(kind, section, Prose(e.text, e.lines, region)))
                if e.kind not in _BESIDE and not _NOTE.match(e.text):
                    paragraph = draft if e.kind is Kind.TEXT else None
        if page.notes.strip():
            parts.append(_Draft(Kind.TEXT, section, Prose(page.notes, (), Region(page.number, page.box)), NOTES))
            paragraph = None
    return parts


def is_slide(page: Page) -> bool:
    """Returns whether a page is a slide, which stands for itself: it is wider than high."""
    return page.width > page.height


def _is_heading(e: Element) -> bool:
    return e.kind in HEADINGS and bool(_NAME.search(e.text)) and count(e.text) <= _LONGEST_HEADING


def _captions(page: Page) -> Mapping[int, list[Element]]:
    """Returns the captions of each figure and table of a page, by its index."""
    pictures = {e.index for e in page.elements if e.kind in PICTURES}
    captions: dict[int, list[Element]] = defaultdict(list)
    for e in page.elements:
        if e.kind is Kind.CAPTION and e.about in pictures and e.text.strip():
            captions[e.about].append(e)
    return captions


def _body(page: Page, captions: Mapping[int, list[Element]]) -> list[Element]:
    """Returns the blocks of a page in reading order, its footnotes last, without captions that go with a picture."""
    attached = {caption.index for group in captions.values() for caption in group}
    body = [
        e
        for e in page.elements
        if e.kind not in RUNNING and e.index not in attached and (e.text.strip() or e.kind in PICTURES)
    ]
    return sorted(body, key=lambda e: e.kind is Kind.FOOTNOTE)


def _region(page: Page, e: Element, box: Box | None = None) -> Region:
    return Region(page.number, box or e.box, e.index)


def _figure(page: Page, e: Element, captions: Sequence[Element], section: sections.Path) -> Iterator[Block]:
    captioned = [" ".join(caption.text.split()) for caption in captions]
    if e.text.strip():
        captioned.append(f"{e.kind.capitalize()}: {' '.join(e.text.split())}")
    if captioned:
        regions = tuple(_region(page, member) for member in (*captions, e))
        yield Block(e.kind, section, (ChunkUnit("\n".join(captioned), regions),), regions)


def _table(page: Page, e: Element, captions: Sequence[Element], section: sections.Path, words: int) -> Iterator[Block]:
    """Yields a table in parts of one row each: the first has captions and header, and short ones come again in each."""
    title = "".join(" ".join(caption.text.split()) + "\n" for caption in captions)
    titles = tuple(_region(page, caption) for caption in captions)
    head, rows = _rows(e)
    if not (title or rows):
        return
    first, *rest = rows or [Line("", e.box)]
    header = "".join(f"{row.text}\n" for row in head)
    headers = merge_regions(_region(page, e, row.box) for row in head)
    top = merge_regions(_region(page, e, row.box) for row in (*head, first))
    parts = [ChunkUnit(f"{title}{header}{first.text}".strip(), (*titles, *top))]
    parts += [ChunkUnit(row.text, (_region(page, e, row.box),), scar=_BETWEEN_ROWS) for row in rest]
    leads = [(title + header, (*titles, *headers)), (header, headers)]
    lead = next((lead for lead in leads if count(lead[0]) <= words // 2), ("", ()))
    yield Block(e.kind, section, tuple(parts), (*titles, _region(page, e)), *lead)


def _rows(e: Element) -> tuple[list[Line], list[Line]]:
    """Returns the header rows of a table and the others, in Markdown where it has columns; no header where it has none.

    Where the cells are known, so are the header rows. Else the header is the first row, and rows below it that name no
    row: their first cell is empty.
    """
    texts = e.markdown.splitlines()
    if len(texts) < 3:
        return [], list(e.lines) or [Line(text, e.box) for text in e.text.splitlines() if text.strip()]
    top, rule, *body = texts
    if e.table:
        header_rows = e.table.header_rows
        above = Box.around(line.box for line in e.lines[: max(1, header_rows)])
        rows = [Line(text, line.box) for text, line in zip(body, e.lines[header_rows:], strict=True)]
        return [Line(f"{top}\n{rule}", above)], rows
    texts = [f"{top}\n{rule}", *body]
    boxes = [line.box for line in e.lines] if len(e.lines) == len(texts) else [e.box] * len(texts)
    rows = [Line(text, box) for text, box in zip(texts, boxes, strict=True)]
    n = 1
    while n < min(_MOST_HEADER_ROWS, len(rows) - 1) and re.match(r"\|\s*\|", rows[n].text):
        n += 1
    return rows[:n], rows[n:]

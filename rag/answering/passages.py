"""The sentences and table rows that evidence consists of, and the lines of its pages that hold them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, takewhile

from octavo.ingest import Element, Kind, Page
from octavo.ingest.model import FIGURES, HEADINGS, RUNNING
from octavo.ingest.sentences import sentence_ends, split_sentences
from octavo.ingest.speech import without_times
from octavo.ingest.table import NOWHERE, SEPARATOR
from octavo.rag.answering.bars import bars
from octavo.rag.answering.passage_lines import (
    BULLET,
    LABELS,
    MAX_WORDS,
    OPEN_END,
    PRICED_LINE,
    Place,
    cut_positions,
    join_lines,
    line_breaks,
)
from octavo.rag.answering.rows import NamedCell, Row, rows_of
from octavo.rag.evidence import Evidence
from octavo.rag.image_source import PageStore

_ENUMERATOR = re.compile(r"\(?\d{1,2}[.)]\s+")
_PRICE = re.compile(r"[$€£]?\s?\d{1,5}[.,]\d{2}\s?(?:[$€£]|EUR|USD|GBP|CHF)?")
_BROKEN = re.compile(r"\w+[-\u2010]\s*\n\s*\w+")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
LEAD = 20
"""Words of a line before a table that is part of it."""
_BRACKETED_SCALE = re.compile(r"\([^()]{0,60}\b(?:thousands|millions|billions)\b[^()]{0,60}\)", re.I)
VALUE = "value"
"""The name of the numbers of a chart that says nothing else."""
_LINED = frozenset({Kind.TEXT, Kind.LIST})


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence or a table row: its text, word for word, and the lines that hold it, in reading order.

    A row's text has the name of each column beside its cell; `row` are its cells, `header` is the line that names the
    columns. `context` is what stands above and belongs to it: a table's headings and caption, the short line before
    it. `section` is the heading that it stands under on its page. `element` is the number of its region.
    """

    text: str
    kind: Kind
    places: tuple[Place, ...]
    header: Place | None = None
    context: str = ""
    section: str = ""
    row: Row | None = None
    element: int = -1

    @property
    def raw(self) -> str:
        """The text line by line, so that words parted at a line's end can be joined."""
        return "\n".join(place.text for place in self.places)


def passages(evidence: Evidence, pages: PageStore) -> list[Passage]:
    """Returns the passages of evidence in reading order, without running headers and footers.

    A sentence that goes on in the next column or on the next page is one passage.
    """
    flows: list[_Flow] = []
    prose: _Flow | None = None
    for number in dict.fromkeys(region.page for region in evidence.regions):
        page = pages.page(evidence.document, number)
        captions = {e.about: e.text for e in page.elements if e.about is not None}
        sections = _sections(page)
        elements = [(element, _places(element, evidence, number)) for element in elements_of(page, evidence)]
        for element, places in with_prices(elements):
            if not places:
                continue
            if prose and element.kind is Kind.TEXT and prose.goes_on(places[0]):
                prose.places += places
                continue
            above = [captions.get(element.index, ""), _lead(page, element)]
            section = sections[element.index]
            flows.append(_Flow(element.kind, places, "\n".join(dict.fromkeys(filter(None, above))), section, element))
            if element.kind is Kind.TEXT:
                prose = flows[-1]
        notes = [Place(number, NOWHERE, without_times(s)) for s in split_sentences(page.notes) if s in evidence.text]
        if notes:
            flows.append(_Flow(Kind.TEXT, notes))
    words = frozenset(_WORD.findall(_BROKEN.sub(" ", evidence.text)))
    result: list[Passage] = []
    for flow in flows:
        result += _rows(flow) if flow.kind is Kind.TABLE else _sentences(flow, words)
        if flow.kind in FIGURES and not _is_tabled(flow, flows):
            result += _bars(flow)
    return result


def with_lists(in_order: Sequence[Passage]) -> list[Passage]:
    """Returns the passages, those that announce a list with its items, as far as `MAX_WORDS` go."""
    return [
        _with_items(passage, in_order[n + 1 :]) if passage.text.endswith(":") else passage
        for n, passage in enumerate(in_order)
    ]


def _with_items(passage: Passage, following: Sequence[Passage]) -> Passage:
    items = list(takewhile(lambda p: p.kind is not Kind.TABLE and BULLET.match(p.text), following))
    while items and len(" ".join(p.text for p in (passage, *items)).split()) > MAX_WORDS:
        items.pop()
    text = " ".join(p.text for p in (passage, *items))
    return replace(passage, text=text, places=sum((p.places for p in items), passage.places))


@dataclass(slots=True)
class _Flow:
    """Lines that read on from one to the next."""

    kind: Kind
    places: list[Place]
    caption: str = ""
    section: str = ""
    element: Element | None = None

    def goes_on(self, following: Place) -> bool:
        return bool(OPEN_END.search(self.places[-1].text)) and following.text[:1].islower()


def elements_of(page: Page, evidence: Evidence) -> Iterator[Element]:
    """Yields the elements of a page that evidence consists of, in reading order."""
    regions = [region for region in evidence.regions if region.page == page.number]
    elements = {region.element for region in regions}
    for element in page.elements:
        covered = any(r.element is None and element.box.coverage(r.box) > 0.5 for r in regions)
        if element.index in elements or (covered and element.kind not in RUNNING):
            yield element


def _places(element: Element, evidence: Evidence, page: int) -> list[Place]:
    """Returns the lines of an element that lie in the evidence's regions, or all where none of its lines does."""
    if not element.lines:
        return [Place(page, element.box, line.strip()) for line in element.text.splitlines() if line.strip()]
    regions = [r.box for r in evidence.regions if r.page == page and r.element in (None, element.index)]
    within = [line for line in element.lines if any(line.box.coverage(box) > 0.5 for box in regions)]
    return [Place(page, line.box, line.text) for line in within or element.lines if line.text.strip()]


def with_prices(elements: Sequence[tuple[Element, list[Place]]]) -> list[tuple[Element, list[Place]]]:
    """Returns the places of elements; a price that stands right of words on one line is one place with them.

    Receipts and menus are read so by OCR: the words in one line, the price in another, perhaps in another element.
    """
    texts = [(element, place) for element, places in elements if element.kind in _LINED for place in places]
    hosts: dict[Place, Place] = {}
    for _, price in texts:
        if _PRICE.fullmatch(price.text.strip()):
            hosts_beside = [place for _, place in texts if place not in hosts.values() and _is_left_of(place, price)]
            if hosts_beside:
                hosts[price] = max(hosts_beside, key=lambda place: place.box.x1)
    prices = {host: price for price, host in hosts.items()}

    def joined(place: Place) -> Place:
        price = prices.get(place)
        return replace(place, box=place.box | price.box, text=f"{place.text} {price.text}") if price else place

    return [(element, [joined(place) for place in places if place not in hosts]) for element, places in elements]


def _is_left_of(place: Place, price: Place) -> bool:
    a, b = place.box, price.box
    is_beside = min(a.y1, b.y1) - max(a.y0, b.y0) > 0.6 * min(a.height, b.height) and a.x1 <= b.x0
    return (
        is_beside and place.page == price.page and bool(_WORD.search(place.text)) and not PRICED_LINE.match(place.text)
    )


def _rows(flow: _Flow) -> Iterator[Passage]:
    """Yields the rows of a table that hold its data, each under the row that names its columns."""
    element = flow.element
    assert element is not None
    if not element.lines:
        yield from _sentences(flow, frozenset())
        return
    page = flow.places[0].page
    within = {(place.box, place.text) for place in flow.places}
    for row in rows_of(element):
        line = element.lines[row.line]
        if (line.box, line.text) not in within:
            continue
        head = element.lines[row.header] if row.header >= 0 else None
        yield Passage(
            row.readable,
            flow.kind,
            (Place(page, line.box, line.text),),
            Place(page, head.box, head.text) if head else None,
            f"{flow.caption}\n{row.above}".strip(),
            flow.section,
            row,
            element.index,
        )


def _is_tabled(flow: _Flow, flows: Sequence[_Flow]) -> bool:
    """Returns whether the values of a chart stand in a table on its page as well."""
    page = flow.places[0].page
    tables = [other for other in flows if other.kind is Kind.TABLE and other.places[0].page == page]
    cells = {cell.strip() for other in tables for place in other.places for cell in place.text.split(SEPARATOR)}
    return any(name[1].strip() in cells for name, _ in bars([(place.box, place.text) for place in flow.places]))


def _bars(flow: _Flow) -> Iterator[Passage]:
    """Yields the bars of a chart as rows: a category with its number, called by the chart's other words."""
    pairs = bars([(place.box, place.text) for place in flow.places])
    texts = {text for pair in pairs for _, text in pair}
    others = [place.text for place in flow.places if place.text not in texts and _WORD.search(place.text)]
    series = " ".join(others) or " ".join(flow.caption.split()[:LEAD]) or flow.section or VALUE
    page = flow.places[0].page
    for n, ((name_box, name), (value_box, value)) in enumerate(pairs):
        cells = (NamedCell((), name.strip(), name_box), NamedCell((series,), value.strip(), value_box, (), 1))
        row = Row(n, name.strip(), cells, series, -1)
        places = (Place(page, name_box, name), Place(page, value_box, value))
        index = flow.element.index if flow.element else -1
        yield Passage(row.readable, flow.kind, places, None, flow.caption, flow.section, row, index)


def _sections(page: Page) -> dict[int, str]:
    """Returns the heading above each element of a page, by the element's index; a heading stands under itself."""
    result, heading = {}, ""
    for element in page.elements:
        if element.kind in HEADINGS and element.text:
            heading = " ".join(element.text.split())
        result[element.index] = heading
    return result


def _lead(page: Page, element: Element) -> str:
    """Returns the short line right before a table or picture, such as "In millions of dollars".

    Of a longer text, and of a heading, it is what stands in brackets and says a scale.
    """
    if element.kind is not Kind.TABLE and element.kind not in FIGURES:
        return ""
    before = [e for e in page.elements if e.index < element.index and e.kind not in RUNNING][-1:]
    text = " ".join(before[0].text.split()) if before else ""
    if before and before[0].kind in (Kind.TEXT, Kind.CAPTION) and len(text.split()) <= LEAD:
        return text
    return " ".join(_BRACKETED_SCALE.findall(text))


def _sentences(flow: _Flow, words: Collection[str]) -> Iterator[Passage]:
    is_picture = flow.kind in FIGURES
    text, starts = join_lines(flow.places, words, labels=is_picture)
    cuts = {0, len(text), *sentence_ends(text)}
    if not is_picture:
        cuts -= {start + len(mark[0]) for start in starts if (mark := _ENUMERATOR.match(text, start))}
        cuts |= {starts[n] for n in line_breaks(flow.places)}
    for begin, end in pairwise(cut_positions(text, sorted(cuts), starts)):
        if not text[begin:end].strip():
            continue
        places = []
        for n in range(bisect_right(starts, begin) - 1, len(starts)):
            if starts[n] >= end:
                break
            stop = starts[n + 1] if n + 1 < len(starts) else len(text)
            if part := text[max(begin, starts[n]) : min(end, stop)].removesuffix(LABELS).strip():
                place = flow.places[n]
                places.append(Place(place.page, place.box, part))
        yield Passage(
            text[begin:end].strip(LABELS),
            flow.kind,
            tuple(places),
            context=flow.caption,
            section=flow.section,
            element=flow.element.index if flow.element else -1,
        )

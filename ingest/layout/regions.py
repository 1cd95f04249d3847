"""Elements of a page: its regions filled with the lines of text that stand in them."""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Sequence
from dataclasses import replace

from octavo.ingest.layout import figures
from octavo.ingest.layout.detector import Regions
from octavo.ingest.layout.order import reading_order
from octavo.ingest.layout.tables import heights
from octavo.ingest.layout.tables.reader import Tables
from octavo.ingest.model import FIGURES, HEADINGS, PICTURES, RUNNING, Box, Element, Kind, Line
from octavo.ingest.table import Table

_CAPTION = re.compile(r"^(?:fig(?:ure)?|table|chart|exhibit|box|graph|scheme|plate)\.?\s*[A-Z]?\d", re.I)


def build_elements(
    frame: Box, regions: Regions, lines: Sequence[Line], drawings: Sequence[Box], tables: Tables
) -> tuple[Element, ...]:
    """Returns the regions with their lines, in reading order; lines in no region become text, so that none is lost.

    `drawings` are boxes of things drawn (`figures.drawn_regions`), which become figures where the model saw none.
    `tables` reads the cells of tables.
    """
    regions = _with_tables(_with_figures(regions, lines, drawings), tables.sideways(lines))
    regions = _tables_apart(regions, lines, tables)
    regions = _with_tables(regions, tables.find_aligned(_outside(regions, lines)))
    homes = _homes(regions, lines)
    elements: list[Element] = []
    for n, (kind, box) in enumerate(regions):
        inside = [lines[i] for i, home in enumerate(homes) if home == n]
        if kind is Kind.TABLE and inside:
            elements += [_table(*part) for part in tables.read(box, inside)]
        elif inside or kind in PICTURES:
            elements.append(_element(kind, box, inside))
    stray = [lines[i] for i, home in enumerate(homes) if home is None]
    elements += [_element(Kind.TEXT, Box.around(line.box for line in group), group) for group in _paragraphs(stray)]
    elements = [elements[i] for i in reading_order([e.box for e in elements])]
    elements = _lists_joined(_title_found(_running_found(elements, frame), frame))
    return _captions([replace(e, index=n) for n, e in enumerate(elements)])


def _tables_apart(regions: Regions, lines: Sequence[Line], tables: Tables) -> Regions:
    """Returns regions of which each holds one table; text between and around boxed tables is left out of them."""
    homes = _homes(regions, lines)
    apart: Regions = []
    for n, (kind, box) in enumerate(regions):
        inside = [line for line, home in zip(lines, homes, strict=True) if home == n]
        apart += [(kind, part) for part in (tables.apart(box, inside) if kind is Kind.TABLE else [box])]
    return apart


def _with_figures(regions: Regions, lines: Sequence[Line], drawings: Sequence[Box]) -> Regions:
    pictures = [box for kind, box in regions if kind in PICTURES]
    for box in drawings:
        if any(box.coverage(p) > 0.5 or p.coverage(box) > 0.7 for p in pictures):
            continue
        inside = [line for line in lines if line.box.coverage(box) > 0.5]
        if not figures.is_panel(box, inside):
            grown = Box.around([box, *(line.box for line in inside)])
            regions = [*regions, (Kind.FIGURE, grown)]
    big = [box for kind, box in regions if kind in PICTURES]
    return [
        (kind, box)
        for kind, box in regions
        if kind in PICTURES or kind is Kind.CAPTION or not any(box.coverage(p) > 0.8 and box != p for p in big)
    ]


def _with_tables(regions: Regions, tables: Sequence[Box]) -> Regions:
    """Returns regions with tables that the model did not see in place of what it saw there."""
    for table in tables:
        if not any(kind is Kind.TABLE and table.coverage(box) > 0.8 for kind, box in regions):
            regions = [*((kind, box) for kind, box in regions if box.coverage(table) < 0.5), (Kind.TABLE, table)]
    return regions


def _outside(regions: Regions, lines: Sequence[Line]) -> list[Line]:
    """Returns the lines that stand in no table, picture or running line."""
    pictures = [box for kind, box in regions if kind in PICTURES | RUNNING]
    return [line for line in lines if not any(line.box.coverage(box) > 0.5 for box in pictures)]


def _homes(regions: Regions, lines: Sequence[Line]) -> list[int | None]:
    """Returns for each line the region that covers most of it, the smaller one where two do."""
    homes: list[int | None] = []
    for line in lines:
        fits = [(line.box.coverage(box) > 0.5, -box.area, n) for n, (_, box) in enumerate(regions)]
        best = max(fits, default=(False, 0.0, 0))
        homes.append(best[2] if best[0] else None)
    return homes


def _table(box: Box, inside: Sequence[Line], table: Table | None) -> Element:
    if table:
        return table.element(box)
    result = heights.rows(inside)
    rows = heights.row_lines(result)
    return Element(0, Kind.TABLE, box, "\n".join(row.text for row in rows), rows, heights.markdown(result))


def _element(kind: Kind, box: Box, inside: Sequence[Line]) -> Element:
    if kind in PICTURES:
        kind = Kind.CHART if figures.is_chart(inside) else Kind.FIGURE
    ordered = [piece for row in heights.rows(inside) for piece in row] if kind in PICTURES else list(inside)
    if kind is Kind.TEXT and ordered and _CAPTION.match(ordered[0].text) and len(ordered) <= 4:
        kind = Kind.CAPTION
    return Element(0, kind, box, " ".join(line.text for line in ordered), tuple(ordered))


def _paragraphs(stray: Sequence[Line]) -> list[list[Line]]:
    """Returns lines without a region, grouped where they follow each other closely."""
    groups: list[list[Line]] = []
    for line in sorted(stray, key=lambda line: (line.box.y0, line.box.x0)):
        for group in groups:
            last = group[-1].box
            near = line.box.y0 - last.y1 < 0.8 * last.height
            aligned = min(last.x1, line.box.x1) - max(last.x0, line.box.x0) > 0
            alike = 0.7 < line.box.height / max(last.height, 1) < 1.4
            if near and aligned and alike:
                group.append(line)
                break
        else:
            groups.append([line])
    return groups


def _title_found(elements: list[Element], frame: Box) -> list[Element]:
    """Returns the heading where the model named none: the first text of the upper third counts when its letters are
    large."""
    if any(e.kind in HEADINGS for e in elements):
        return elements
    heights = [line.box.height for e in elements for line in e.lines]
    if len(heights) < 2:
        return elements
    usual = statistics.median(heights)
    for n, e in enumerate(elements):
        above = e.kind is Kind.TEXT and e.box.y0 < frame.y0 + frame.height / 3 and len(e.lines) <= 3
        if above and min(line.box.height for line in e.lines) >= 1.25 * usual:
            return [*elements[:n], replace(e, kind=Kind.TITLE), *elements[n + 1 :]]
    return elements


_SAYS = 3
"""Words of a line at the edge of a page of pictures that says what they show."""


def _running_found(elements: list[Element], frame: Box) -> list[Element]:
    """Relabels headers and footers by place: a bare number at the edge is one, a text far from the edge is none."""
    edge, reach = 0.07 * frame.height, 0.2 * frame.height
    sure: list[Element] = []
    for e in elements:
        low, high = e.box.y0 > frame.y1 - edge, e.box.y1 < frame.y0 + edge
        if e.kind is Kind.TEXT and e.text.strip(" -–|").isdigit() and (low or high):
            e = replace(e, kind=Kind.PAGE_FOOTER if low else Kind.PAGE_HEADER)
        lost_footer = e.kind is Kind.PAGE_FOOTER and e.box.y1 < frame.y1 - reach
        lost_header = e.kind is Kind.PAGE_HEADER and e.box.y0 > frame.y0 + reach
        if lost_footer or lost_header:
            e = replace(e, kind=Kind.TEXT)
        sure.append(e)
    if all(e.kind in RUNNING for e in sure if e.text):  # no page consists of its running lines alone
        sure = [replace(e, kind=Kind.TEXT) if e.kind in RUNNING and not e.text.isdigit() else e for e in sure]
    if all(e.kind in RUNNING | FIGURES for e in sure if e.text):  # nor of those and pictures: they say what these show
        sure = [replace(e, kind=Kind.TEXT) if e.kind in RUNNING and len(e.text.split()) >= _SAYS else e for e in sure]
    return sure


def _lists_joined(elements: list[Element]) -> list[Element]:
    """Merges list items that follow each other into one list."""
    results: list[Element] = []
    for e in elements:
        last = results[-1] if results else None
        if last and last.kind is e.kind is Kind.LIST and _gap(last.box, e.box) < 2 * _line_height(e):
            text = f"{last.text}\n{e.text}"
            results[-1] = replace(last, box=last.box | e.box, text=text, lines=(*last.lines, *e.lines))
        else:
            results.append(e)
    return results


def _line_height(e: Element) -> float:
    return statistics.median(line.box.height for line in e.lines) if e.lines else 0.0


def _captions(elements: list[Element]) -> tuple[Element, ...]:
    """Assigns each caption to the nearest figure or table above or below it that has none yet."""
    captioned: set[int] = set()
    linked = list(elements)
    for n, caption in enumerate(elements):
        if caption.kind is not Kind.CAPTION:
            continue
        wants_table = caption.text.lower().startswith("table")
        near = [
            ((e.kind is Kind.TABLE) != wants_table, _gap(caption.box, e.box), e.index)
            for e in elements
            if e.kind in PICTURES and e.index not in captioned and _gap(caption.box, e.box) < 0.15 * 842
        ]
        if near:
            best = min(near)[2]
            captioned.add(best)
            linked[n] = replace(caption, about=best)
    return tuple(linked)


def _gap(a: Box, b: Box) -> float:
    """Returns the vertical distance of boxes above each other; infinite for those side by side."""
    if min(a.x1, b.x1) <= max(a.x0, b.x0):
        return math.inf
    return max(0.0, max(a.y0, b.y0) - min(a.y1, b.y1))

"""Tables that go on on the next page: the names of their columns are carried over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from octavo.ingest.model import RUNNING, Element, Kind, Page
from octavo.ingest.table import Table, joined

_APART = 0.02
"""Columns of both parts begin and end at most this share of the page's width apart."""


def continued(pages: Sequence[Page]) -> list[Page]:
    """The pages, each table that goes on from the page before with the names of its columns there.

    It is the first on its page, as the other is the last on its own, has as many columns at the same places, and no
    header, or the same one.
    """
    made: list[Page] = []
    for page in pages:
        first = _edge(page.elements, 0)
        above = _edge(made[-1].elements, -1) if made else None
        if first and above and _goes_on(above, first, page.width):
            table = _carried(above.table, first.table)  # type: ignore[arg-type]
            element = replace(table.element(first.box, first.index), about=first.about)
            page = replace(page, elements=tuple(element if e is first else e for e in page.elements))
        made.append(page)
    return made


def whole_tables(pages: Sequence[Page]) -> list[Table]:
    """All tables of pages whose cells are known, in reading order, those that go on over pages as one."""
    groups: list[list[Table]] = []
    for page in pages:
        for e in page.elements:
            if e.table and e.table.continues and groups:
                groups[-1].append(e.table)
            elif e.table:
                groups.append([e.table])
    return [joined(group) for group in groups]


def _edge(elements: Sequence[Element], place: int) -> Element | None:
    """The first or last element of a page, running lines aside, if it is a table with cells."""
    body = [e for e in elements if e.kind not in RUNNING and e.kind is not Kind.FOOTNOTE]
    edge = body[place] if body else None
    return edge if edge and edge.table else None


def _goes_on(above: Element, first: Element, width: float) -> bool:
    a, b = above.table, first.table
    if not (a and b) or a.column_count != b.column_count:
        return False
    alike = all(abs(x - y) < _APART * width for x, y in zip(_lefts(a), _lefts(b), strict=True))
    wide = (
        abs(above.box.x0 - first.box.x0) < 2 * _APART * width and abs(above.box.x1 - first.box.x1) < 4 * _APART * width
    )
    return (alike or wide) and (not b.header_rows or _names(a) == _names(b) or not a.header_rows)


def _carried(above: Table, table: Table) -> Table:
    return replace(table, continues=True, carried=_names(above))


def _names(table: Table) -> tuple[tuple[str, ...], ...]:
    return tuple(table.header(column) for column in range(table.column_count))


def _lefts(table: Table) -> list[float]:
    """Where the text of each column begins or ends most often."""
    edges = []
    for column in range(table.column_count):
        boxes = [c.box for c in table.cells if c.column == column and c.column_span == 1 and c.box.area]
        edges.append(min((box.x0 for box in boxes), default=0.0))
    return edges

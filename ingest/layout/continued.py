"""Tables that go on on the next page: the names of their columns are carried over, a row that is cut is made whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from octavo.ingest.layout.tables.words import is_number
from octavo.ingest.model import RUNNING, Element, Kind, Page, join_text
from octavo.ingest.table import Cell, Table, join_tables

_APART = 0.02
"""Columns of both parts begin and end at most this share of the page's width apart."""


def join_continued_tables(pages: Sequence[Page]) -> list[Page]:
    """Returns the pages, each table that goes on from the page before with the names of its columns there.

    It is the first on its page, as the other is the last on its own, has as many columns at the same places, and no
    header, or the same one. The rest of a row that the end of a page cuts goes to the row, where it begins.
    """
    result: list[Page] = []
    for page in pages:
        first = _edge(page.elements, 0)
        above = _edge(result[-1].elements, -1) if result else None
        if first and above and first.table and above.table and _is_alike(above, first, page.width):
            top, rest = _rows_joined(above.table, first.table)
            if not rest.header_rows or _names(top) == _names(rest) or not top.header_rows:
                result[-1] = _with_table(result[-1], above, top)
                page = _with_table(page, first, replace(rest, continues=True, carried=_names(top)))
        result.append(page)
    return result


def whole_tables(pages: Sequence[Page]) -> list[Table]:
    """Returns all tables of pages whose cells are known, in reading order, those that go on over pages as one."""
    groups: list[list[Table]] = []
    for page in pages:
        for e in page.elements:
            if e.table and e.table.continues and groups:
                groups[-1].append(e.table)
            elif e.table:
                groups.append([e.table])
    return [join_tables(group) for group in groups]


def _edge(elements: Sequence[Element], place: int) -> Element | None:
    """Returns the first or last element of a page, running lines aside, if it is a table with cells."""
    body = [e for e in elements if e.kind not in RUNNING and e.kind is not Kind.FOOTNOTE]
    edge = body[place] if body else None
    return edge if edge and edge.table else None


def _with_table(page: Page, element: Element, table: Table) -> Page:
    if table == element.table:
        return page
    whole = replace(table.element(element.box, element.index), about=element.about)
    elements = tuple(whole if e is element else e for e in page.elements)
    return replace(page, elements=elements, text=join_text(elements))


def _is_alike(above: Element, first: Element, width: float) -> bool:
    a, b = above.table, first.table
    if not (a and b) or a.column_count != b.column_count:
        return False
    columns = zip(_lefts(a), _lefts(b), strict=True)
    sides = abs(above.box.x0 - first.box.x0), abs(above.box.x1 - first.box.x1)
    return max(sides) < 3 * _APART * width or all(abs(x - y) < _APART * width for x, y in columns)


def _rows_joined(above: Table, table: Table) -> tuple[Table, Table]:
    """Returns both parts of a table, the rest of the upper one's last row taken from the lower one to it."""
    rest = [cell for cell in table.row(0) if cell.text]
    last = {cell.column: cell for cell in above.row(above.row_count - 1)}
    if table.row_count < 2 or not rest or not all(_goes_on(last.get(cell.column), cell) for cell in rest):
        return above, table
    ends = {last[cell.column]: cell.text for cell in rest}
    top = tuple(replace(c, text=f"{c.text} {ends[c]}") if c in ends else c for c in above.cells)
    below = tuple(replace(cell, row=cell.row - 1) for cell in table.cells if cell.row)
    return replace(above, cells=top), replace(table, cells=below, header_rows=max(0, table.header_rows - 1))


def _goes_on(above: Cell | None, cell: Cell) -> bool:
    """Returns whether a cell of the first row can only be the rest of the one above, on the page before."""
    if above is None or not cell.column or cell.row_span > 1 or not above.text or is_number(cell.text):
        return False
    return cell.text[0].islower() or not above.text.endswith((".", "!", "?", ":"))


def _names(table: Table) -> tuple[tuple[str, ...], ...]:
    return tuple(table.header(column) for column in range(table.column_count))


def _lefts(table: Table) -> list[float]:
    """Returns where the text of each column begins."""
    edges = []
    for column in range(table.column_count):
        boxes = [c.box for c in table.cells if c.column == column and c.column_span == 1 and c.box.area]
        edges.append(min((box.x0 for box in boxes), default=0.0))
    return edges

"""Tables of HTML: the grid that their cells cover, and which of them only place things on the page."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from octavo.ingest.markup.blocks import ImageBlock
from octavo.ingest.markup.html_nodes import is_hidden, whole_number
from octavo.ingest.table import Cell, Table

_MOST_CELLS, _MOST_COLUMNS = 1_000_000, 1_000


def read_grid(
    rows: list[etree._Element], read_cell: Callable[[etree._Element], tuple[str, list[ImageBlock]]]
) -> tuple[Table, list[ImageBlock]]:
    """Returns the cells of rows by the rules of HTML, cut at bounds that no honest table passes, and their pictures.

    `read_cell` gives the text and the pictures of a cell.
    """
    cells: list[Cell] = []
    pictures: list[ImageBlock] = []
    covered_above: dict[int, int] = {}  # column: the rows that a cell from above still covers
    header_rows = 0
    for number, row in enumerate(rows):
        column, heads, members = 0, True, 0
        rows_below = len(rows) - number
        covered = {c: n - 1 for c, n in covered_above.items() if n > 0}
        for node in row:
            if node.tag not in ("td", "th") or is_hidden(node):
                continue
            while covered_above.get(column, 0) > 0:
                column += 1
            if column >= _MOST_COLUMNS or len(cells) >= _MOST_CELLS:
                break
            across = min(max(1, whole_number(node.get("colspan"), 1)), _MOST_COLUMNS - column)
            across = next((n for n in range(1, across) if covered_above.get(column + n, 0) > 0), across)
            down = min(whole_number(node.get("rowspan"), 1) or rows_below, rows_below)
            text, pictures_of_cell = read_cell(node)
            pictures += pictures_of_cell
            cells.append(Cell(number, column, text, row_span=max(1, down), column_span=across))
            for c in range(column, column + across):
                covered[c] = max(1, down) - 1
            heads, members = heads and node.tag == "th", members + 1
            column += across
        in_head = row.getparent().tag == "thead"
        if header_rows == number and (in_head or (heads and members > 1) or (heads and members and rows_below > 1)):
            header_rows = number + 1
        covered_above = covered
    if not header_rows and rows and _is_bold(rows[0]):
        header_rows = 1
    header_rows = max([header_rows, *(c.row + c.row_span for c in cells if c.row < header_rows)], default=0)
    count = max((cell.row + cell.row_span for cell in cells), default=0)
    return Table(tuple(cells), min(header_rows, max(0, count - 1))), pictures


def is_layout(node: etree._Element, rows: list[etree._Element]) -> bool:
    """Returns true for a table that only places things on the page: it holds tables, headings, or one column."""
    if node.get("role") in ("presentation", "none"):
        return True
    marked = whole_number(node.get("border"), 0) > 0 or any(cell.tag == "th" for row in rows for cell in row)
    if not marked and any(True for _ in node.iterdescendants("table")):
        return True
    widest = max((sum(1 for cell in row if cell.tag in ("td", "th")) for row in rows), default=0)
    return widest <= 1 or any(True for _ in node.iterdescendants("h1", "h2"))


def _is_bold(row: etree._Element) -> bool:
    cells = [cell for cell in row if cell.tag in ("td", "th")]
    bold = [cell for cell in cells if "".join(cell.itertext()).strip()]

    def whole(cell: etree._Element) -> bool:
        words = "".join(cell.itertext()).split()
        return cell.tag == "th" or any("".join(b.itertext()).split() == words for b in cell.iter("b", "strong"))

    return len(bold) > 1 and all(map(whole, bold))

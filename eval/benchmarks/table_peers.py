"""Tables as other readers find them: pymupdf4llm and pdfplumber."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from octavo.ingest.table import Cell, Table, join_tables

Reader = Callable[[Path], list[Table]]
"""Finds the tables of a PDF, in reading order, each with its parts on following pages joined."""


def pymupdf4llm(path: Path) -> list[Table]:
    """Returns tables of pymupdf4llm as HTML, which tells spans where its Markdown does not."""
    import pymupdf4llm

    pages = pymupdf4llm.to_markdown(str(path), page_chunks=True, show_progress=False, table_output="html")
    return over_pages([html_tables(page["text"]) for page in pages])


def pdfplumber(path: Path) -> list[Table]:
    """Returns tables of pdfplumber's `extract_tables` by its default settings, which follow drawn lines."""
    import pdfplumber

    with pdfplumber.open(path) as document:
        pages = [
            [Table.of([[" ".join((text or "").split()) for text in row] for row in table]) for table in tables]
            for page in document.pages
            for tables in [page.extract_tables()]
        ]
    return over_pages(pages)


PEERS: Mapping[str, Reader] = {
    "pymupdf4llm": pymupdf4llm,
    "pdfplumber": pdfplumber,
}


def over_pages(pages: Sequence[Sequence[Table]]) -> list[Table]:
    """Returns all tables, the first of a page joined to the last of the page before where both have as many columns.

    This is what a user of a reader that goes page by page does; a header that is said again is taken out.
    """
    results: list[Table] = []
    for number, tables in enumerate(pages):
        for n, table in enumerate(tables):
            goes_on = number and n == 0 and pages[number - 1] and results[-1].column_count == table.column_count
            if goes_on:
                again = _texts(table, 0) == _texts(results[-1], 0)
                results[-1] = join_tables([results[-1], Table(table.cells, int(again))])
            else:
                results.append(table)
    return results


def html_tables(text: str) -> list[Table]:
    """Returns the tables of an HTML text, with their spans.

    >>> [table] = html_tables("<table><tr><th colspan='2'>2022</th></tr><tr><td>1</td><td>2<br>3</td></tr></table>")
    >>> [(cell.row, cell.column, cell.text, cell.column_span) for cell in table.cells]
    [(0, 0, '2022', 2), (1, 0, '1', 1), (1, 1, '2 3', 1)]
    """
    from lxml import html

    return [_from_html(table) for table in html.fromstring(f"<div>{text}</div>").iter("table")]


def _from_html(table: Any) -> Table:
    cells: list[Cell] = []
    covered: set[tuple[int, int]] = set()
    for row, element in enumerate(table.iter("tr")):
        column = 0
        for item in element.iterchildren("td", "th"):
            while (row, column) in covered:
                column += 1
            rows, columns = int(item.get("rowspan", 1)), int(item.get("colspan", 1))
            covered |= {(row + r, column + c) for r in range(rows) for c in range(columns)}
            cells.append(
                Cell(row, column, " ".join(" ".join(item.itertext()).split()), row_span=rows, column_span=columns)
            )
            column += columns
    return Table(tuple(cells))


def _texts(table: Table, row: int) -> list[str]:
    return [cell.text for cell in table.row(row)]

"""Workbooks of Excel 97 to 2003 (XLS), values as their number formats show them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import xlrd
from xlrd.compdoc import CompDocError

from octavo.ingest.errors import ReadError
from octavo.ingest.markup.numbers import format_value
from octavo.ingest.options import ReadOptions
from octavo.ingest.readers.cells import Sheet

_FAULTS = (
    xlrd.XLRDError, CompDocError, struct.error, OSError, ValueError, IndexError, KeyError, AssertionError,
    AttributeError, TypeError, EOFError,
)  # fmt: skip


def sheets(path: Path, options: ReadOptions) -> Iterator[tuple[Sheet, tuple[str, ...]]]:
    """Yields each sheet of a workbook with what is left out of it; raises `ReadError` where it is broken."""
    try:
        with open(path, "rb") as file:
            book = xlrd.open_workbook(file_contents=file.read(), formatting_info=True, logfile=_Nothing())
            for worksheet in book.sheets():
                yield _sheet(book, worksheet, options)
    except _FAULTS as error:
        raise ReadError(f"{path.name} is no readable workbook: it is broken or protected by a password.") from error


class _Nothing:
    """A log that keeps nothing."""

    def write(self, text: str) -> None:
        """Drops a text."""

    def flush(self) -> None:
        """Does nothing."""


def _sheet(book: Any, worksheet: Any, options: ReadOptions) -> tuple[Sheet, tuple[str, ...]]:
    rows, columns = worksheet.rowinfo_map.values(), worksheet.colinfo_map.items()
    sheet = Sheet(
        worksheet.name,
        hidden=worksheet.visibility != 0,
        hidden_rows=sum(1 for row in rows if row.hidden),
        hidden_columns=sum(1 for column, about in columns if about.hidden and column < worksheet.ncols),
        spans={(top, left): (below - top, right - left) for top, below, left, right in worksheet.merged_cells},
        comments={place: " ".join(note.text.split()) for place, note in worksheet.cell_note_map.items()},
    )
    texts = (
        [_text(book, worksheet.cell(row, n)) for n in range(worksheet.row_len(row))] for row in range(worksheet.nrows)
    )
    return sheet, sheet.fill(texts, options.max_cells)


def _text(book: Any, cell: Any) -> str:
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return format_value(xlrd.xldate_as_datetime(cell.value, book.datemode), _format(book, cell))
        except (ValueError, OverflowError):
            return format_value(cell.value)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return format_value(bool(cell.value))
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#N/A"))
    is_shown = cell.ctype in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_TEXT)
    return format_value(cell.value, _format(book, cell)) if is_shown else ""


def _format(book: Any, cell: Any) -> str:
    """Returns the number format of a cell, or the one that a cell without a style has."""
    if cell.xf_index is None or cell.xf_index >= len(book.xf_list):
        return "General"
    return book.format_map[book.xf_list[cell.xf_index].format_key].format_str or "General"

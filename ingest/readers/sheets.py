"""Spreadsheets and tables of values: XLSX, XLS, XLSB, ODS, CSV, TSV."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from octavo.ingest.errors import ReadError
from octavo.ingest.markup import pictures
from octavo.ingest.markup.blocks import Block, MarkupContent, NewPage, TextBlock
from octavo.ingest.markup.charset import decode
from octavo.ingest.markup.numbers import format_value
from octavo.ingest.model import Kind
from octavo.ingest.options import ReadOptions
from octavo.ingest.readers import archive
from octavo.ingest.readers.base import Source
from octavo.ingest.readers.cell_formulas import Formulas, UnknownFormulaError
from octavo.ingest.readers.cells import Sheet
from octavo.ingest.readers.charts import cells_of, charts
from octavo.ingest.readers.kinds import CSV, ODS, XLS, XLSX
from octavo.ingest.readers.web import source_of

_MOST_PICTURES = 100
_SAMPLE = 100_000
_DECLARED = re.compile(r"sep=(.)\n")
_FAULTS = (
    KeyError, ValueError, TypeError, OSError, AttributeError, IndexError, SyntaxError, zipfile.BadZipFile,
)  # fmt: skip


def read(path: Path, media_type: str, options: ReadOptions, workdir: Path, password: str) -> Source:
    """Returns each sheet as its tables, with the cells that they stand in, set on pages."""
    if media_type == CSV:
        content = _read_delimited(path, options)
    elif media_type == XLSX:
        content = _xlsx(path, options)
    elif media_type == XLS:
        content = _xls(path, options)
    elif media_type == ODS:
        content = _ods(path, options)
    else:
        content = _by_calamine(path, options)
    return source_of(content, path, media_type, options, workdir)


def _read_delimited(path: Path, options: ReadOptions) -> MarkupContent:
    text = decode(path.read_bytes(), path.name)
    csv.field_size_limit(max(len(text), 1))
    declared = _DECLARED.match(text)
    if declared:
        text = text[declared.end() :]
    rows = csv.reader(io.StringIO(text), delimiter=declared[1] if declared else _delimiter(text))
    sheet = Sheet("", is_one=True)
    problems = sheet.fill(([" ".join(cell.split()) for cell in row] for row in rows), options.max_cells)
    return MarkupContent("", tuple(sheet.blocks()), problems)


def _delimiter(text: str) -> str:
    """Returns the sign between values: of the usual ones that which gives most lines the same number of values."""
    start = text[:_SAMPLE]

    def fit(delimiter: str) -> tuple[int, int]:
        counts = [len(row) for row in islice(csv.reader(io.StringIO(start), delimiter=delimiter), 50) if any(row)]
        usual = max(set(counts), key=counts.count, default=1)
        return (counts.count(usual) if usual > 1 else 0, usual)

    return max(",;\t|", key=fit)


def _xlsx(path: Path, options: ReadOptions) -> MarkupContent:
    from openpyxl import load_workbook

    problems: list[str] = []
    with archive.open_archive(path, options) as packed:
        size = sum(info.file_size for info in packed.infolist() if info.filename.startswith("xl/worksheets/"))
    large = size > 80 * options.max_cells
    try:
        book = load_workbook(path, data_only=True, read_only=large, keep_links=False)
        formulas = None if large else load_workbook(path, read_only=False, keep_links=False)
    except _FAULTS as error:
        raise ReadError(f"{path.name} is no readable workbook: it is broken.") from error
    sheets: list[Sheet] = []
    for worksheet in book.worksheets:
        sheet = Sheet(worksheet.title, hidden=worksheet.sheet_state != "visible")
        problems += sheet.fill(_shown_rows(worksheet, sheet, large), options.max_cells)
        sheets.append(sheet)
    if formulas is not None:
        problems += _work_out(formulas, sheets)
    problems += [problem for sheet in sheets for problem in sheet.problems()]
    title = " ".join(str(book.properties.title or "").split())
    book.close()
    by_name = {sheet.name: sheet.cells for sheet in sheets}
    with archive.open_archive(path, options) as packed:
        chart_grids = [chart for _, chart in charts(packed, "xl/charts/", lambda formula: cells_of(formula, by_name))]
        shots = _pictures(packed)
    if len(shots) == _MOST_PICTURES:
        problems.append(f"only the first {_MOST_PICTURES} pictures are read")
    return MarkupContent(title, tuple(_pages(sheets, [*chart_grids, *shots])), tuple(problems))


def _pages(sheets: list[Sheet], charts_and_pictures: list[Any]) -> Iterator[Block]:
    """Yields the sheets, each on pages of its own, and after them what is drawn on them."""
    for sheet in sheets:
        yield from sheet.pages()
    if charts_and_pictures:
        yield from (
            NewPage(),
            TextBlock.of("Charts and pictures", kind=Kind.SECTION_HEADER, level=2),
            *charts_and_pictures,
        )


def _shown_rows(worksheet: Any, sheet: Sheet, large: bool) -> Iterator[list[str]]:
    if not large:
        for merged in worksheet.merged_cells.ranges:
            start = merged.min_row - 1, merged.min_col - 1
            sheet.spans[start] = merged.max_row - start[0], merged.max_col - start[1]
        last = worksheet.max_row, worksheet.max_column
        sheet.hidden_rows = sum(1 for n, row in worksheet.row_dimensions.items() if row.hidden and n <= last[0])
        sheet.hidden_columns = sum(
            max(0, min(about.max or 0, last[1]) - (about.min or 1) + 1)
            for about in worksheet.column_dimensions.values()
            if about.hidden
        )
    for number, row in enumerate(worksheet.iter_rows()):
        for column, cell in enumerate(row):
            if not large and getattr(cell, "comment", None):
                sheet.comments[number, column] = " ".join(cell.comment.text.split())
        yield [
            format_value(cell.value, cell.number_format or "General") if cell.value is not None else "" for cell in row
        ]


def _work_out(book: Any, sheets: Sequence[Sheet]) -> list[str]:
    """Works out formulas whose values the file does not hold; those that cannot be are shown as they are, and told."""
    missing = [
        (sheet, cell)
        for sheet in sheets
        for row in book[sheet.name].iter_rows()
        for cell in row
        if cell.data_type == "f" and (cell.row - 1, cell.column - 1) not in sheet.cells
    ]
    if not missing:
        return []
    cells = {
        sheet.name: {(c.row, c.column): c.value for row in book[sheet.name].iter_rows() for c in row}
        for sheet in sheets
    }
    formulas, unsolved, done = Formulas(cells), Counter[str](), Counter[str]()
    for sheet, cell in missing:
        try:
            text = format_value(formulas.value(sheet.name, cell.row, cell.column), cell.number_format or "General")
            done[sheet.name] += 1
        except UnknownFormulaError:
            text = str(getattr(cell.value, "text", cell.value))
            unsolved[sheet.name] += 1
        if text:
            sheet.cells[cell.row - 1, cell.column - 1] = text
    notes = [
        f"the sheet {name} holds {_formulas(count)} without a value, worked out here" for name, count in done.items()
    ]
    return notes + [
        f"the sheet {name} holds {_formulas(count)} without a value: open and save it to have them"
        for name, count in unsolved.items()
    ]


def _formulas(count: int) -> str:
    return "1 formula" if count == 1 else f"{count} formulas"


def _pictures(packed: zipfile.ZipFile) -> list[pictures.ImageBlock]:
    names = [name for name in packed.namelist() if name.startswith("xl/media/")][:_MOST_PICTURES]
    decoded = (pictures.make_picture(packed.read(name)) for name in names)
    return [picture for picture in decoded if picture and picture.width > pictures.TINY]


def _xls(path: Path, options: ReadOptions) -> MarkupContent:
    from octavo.ingest.readers.xls import sheets

    results = list(sheets(path, options))
    problems = [problem for sheet, notes in results for problem in (*notes, *sheet.problems())]
    return MarkupContent("", tuple(_pages([sheet for sheet, _ in results], [])), tuple(problems))


def _ods(path: Path, options: ReadOptions) -> MarkupContent:
    from octavo.ingest.readers.ods import read

    sheets, charts_and_pictures, problems = read(path, options)
    problems += [problem for sheet in sheets for problem in sheet.problems()]
    return MarkupContent("", tuple(_pages(sheets, charts_and_pictures)), tuple(problems))


def _by_calamine(path: Path, options: ReadOptions) -> MarkupContent:
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    with archive.open_archive(path, options):
        pass
    sheets: list[Sheet] = []
    problems: list[str] = []
    try:
        book = CalamineWorkbook.from_path(str(path))
        for about in book.sheets_metadata:
            if about.typ is not SheetTypeEnum.WorkSheet:
                continue
            worksheet = book.get_sheet_by_name(about.name)
            sheet = Sheet(about.name, hidden=about.visible is not SheetVisibleEnum.Visible)
            for (row, column), (last_row, last_column) in worksheet.merged_cell_ranges or ():
                sheet.spans[row, column] = last_row - row + 1, last_column - column + 1
            rows = ([format_value(None if value == "" else value) for value in row] for row in worksheet.iter_rows())
            first = worksheet.start or (0, 0)
            problems += sheet.fill(rows, options.max_cells)
            sheet.cells = {(row + first[0], column + first[1]): text for (row, column), text in sheet.cells.items()}
            sheets.append(sheet)
    except (CalamineError, OSError, ValueError) as error:
        raise ReadError(f"{path.name} is no readable workbook: it is broken or protected by a password.") from error
    return MarkupContent("", tuple(_pages(sheets, [])), tuple(problems))

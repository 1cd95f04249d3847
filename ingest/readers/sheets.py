"""Spreadsheets and tables of values: XLSX, XLS, XLSB, ODS, CSV, TSV."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from octavo.ingest.errors import ReadError
from octavo.ingest.markup import pictures
from octavo.ingest.markup.blocks import Block, Content, Grid, NewPage, Passage
from octavo.ingest.markup.charset import decode
from octavo.ingest.markup.numbers import shown
from octavo.ingest.markup.text import header_rows, is_number
from octavo.ingest.model import Kind
from octavo.ingest.options import ReadOptions
from octavo.ingest.readers import archive
from octavo.ingest.readers.base import Source
from octavo.ingest.readers.charts import charts
from octavo.ingest.readers.kinds import CSV, XLSX
from octavo.ingest.readers.web import source_of
from octavo.ingest.table import Cell, Table, column_letters

Place = tuple[int, int]
_MOST_PICTURES = 100
_SAMPLE = 100_000
_DECLARED = re.compile(r"sep=(.)\n")
_SPARSE = 10


@dataclass
class _Sheet:
    """A sheet: what its cells show by (row, column) from 0, the spans of merged ones, and its comments.

    `is_one` is true where all that has columns is one table, as in a file of separated values.
    """

    name: str
    cells: dict[Place, str] = field(default_factory=dict)
    spans: dict[Place, Place] = field(default_factory=dict)
    comments: dict[Place, str] = field(default_factory=dict)
    hidden: bool = False
    is_one: bool = False


def read(path: Path, media_type: str, options: ReadOptions, workdir: Path, password: str) -> Source:
    """Each sheet as its tables, with the cells that they stand in, set on pages."""
    if media_type == CSV:
        content = _separated(path, options)
    elif media_type == XLSX:
        content = _xlsx(path, options)
    else:
        content = _by_calamine(path, options)
    return source_of(content, path, media_type, options, workdir)


def _separated(path: Path, options: ReadOptions) -> Content:
    text = decode(path.read_bytes(), path.name)
    csv.field_size_limit(max(len(text), 1))
    declared = _DECLARED.match(text)
    if declared:
        text = text[declared.end() :]
    rows = csv.reader(io.StringIO(text), delimiter=declared[1] if declared else _delimiter(text))
    sheet = _Sheet("", is_one=True)
    problems = _fill(sheet, ([" ".join(cell.split()) for cell in row] for row in rows), options)
    return Content("", tuple(_blocks(sheet)), problems)


def _delimiter(text: str) -> str:
    """What parts the values: of the usual signs the one that gives most lines of the same number of values."""
    start = text[:_SAMPLE]

    def fit(delimiter: str) -> tuple[int, int]:
        counts = [len(row) for row in islice(csv.reader(io.StringIO(start), delimiter=delimiter), 50) if any(row)]
        usual = max(set(counts), key=counts.count, default=1)
        return (counts.count(usual) if usual > 1 else 0, usual)

    return max(",;\t|", key=fit)


def _fill(sheet: _Sheet, rows: Iterable[Sequence[str]], options: ReadOptions) -> tuple[str, ...]:
    """Fills a sheet up to the limit of cells; what was left out, in sentences."""
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            if text:
                sheet.cells[number, column] = text
        if len(sheet.cells) > options.max_cells:
            what = f"the sheet {sheet.name}" if sheet.name else "the file"
            return (
                f"{what} has more than {options.max_cells:,} cells: only its first {number + 1:,} rows are read "
                "(OCTAVO_READING__MAX_CELLS)",
            )
    return ()


def _xlsx(path: Path, options: ReadOptions) -> Content:
    from openpyxl import load_workbook

    blocks: list[Block] = []
    problems: list[str] = []
    with archive.opened(path, options) as packed:
        size = sum(info.file_size for info in packed.infolist() if info.filename.startswith("xl/worksheets/"))
        drawn = [chart for name, chart in charts(packed, "xl/charts/")]
        shots = _pictures(packed)
    large = size > 80 * options.max_cells
    try:
        book = load_workbook(path, data_only=True, read_only=large, keep_links=False)
        formulas = None if large else load_workbook(path, read_only=False, keep_links=False)
    except (
        KeyError,
        ValueError,
        TypeError,
        OSError,
        AttributeError,
        IndexError,
        SyntaxError,
        zipfile.BadZipFile,
    ) as error:
        raise ReadError(f"{path.name} is no readable workbook: it is broken.") from error
    for worksheet in book.worksheets:
        sheet = _Sheet(worksheet.title, hidden=worksheet.sheet_state != "visible")
        problems += _fill(sheet, _shown_rows(worksheet, sheet, large), options)
        if formulas is not None:
            problems += _uncounted(formulas[worksheet.title], sheet)
        blocks += _sheet_blocks(sheet)
    book.close()
    if drawn or shots:
        blocks += [NewPage(), Passage.of("Charts and pictures", kind=Kind.SECTION_HEADER, level=2), *drawn, *shots]
    if len(shots) == _MOST_PICTURES:
        problems.append(f"only the first {_MOST_PICTURES} pictures are read")
    return Content(" ".join(str(book.properties.title or "").split()), tuple(blocks), tuple(problems))


def _shown_rows(worksheet: object, sheet: _Sheet, large: bool) -> Iterator[list[str]]:
    if not large:
        for merged in worksheet.merged_cells.ranges:  # type: ignore[attr-defined]
            start = merged.min_row - 1, merged.min_col - 1
            sheet.spans[start] = merged.max_row - start[0], merged.max_col - start[1]
    for number, row in enumerate(worksheet.iter_rows()):  # type: ignore[attr-defined]
        for column, cell in enumerate(row):
            if not large and getattr(cell, "comment", None):
                sheet.comments[number, column] = " ".join(cell.comment.text.split())
        yield [shown(cell.value, cell.number_format or "General") if cell.value is not None else "" for cell in row]


def _uncounted(worksheet: object, sheet: _Sheet) -> list[str]:
    """Formulas whose values the file does not hold are shown as they are."""
    count = 0
    for row in worksheet.iter_rows():  # type: ignore[attr-defined]
        for cell in row:
            place = cell.row - 1, cell.column - 1
            if cell.data_type == "f" and place not in sheet.cells:
                formula = getattr(cell.value, "text", cell.value)
                sheet.cells[place] = str(formula)
                count += 1
    return [f"the sheet {sheet.name} holds {count} formulas without a value: open and save it to have them"] * bool(
        count
    )


def _pictures(packed: zipfile.ZipFile) -> list[pictures.Picture]:
    names = [name for name in packed.namelist() if name.startswith("xl/media/")][:_MOST_PICTURES]
    made = (pictures.made(packed.read(name)) for name in names)
    return [picture for picture in made if picture and picture.width > pictures.TINY]


def _by_calamine(path: Path, options: ReadOptions) -> Content:
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    if path.read_bytes()[:2] == b"PK":
        with archive.opened(path, options):
            pass
    blocks: list[Block] = []
    problems: list[str] = []
    try:
        book = CalamineWorkbook.from_path(str(path))
        for about in book.sheets_metadata:
            if about.typ is not SheetTypeEnum.WorkSheet:
                continue
            worksheet = book.get_sheet_by_name(about.name)
            sheet = _Sheet(about.name, hidden=about.visible is not SheetVisibleEnum.Visible)
            for (row, column), (last_row, last_column) in worksheet.merged_cell_ranges or ():
                sheet.spans[row, column] = last_row - row + 1, last_column - column + 1
            rows = ([shown(None if value == "" else value) for value in row] for row in worksheet.iter_rows())
            first = worksheet.start or (0, 0)
            problems += _fill(sheet, rows, options)
            sheet.cells = {(row + first[0], column + first[1]): text for (row, column), text in sheet.cells.items()}
            blocks += _sheet_blocks(sheet)
    except (CalamineError, OSError, ValueError) as error:
        raise ReadError(f"{path.name} is no readable workbook: it is broken or protected by a password.") from error
    return Content("", tuple(blocks), tuple(problems))


def _sheet_blocks(sheet: _Sheet) -> Iterator[Block]:
    made = list(_blocks(sheet))
    if made:
        yield NewPage()
        hidden = " (hidden sheet)" if sheet.hidden else ""
        yield Passage.of(sheet.name + hidden, kind=Kind.SECTION_HEADER, level=2)
        yield from made


def _blocks(sheet: _Sheet) -> Iterator[Block]:
    """The tables of a sheet, which empty rows part, each where it stands; a row of one cell above or below is text."""
    by_row: dict[int, list[int]] = {row: [] for row in sorted({row for row, _ in sheet.cells})}
    for row, column in sheet.cells:
        by_row[row].append(column)
    parts: list[str | list[int]] = []
    for group in _runs(by_row):
        while not (sheet.is_one and any(isinstance(part, list) for part in parts)) and _begins_with_text(
            sheet, group, by_row
        ):
            parts.append(sheet.cells[group[0], by_row[group[0]][0]])
            group.pop(0)
        before = parts[-1] if parts else ""
        if group and isinstance(before, list) and _goes_on(sheet, before, group, by_row):
            before += group
        elif group:
            parts.append(group)
    for part in parts:
        yield Passage.of(part) if isinstance(part, str) else _grid(sheet, part, by_row)
    for (row, column), text in sorted(sheet.comments.items()):
        yield Passage.of(f"Comment on {column_letters(column)}{row + 1}: {text}")


def _runs(rows: Iterable[int]) -> Iterator[list[int]]:
    """Rows that follow each other, in ascending order."""
    run: list[int] = []
    for row in rows:
        if run and row > run[-1] + 1:
            yield run
            run = []
        run.append(row)
    if run:
        yield run


def _begins_with_text(sheet: _Sheet, group: Sequence[int], by_row: Mapping[int, list[int]]) -> bool:
    if not group or len(by_row[group[0]]) > 1:
        return False
    return len(group) == 1 or len(by_row[group[1]]) == 1 or _is_title(sheet, group[0], by_row)


def _goes_on(sheet: _Sheet, before: Sequence[int], group: Sequence[int], by_row: Mapping[int, list[int]]) -> bool:
    """Whether rows go on the table above an empty row: they stand in its columns and name none themselves."""
    if sheet.is_one:
        return True
    columns = {column for row in before for column in by_row[row]}
    texts = [[sheet.cells.get((row, column), "") for column in sorted(columns)] for row in group[:60]]
    inside = all(min(columns) <= column <= max(columns) for row in group for column in by_row[row])
    return group[0] == before[-1] + 2 and inside and not header_rows(texts)


def _is_title(sheet: _Sheet, row: int, by_row: Mapping[int, list[int]]) -> bool:
    """Whether a row of one cell names what stands below it: it is merged over it, or wider than a column is."""
    [column] = by_row[row]
    return (
        sheet.spans.get((row, column), (1, 1))[1] > 1
        or len(sheet.cells[row, column]) > 30
        or column < min(by_row[row + 1])
    )


def _grid(sheet: _Sheet, rows: Sequence[int], by_row: Mapping[int, list[int]]) -> Grid:
    used = sorted({column for row in rows for column in by_row[row]})
    if used[-1] - used[0] >= _SPARSE * len(used):  # cells far from each other stand beside each other
        columns = {column: n for n, column in enumerate(used)}
    else:
        columns = {column: column - used[0] for column in range(used[0], used[-1] + 1)}
    if not sheet.name:  # no one names the places of a file that has no sheets: its empty rows are left out
        sheet = replace(sheet, cells={(n, c): sheet.cells[row, c] for n, row in enumerate(rows) for c in by_row[row]})
        rows, by_row = range(len(rows)), dict(enumerate(by_row[row] for row in rows))
    top, last, left, right = rows[0], rows[-1], used[0], used[-1]
    taken: set[Place] = set()
    cells = []
    for row in rows:
        for column in sorted(by_row[row]):
            if (row, column) in taken:
                continue
            down, across = sheet.spans.get((row, column), (1, 1))
            down, across = min(down, last - row + 1), min(across, right - column + 1, len(columns) - columns[column])
            if down > 1 or across > 1:
                taken |= {(row + r, column + c) for r in range(down) for c in range(across)}
            cells.append(Cell(row - top, columns[column], sheet.cells[row, column], row_span=down, column_span=across))
    covered = {cell.row + n for cell in cells for n in range(cell.row_span)}
    cells += [Cell(row, 0, "") for row in range(last - top) if row not in covered]
    table = Table(tuple(cells), sheet=sheet.name, at=(top, left))
    table = replace(table, header_rows=_header_rows(table))
    place = f"{table.reference(0).partition(':')[0]}:{column_letters(right)}{last + 1}" if sheet.name else ""
    return Grid(table, place)


def _header_rows(table: Table) -> int:
    """One, or two where cells of the first row stand above several that are words."""
    grid = table.grid()[:60]
    texts = [[cell.text if cell else "" for cell in row] for row in grid]
    above_several = any(cell.column_span > 1 for cell in table.row(0))
    if above_several and len(texts) > 2 and not any(map(is_number, filter(None, texts[1]))):
        return 2
    return header_rows(texts) if len(texts) > 1 else 0

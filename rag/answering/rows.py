"""Rows of tables with their names: what a cell is called by its row and by its column, and where both stand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from octavo.ingest import Box, Element
from octavo.ingest.table import SEPARATOR, Table
from octavo.rag.answering.moments import time_of_cell

MAX_HEADER = 4
MAX_NAME = 4
"""Words of a column's name in a table that marks no header."""
FEWEST = 3
"""Columns that are counted at least, and others beside them."""
MOSTLY = 0.7
"""The share of a timetable's cells that are times of day."""
_DIGIT = re.compile(r"\d")
_DIGITS = re.compile(r"\d+")
_LETTERS = re.compile(r"[^\W\d_]+")
_BEGINS = re.compile(r"\W*(?:[A-Z]{3}\s)?\W*\d")
_TIME = re.compile(r"(?:[01]?\d|2[0-4])[:.][0-5]\d")
_VALUE = re.compile(r"[\W_]*\d[\d.,:%\s]*[\W_]*")
_PERIOD = re.compile(
    r"\b(?:19|20)\d\d\b|\b(?:Q[1-4]|[1-4]Q|FY ?\d\d)\b"
    r"|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.? \d{1,2}\b"
)


@dataclass(frozen=True, slots=True)
class NamedCell:
    """A cell below the names of its column, from the top; `box` may be the whole row's where its own is not known.

    `column` counts from 0.
    """

    names: tuple[str, ...]
    text: str
    box: Box
    heads: tuple[Box, ...] = ()
    column: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A row of data: its `label` is the text of its first cell. `line` counts the table's lines from 0.

    `above` are what stands in the header and in the last row that is only a label; `header` is the line that names
    the columns, -1 where none does.
    """

    line: int
    label: str
    cells: tuple[NamedCell, ...]
    above: str
    header: int

    @property
    def values(self) -> tuple[NamedCell, ...]:
        """The cells after the label."""
        return self.cells[1:]

    @property
    def is_field(self) -> bool:
        """True for a label and its value in a table without names of columns, as a form has them."""
        return len(self.cells) == 2 and not any(cell.names for cell in self.cells)

    @property
    def readable(self) -> str:
        """The row with the name of each column beside its cell.

        >>> box = Box(0, 0, 1, 1)
        >>> cells = (NamedCell((), "Revenue", box), NamedCell(("2022",), "1,402", box))
        >>> Row(1, "Revenue", cells, "", 0).readable
        'Revenue | 2022: 1,402'
        """
        return SEPARATOR.join([self.label, *(cell_text(cell) for cell in self.values if cell.text)])


def cell_text(cell: NamedCell) -> str:
    """Returns a cell with the name of its column: `2022: 1,402`."""
    name = " ".join(dict.fromkeys(cell.names))
    return f"{name}: {cell.text}" if name and name != cell.text else cell.text


def rows_of(element: Element) -> list[Row]:
    """Returns the rows of a table that hold data."""
    has_cells = element.table is not None and element.table.column_count > 1
    results = list(_from_cells(element, element.table) if has_cells and element.table else _from_lines(element))
    return results


def _with_header(table: Table) -> Table:
    """Returns the table, its first row as header if there is none and that row names columns.

    It does so right of an empty corner, or where its words stand above cells with numbers. A header of a title alone,
    which stands above all columns, is followed by the names of the columns.
    """
    if table.header_rows == 1 and _titles(table) and _names_all_columns(table, 1):
        return replace(table, header_rows=2)
    if table.header_rows or table.carried or table.row_count < 2:
        return table
    first = [cell for cell in table.row(0) if cell.text]
    is_corner = first and first[0].column > 0 and not any(_VALUE.fullmatch(cell.text) for cell in first)
    is_header = is_corner or _is_above_numbers(table) or _is_above_times(table)
    return replace(table, header_rows=1) if is_header else table


def _titles(table: Table) -> set[str]:
    """Returns the texts in a header that stand above all columns, and so name none."""
    cells = [cell for cell in table.cells if cell.row < table.header_rows and cell.text]
    return {cell.text for cell in cells if cell.column_span == table.column_count > 1}


def _names_all_columns(table: Table, row: int) -> bool:
    """Returns whether a row that others follow has another text without numbers in each of three columns or more."""
    texts = [cell.text for cell in table.row(row) if cell.text]
    is_full = len(set(texts)) == table.column_count > 2 and table.row_count > row + 2
    return is_full and not any(map(_VALUE.fullmatch, texts))


def _is_above_times(table: Table) -> bool:
    """Returns whether the first row has words, numbers or ordinals, all but the first above times of day: the runs.

    A column may have empty cells, dashes and times with a mark below, but for one time at least.
    """
    first, *names = [cell.text.strip() for cell in table.row(0) if cell.text.strip()] or [""]
    if len(names) < 2 or _DIGIT.search(first) or any(_TIME.search(name) for name in names):
        return False
    below = [cell for n in range(1, table.row_count) for cell in table.row(n) if cell.column]
    texts = [(cell.column, cell.text.strip()) for cell in below if cell.text.strip(" -–—|")]
    times = [column for column, text in texts if time_of_cell(text) is not None]
    return len(times) >= MOSTLY * len(texts) and len(set(times)) == len(names) == table.column_count - 1


def _is_above_numbers(table: Table) -> bool:
    """Returns whether the first row names all columns, one of them above numbers.

    Where names repeat or have digits, as in "Age 4–6", most columns are above numbers, and none looks like its name.
    Columns that are counted from 1, as those of a table of all against all, are no such names.
    """
    names = [cell.text for cell in table.row(0) if cell.text]
    if not len(names) == table.column_count > 1 or table.row_count < 3:
        return False
    below = [[cell for cell in table.row(n) if cell.text] for n in range(1, table.row_count)]
    columns = [[cell.text for row in below for cell in row if cell.column == n] for n in range(table.column_count)]
    if counted := _counted(names):
        columns = [texts for name, texts in zip(names, columns, strict=True) if name not in counted]
        names = [name for name in names if name not in counted]
    if any(_VALUE.fullmatch(name) or len(name.split()) > MAX_NAME for name in names):
        return False
    numeric = [_count_numbers(texts) > 0.7 * len(below) for texts in columns]
    if len(set(names)) == len(names) and not any(map(_DIGIT.search, names)):
        return any(numeric)
    shapes = [{_DIGITS.sub("0", text) for text in texts} for texts in columns]
    alike = any(_DIGITS.sub("0", name) in own for name, own in zip(names, shapes, strict=True))
    return not alike and 2 * sum(numeric) > len(numeric)


def _counted(names: Sequence[str]) -> list[str]:
    """Returns the names that count the columns from 1, beside at least as many others as `FEWEST`."""
    numbers = [name for name in names if name.isdecimal()]
    is_counted = len(numbers) >= FEWEST and numbers == [str(n) for n in range(1, len(numbers) + 1)]
    return numbers if is_counted and len(names) - len(numbers) >= FEWEST else []


def _count_numbers(texts: Sequence[str]) -> int:
    """Returns how many cells of a column are numbers: they begin with one, or have digits and look like another.

    >>> _count_numbers(["12 kg", "£5", "Room 3", "Room 9"]), _count_numbers(["by 2 coaches", "S. Lund", "AX-4", "9 km"])
    (4, 1)
    """
    shapes = Counter(_shape(text) for text in texts)
    return sum(bool(_BEGINS.match(text) or (_DIGIT.search(text) and shapes[_shape(text)] > 1)) for text in texts)


def _shape(text: str) -> str:
    return _LETTERS.sub("a", _DIGITS.sub("0", text.strip()))


def _from_cells(element: Element, table: Table) -> Iterator[Row]:
    table = _with_header(table)
    heads: dict[int, tuple[Box, ...]] = {}
    for cell in table.cells:
        if cell.row < table.header_rows and cell.text and cell.box.area:
            for column in range(cell.column, cell.column + cell.column_span):
                heads[column] = (*heads.get(column, ()), cell.box)
    top = " ".join(cell.text for cell in table.cells if cell.row < table.header_rows)
    titles, last = _titles(table), ""
    for n in range(table.header_rows, min(table.row_count, len(element.lines))):
        cells = [cell for cell in table.row(n) if cell.text]
        if not cells:
            continue
        if len(cells) == 1 and not (_DIGIT.search(cells[0].text) or table.column_count == 1):
            last = cells[0].text
            continue
        line = element.lines[n].box
        named_cells = [
            NamedCell(
                tuple(name for name in table.header(cell.column) if name not in titles),
                cell.text,
                cell.box if cell.box.area else line,
                heads.get(cell.column, ()),
                cell.column,
            )
            for cell in cells
        ]
        if cells[0].column:  # a row without a label of its own
            named_cells.insert(0, NamedCell((), last, line))
        yield Row(n, named_cells[0].text, tuple(named_cells), f"{top} {last}".strip(), table.header_rows - 1)


def _from_lines(element: Element) -> Iterator[Row]:
    lines = [(n, line.text, line.box) for n, line in enumerate(element.lines) if line.text.strip()]
    first = next(
        (n for n, (_, text, _) in enumerate(lines[: MAX_HEADER + 1]) if _holds_data(text)), min(1, len(lines) - 1)
    )
    header = max(lines[:first], key=lambda line: line[1].count(SEPARATOR), default=None)
    top = " ".join(text for _, text, _ in lines[:first])
    label = ""
    for n, text, box in lines[max(first, 0) :]:
        if names_columns(text):
            header = (n, text, box)
        elif SEPARATOR in text or _DIGIT.search(text) or len(lines) == 1:
            parts = [part.strip() for part in text.split(SEPARATOR)]
            names = _align(header[1].split(SEPARATOR) if header else [], len(parts))
            heads = (header[2],) if header else ()
            cells = tuple(
                NamedCell((name,) if name else (), part, box, heads, column)
                for column, (name, part) in enumerate(zip(names, parts, strict=True))
            )
            above = f"{top} {header[1] if header and header[1] not in top else ''} {label}"
            yield Row(n, parts[0], cells, " ".join(above.split()), header[0] if header else -1)
        else:
            label = text


def _align(names: Sequence[str], count: int) -> list[str]:
    """Returns the names of `count` cells: of all, or of all after the first; none where they do not fit."""
    stripped = [name.strip() for name in names]
    if len(stripped) == count:
        return ["" if n == 0 and not stripped[0] else name for n, name in enumerate(stripped)]
    return ["", *stripped] if len(stripped) == count - 1 else [""] * count


def _holds_data(row: str) -> bool:
    """Returns whether a row has a label and then a number that is no year or other period."""
    cells = row.split(SEPARATOR)
    return any(_DIGIT.search(_PERIOD.sub("", cell)) for cell in cells[1:] if not re.search(r"[^\W\d_]{4,}", cell))


def names_columns(row: str) -> bool:
    """Returns whether a row begins with a period or a unit and its only numbers are periods.

    >>> [names_columns(row) for row in ("(Millions) | 2018 | 2017", "June 30, 2023 | Total", "Founded | 1998 | 2003")]
    [True, True, False]
    """
    first = row.partition(SEPARATOR)[0]
    begins = first.startswith("(") or bool(_PERIOD.search(first))
    return begins and SEPARATOR in row and bool(_DIGIT.search(row)) and not _DIGIT.search(_PERIOD.sub("", row))

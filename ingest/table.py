"""Tables as cells: spans, header rows, a box for each cell, and the same as Markdown, HTML and CSV."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from octavo.ingest.model import Box, Element, Kind, Line

NOWHERE = Box(0, 0, 0, 0)
SEPARATOR = " | "


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table, on one line of text however often it wraps.

    `row` and `column` count from 0 and are the first that it covers; it covers `row_span` rows and `column_span`
    columns, each at least 1. `box` is where it stands on its page, in PDF points, and is empty where that is not known.

    >>> Cell(0, 1, "2018", column_span=2).row_span
    1
    """

    row: int
    column: int
    text: str
    box: Box = NOWHERE
    row_span: int = 1
    column_span: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """A table of one page: its cells row by row, none of which overlap; a place that no cell covers is empty.

    The first `header_rows` rows name the columns. Where a table `continues` one of the page before, `carried` are the
    names of its columns there, a path from the top for each column. A table of a spreadsheet knows its `sheet`, and
    `at` which row and column of it, from 0, its first cell stands.

    >>> table = Table.of([["Plant", "2019", "2020"], ["Larkfield", "1,204", "1,377"]], header_rows=1)
    >>> table.row_count, table.column_count, table.header(2)
    (2, 3, ('2020',))
    >>> [(table.header(cell.column), cell.text) for cell in table.row(1)][1:]
    [(('2019',), '1,204'), (('2020',), '1,377')]
    """

    cells: tuple[Cell, ...]
    header_rows: int = 0
    continues: bool = False
    carried: tuple[tuple[str, ...], ...] = ()
    sheet: str = ""
    at: tuple[int, int] = (0, 0)

    @classmethod
    def of(
        cls, rows: Iterable[Sequence[str]], header_rows: int = 0, sheet: str = "", at: tuple[int, int] = (0, 0)
    ) -> Table:
        """Returns a table without spans and boxes from the texts of its rows."""
        cells = tuple(Cell(r, c, text) for r, row in enumerate(rows) for c, text in enumerate(row))
        return cls(cells, header_rows, sheet=sheet, at=at)

    @property
    def row_count(self) -> int:
        return max((cell.row + cell.row_span for cell in self.cells), default=0)

    @property
    def column_count(self) -> int:
        return max((cell.column + cell.column_span for cell in self.cells), default=0)

    def grid(self) -> list[list[Cell | None]]:
        """Returns the cell that covers each place, row by row; `None` where there is none.

        >>> table = Table((Cell(0, 0, "Costs", column_span=2), Cell(1, 0, "Dam"), Cell(1, 1, "7")), header_rows=1)
        >>> [[cell.text for cell in row if cell] for row in table.grid()]
        [['Costs', 'Costs'], ['Dam', '7']]
        """
        columns = self.column_count
        grid: list[list[Cell | None]] = [[None] * columns for _ in range(self.row_count)]
        for cell in self.cells:
            for row in range(cell.row, cell.row + cell.row_span):
                for column in range(cell.column, cell.column + cell.column_span):
                    grid[row][column] = cell
        return grid

    def row(self, number: int) -> list[Cell]:
        """Returns the cells that cover a row, from the left, those that begin above it included."""
        return sorted(
            (cell for cell in self.cells if cell.row <= number < cell.row + cell.row_span),
            key=lambda cell: cell.column,
        )

    def header(self, column: int) -> tuple[str, ...]:
        """Returns the names of a column, from the top: ("2022", "Peak"). Empty where nothing does.

        >>> spanned = Table((Cell(0, 0, "2022", column_span=2), Cell(1, 0, "Peak"), Cell(1, 1, "Other")), 2)
        >>> spanned.header(0), spanned.header(1)
        (('2022', 'Peak'), ('2022', 'Other'))
        """
        above = [
            cell.text
            for cell in self.cells
            if cell.row < self.header_rows and cell.column <= column < cell.column + cell.column_span and cell.text
        ]
        if not self.header_rows and column < len(self.carried):
            return self.carried[column]
        return tuple(above)

    def reference(self, row: int) -> str:
        """Returns the cells of a spreadsheet that a row is, as its formulas name them; empty for any other table.

        >>> Table.of([["Plant", "Cost"], ["Moorend", "7"]], header_rows=1, sheet="Costs", at=(2, 1)).reference(1)
        'Costs!B4:C4'
        """
        if not self.sheet or (self.continues and row < self.header_rows):
            return ""
        name = self.sheet if self.sheet.isidentifier() else "'" + self.sheet.replace("'", "''") + "'"
        number, left = self.at[0] + row + 1, self.at[1]
        return f"{name}!{column_letters(left)}{number}:{column_letters(left + self.column_count - 1)}{number}"

    def lines(self) -> tuple[Line, ...]:
        """Returns each row as one line: the texts of its cells joined by ` | `, on the box around them.

        >>> [line.text for line in Table.of([["Plant", "Cost"], ["Moorend", "7"]], header_rows=1).lines()]
        ['Plant | Cost', 'Moorend | 7']
        """
        return tuple(self._line(number, cells) for number, cells in enumerate(self._rows()))

    def _rows(self) -> Iterator[list[Cell]]:
        for row in self.grid():
            yield list(dict.fromkeys(cell for cell in row if cell is not None))

    def _line(self, number: int, cells: Sequence[Cell]) -> Line:
        own = [cell.box for cell in cells if cell.row_span == 1 and cell.box.area]
        band = Box.around(own) if own else Box.around([cell.box for cell in cells] or [NOWHERE])
        boxes = [Box(cell.box.x0, band.y0, cell.box.x1, band.y1) for cell in cells if cell.box.area]
        texts = [cell.text for cell in cells if cell.text and (cell.row == number or number >= self.header_rows)]
        return Line(SEPARATOR.join(texts), Box.around(boxes) if boxes else band)

    def element(self, box: Box, index: int = 0) -> Element:
        """Returns the table as an element of its page: its rows as lines, its text, its Markdown.

        >>> element = Table.of([["Plant", "Cost"], ["Moorend", "7"]], header_rows=1).element(Box(72, 72, 300, 96))
        >>> element.kind, element.text
        (<Kind.TABLE: 'table'>, 'Plant | Cost\\nMoorend | 7')
        """
        lines = self.lines()
        text = "\n".join(line.text for line in lines)
        return Element(index, Kind.TABLE, box, text, lines, self.markdown(), table=self)

    # exports

    def markdown(self) -> str:
        """Returns the table in Markdown, which knows one header row and no spans.

        Header rows become one, each column with its whole path; a cell that covers several rows is said in each of
        them, one that covers several columns in the first. Empty where the table has fewer than two columns.

        >>> print(Table.of([["", "2018"], ["Cost", "7"]], header_rows=1).markdown())
        |  | 2018 |
        |---|---|
        | Cost | 7 |
        """
        columns = self.column_count
        if columns < 2:
            return ""
        header = [" ".join(dict.fromkeys(self.header(column))) for column in range(columns)]
        body = [
            [cell.text if cell and cell.column == column else "" for column, cell in enumerate(row)]
            for row in self.grid()[self.header_rows :]
        ]
        rows = ["| " + " | ".join(text.replace("|", "\\|") for text in row) + " |" for row in (header, *body)]
        return "\n".join([rows[0], "|" + "---|" * columns, *rows[1:]])

    def html(self) -> str:
        """Returns the table in HTML, with its spans, header cells as `<th>`.

        >>> Table((Cell(0, 0, "A & B", column_span=2), Cell(1, 0, "1"), Cell(1, 1, "2")), 1).html()
        '<table><tr><th colspan="2">A &amp; B</th></tr><tr><td>1</td><td>2</td></tr></table>'
        """
        rows = [
            "".join(
                _tag(cell, "th" if number < self.header_rows else "td")
                for column, cell in enumerate(row)
                if cell is None or (cell.row, cell.column) == (number, column)
            )
            for number, row in enumerate(self.grid())
        ]
        return "<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"

    def csv(self) -> str:
        """Returns the table as comma-separated values (RFC 4180), a spanning cell in the first place that it covers.

        >>> Table.of([["Plant", "Cost"], ["Moorend", "1,204"]]).csv()
        'Plant,Cost\\r\\nMoorend,"1,204"\\r\\n'
        """
        out = io.StringIO()
        writer = csv.writer(out)
        for number, row in enumerate(self.grid()):
            writer.writerow(
                cell.text if cell and (cell.row, cell.column) == (number, column) else ""
                for column, cell in enumerate(row)
            )
        return out.getvalue()


def column_letters(column: int) -> str:
    """Returns the letters of a spreadsheet's column, which counts from 0.

    >>> column_letters(0), column_letters(27)
    ('A', 'AB')
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def join_tables(parts: Sequence[Table]) -> Table:
    """Returns one table of parts that continue each other.

    A header that is repeated is left out. Boxes are on each page.

    >>> top = Table.of([["Plant", "Cost"], ["Moorend", "1"]], header_rows=1)
    >>> rest = Table.of([["Plant", "Cost"], ["Ashby", "2"]], header_rows=1)
    >>> join_tables([top, rest]).csv()
    'Plant,Cost\\r\\nMoorend,1\\r\\nAshby,2\\r\\n'
    """
    cells = list(parts[0].cells)
    count = parts[0].row_count
    for part in parts[1:]:
        moved = count - part.header_rows
        cells += [replace(cell, row=cell.row + moved) for cell in part.cells if cell.row >= part.header_rows]
        count += part.row_count - part.header_rows
    return replace(parts[0], cells=tuple(cells))


def _tag(cell: Cell | None, name: str) -> str:
    if cell is None:
        return f"<{name}></{name}>"
    spans = f' rowspan="{cell.row_span}"' if cell.row_span > 1 else ""
    spans += f' colspan="{cell.column_span}"' if cell.column_span > 1 else ""
    return f"<{name}{spans}>{html.escape(cell.text, quote=False)}</{name}>"

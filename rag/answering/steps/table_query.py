"""Rows of a table that a condition selects, and what the cells of a column come to: typed cells, each with its box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from octavo.rag.answering.quantities import decimal_sign, format_number, quantity
from octavo.rag.answering.rows import NamedCell, Row
from octavo.rag.answering.store.table_rows import ConditionError, Value, select_rows

Operation = Literal["list", "count", "sum", "avg", "min", "max"]
_LABEL = "Label"
"""The name of a first column that has none."""


@dataclass(frozen=True, slots=True)
class TableResult:
    """The cells of a column in the rows that a condition selects, and in words what they come to."""

    cells: tuple[NamedCell, ...]
    text: str


def query_table(rows: Sequence[Row], column: str, where: str, operation: Operation) -> TableResult:
    """Returns the cells of a column in the rows that meet a condition in SQL, and their list, number, sum or the like.

    Columns are called by their names, in any case; of cells with a number a condition compares the number. Raises
    `ConditionError` for a column that is not there, for a condition that SQLite cannot evaluate, and for a sum of
    cells without numbers.

    >>> from octavo.ingest import Box
    >>> box = Box(0, 0, 1, 1)
    >>> rows = [Row(n, city, (NamedCell(("City",), city, box), NamedCell(("Staff",), staff, box, column=1)), "", 0)
    ...         for n, (city, staff) in enumerate([("Oslo", "58"), ("Bergen", "31"), ("Narvik", "9")])]
    >>> query_table(rows, "staff", "Staff > 10", "sum").text
    'sum of Staff where Staff > 10: 89\\nOslo | Staff: 58\\nBergen | Staff: 31'
    """
    by_name = _columns(rows)
    name = next((own for own in by_name if own.casefold() == column.casefold()), None)
    if name is None:
        raise ConditionError(f"The table has no column {column!r}; columns: {', '.join(by_name)}.")
    decimal = decimal_sign("\n".join(row.readable for row in rows))
    values = {own: [_value(cell, decimal) for cell in cells] for own, cells in by_name.items()}
    chosen = select_rows(values, where)
    cells = [(rows[n], cell) for n in chosen if (cell := by_name[name][n]) is not None]
    result = _result([cell for _, cell in cells], operation, decimal)
    condition = f" where {where}" if where else ""
    lines = [f"{operation} of {name}{condition}: {result}", *(row.readable for row, _ in cells)]
    return TableResult(tuple(cell for _, cell in cells), "\n".join(lines))


def _columns(rows: Sequence[Row]) -> dict[str, list[NamedCell | None]]:
    """Returns the cells of each column by its name, `None` where a row has none."""
    names: dict[int, str] = {}
    for row in rows:
        for cell in row.cells:
            own = " ".join(dict.fromkeys(cell.names)) or (_LABEL if cell.column == 0 else f"Column {cell.column + 1}")
            is_free = own.casefold() not in map(str.casefold, names.values())
            names.setdefault(cell.column, own if is_free else f"{own} ({cell.column + 1})")
    cells = [{cell.column: cell for cell in row.cells} for row in rows]
    return {name: [of_row.get(column) for of_row in cells] for column, name in sorted(names.items(), key=_column)}


def _column(numbered: tuple[int, str]) -> int:
    return numbered[0]


def _value(cell: NamedCell | None, decimal: str) -> Value:
    if cell is None:
        return None
    number = quantity(cell.text, decimal=decimal)
    return number.amount if number and number.start == 0 else cell.text


def _result(cells: Sequence[NamedCell], operation: Operation, decimal: str) -> str:
    if operation == "list":
        return "; ".join(cell.text for cell in cells)
    if operation == "count":
        return str(len(cells))
    numbers = [number for cell in cells if (number := quantity(cell.text, decimal=decimal))]
    if not numbers:
        raise ConditionError(f"The cells that the condition selects hold no numbers, so they have no {operation}.")
    amounts = [number.amount for number in numbers]
    total = sum(amounts)
    result = {"sum": total, "avg": total / len(amounts), "min": min(amounts), "max": max(amounts)}[operation]
    places = max(number.places for number in numbers) + (2 if operation == "avg" else 0)
    units = {number.unit for number in numbers}
    return format_number(result, places, units.pop() if len(units) == 1 else "", decimal=decimal)

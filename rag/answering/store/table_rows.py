"""Rows of a table that meet a condition in SQL, evaluated in a database in memory that can do nothing else."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence

from octavo.ingest import OctavoError

STEPS = 200_000
"""Steps of SQLite's machine after which a condition is given up."""
LETTERS = 100_000
"""Letters of a value, of a cell or made by a function, up to which a condition is evaluated."""
_FUNCTION = re.compile(
    "abs|avg|coalesce|count|glob|ifnull|iif|instr|length|like|lower|ltrim|max|min|nullif|replace|round|rtrim|substr|"
    "substring|sum|total|trim|upper"
)
"""What a condition may call: nothing that takes memory or time beyond the cells."""

Value = float | str | None


class ConditionError(OctavoError):
    """A condition cannot be evaluated; the text names the columns that there are."""


def select_rows(columns: Mapping[str, Sequence[Value]], condition: str) -> list[int]:
    """Returns the places of the rows for which a condition holds, from 0; all where it is empty.

    Raises `ConditionError`.

    >>> select_rows({"City": ["Oslo", "Bergen"], "Staff": [58.0, 31.0]}, "Staff > 40 AND City LIKE 'o%'")
    [0]
    """
    place = "place" + "_" * max(map(len, columns))  # longer than any column's name, so none of them
    names = ", ".join(_quoted(name) for name in columns)
    rows = [*zip(*columns.values(), strict=True)]
    connection = sqlite3.connect(":memory:")
    try:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LETTERS)
        connection.execute(f"CREATE TABLE cells ({place} INTEGER PRIMARY KEY, {names})")
        numbered = [(n, *row) for n, row in enumerate(rows)]
        connection.executemany(f"INSERT INTO cells VALUES (?{', ?' * len(columns)})", numbered)
        connection.set_authorizer(_authorize)
        connection.set_progress_handler(lambda: 1, STEPS)
        places = {row[0] for row in connection.execute(f"SELECT {place} FROM cells WHERE (\n{condition or 'true'}\n)")}
        return [n for n in range(len(rows)) if n in places]
    except (sqlite3.Error, ValueError) as error:  # a ValueError is for letters that UTF-8 has no bytes for
        raise ConditionError(f"The condition {condition!r} cannot be evaluated ({error}); columns: {names}.") from error
    finally:
        connection.close()


def _authorize(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    """Allows to read the cells, by subqueries as well, and to call harmless functions."""
    is_allowed = (
        action == sqlite3.SQLITE_SELECT
        or (action == sqlite3.SQLITE_READ and first == "cells")
        or (action == sqlite3.SQLITE_FUNCTION and second and _FUNCTION.fullmatch(second))
    )
    return sqlite3.SQLITE_OK if is_allowed else sqlite3.SQLITE_DENY


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

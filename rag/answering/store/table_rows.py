"""Rows of a table that meet a condition in SQL, evaluated in a database in memory that can do nothing else."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

from octavo.ingest import OctavoError

STEPS = 200_000
"""Steps of SQLite's machine after which a condition is given up."""
_ALLOWED = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION})

Value = float | str | None


class ConditionError(OctavoError):
    """A condition cannot be evaluated; the text names the columns that there are."""


def select_rows(columns: Mapping[str, Sequence[Value]], condition: str) -> list[int]:
    """Returns the places of the rows for which a condition holds, from 0; all where it is empty.

    Raises `ConditionError`.

    >>> select_rows({"City": ["Oslo", "Bergen"], "Staff": [58.0, 31.0]}, "Staff > 40 AND City LIKE 'o%'")
    [0]
    """
    names = ", ".join(_quoted(name) for name in columns)
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute(f"CREATE TABLE cells ({names})")
        rows = zip(*columns.values(), strict=True)
        connection.executemany(f"INSERT INTO cells VALUES ({', '.join('?' * len(columns))})", rows)
        connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY)
        connection.set_progress_handler(lambda: 1, STEPS)
        found = connection.execute(f"SELECT rowid - 1 FROM cells WHERE {condition or 'true'} ORDER BY rowid")
        return [row[0] for row in found]
    except sqlite3.Error as error:
        raise ConditionError(f"The condition {condition!r} cannot be evaluated ({error}); columns: {names}.") from error
    finally:
        connection.close()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

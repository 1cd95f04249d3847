"""Copying all rows of one database into another that has the same tables, and where rows say that files are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from octavo.ingest import LibraryError
from octavo.ingest.store.database import Database
from octavo.ingest.store.rows import RowStore

_PATHS = ("files", "uploads", "jobs")
"""Tables with a path of a file of a user."""


@dataclass(frozen=True, slots=True)
class _Table:
    """A table with the columns that are copied; `order` is the one that its rows are read by.

    A number that the database itself gives to each row is not copied.
    """

    name: str
    columns: tuple[str, ...]
    order: str


def copy_rows(
    source: RowStore, target: RowStore, schema: Database, created: Collection[str] = (), *, replace: bool = False
) -> int:
    """Copies the rows of all tables of `schema` in one transaction; returns how many.

    With `replace` they take the place of those that are there. Without, the rows of `created` tables, which come with a
    database, stay, and a table that has as many rows already was copied before; raises `LibraryError` where it has
    others.
    """
    tables, copied = _tables(schema), 0
    with target.transaction() as connection:
        for table in reversed(tables if replace else []):
            connection.execute(f"DELETE FROM {table.name}")
        for table in tables:
            columns, values = ", ".join(table.columns), ", ".join("?" * len(table.columns))
            rows = source.connection.execute(f"SELECT {columns} FROM {table.name} ORDER BY {table.order}").fetchall()
            (there,) = connection.execute(f"SELECT count(*) FROM {table.name}").fetchone()
            if there and table.name not in created:
                if there == len(rows):
                    continue
                raise LibraryError(f"There are other {table.name} where they are to go: move into an empty database.")
            insert = f"INSERT INTO {table.name} ({columns}) VALUES ({values}) ON CONFLICT DO NOTHING"
            copied += sum(connection.execute(insert, row).rowcount for row in rows)
    return copied


def move_paths(database: RowStore, old: Path, new: Path) -> None:
    """Notes that files of users which lay below one folder lie below another one."""
    prefix = f"{old}/"
    with database.transaction() as connection:
        for table in _PATHS:
            connection.execute(
                f"UPDATE {table} SET path = :new || substr(path, :rest) WHERE substr(path, 1, :length) = :prefix",
                {"new": f"{new}/", "rest": len(prefix) + 1, "length": len(prefix), "prefix": prefix},
            )


def _tables(database: Database) -> list[_Table]:
    """Returns all tables of a database, those first that others refer to."""
    names = database.connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY rowid"
    ).fetchall()
    return [_table(database, name) for (name,) in names]


def _table(database: Database, name: str) -> _Table:
    columns = database.connection.execute("SELECT name, type, pk FROM pragma_table_info(?)", (name,)).fetchall()
    keys = [(column, kind) for column, kind, key in columns if key]
    number = keys[0][0] if len(keys) == 1 and keys[0][1] == "INTEGER" else ""
    copied = tuple(column for column, _, _ in columns if column != number)
    return _Table(name, copied, number or copied[0])

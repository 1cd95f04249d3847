"""The places of entries' token vectors: rows of a file, for each model that makes a vector for each token."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence

from octavo.rag.entry import EntryId
from octavo.rag.index.store.selection import ANY


def write(connection: sqlite3.Connection, model: str, file: str, rows: Iterable[tuple[str, int, int]]) -> None:
    """Notes that rows of a file are those of entries, given as (id, first row, number of rows)."""
    connection.executemany(
        "INSERT OR REPLACE INTO tokens SELECT ?, rowid, ?, ?, ? FROM entries WHERE id = ?",
        [(model, file, start, count, identity) for identity, start, count in rows],
    )


def of_entries(
    connection: sqlite3.Connection, model: str, ids: Sequence[EntryId]
) -> list[tuple[EntryId, str, int, int]]:
    """Returns (id, file, first row, number of rows) of those entries that have token vectors."""
    query = (
        "SELECT e.id, file, start, count FROM entries e JOIN tokens ON entry = e.rowid AND model = ?"
        f" WHERE e.id {ANY} AND count > 0"
    )
    rows = connection.execute(query, (model, json.dumps(ids)))
    return [(EntryId(identity), file, start, count) for identity, file, start, count in rows]


def has_any(connection: sqlite3.Connection) -> bool:
    """Returns whether any entry has token vectors."""
    return connection.execute("SELECT 1 FROM tokens LIMIT 1").fetchone() is not None


def rows_of(connection: sqlite3.Connection, file: str) -> int:
    """Returns how many rows a file has."""
    query = "SELECT coalesce(max(start + count), 0) FROM tokens WHERE file = ?"
    return int(connection.execute(query, (file,)).fetchone()[0])


def delete_others(connection: sqlite3.Connection, model: str) -> None:
    """Deletes what is noted for other models."""
    connection.execute("DELETE FROM tokens WHERE model != ?", (model,))


def files(connection: sqlite3.Connection) -> set[str]:
    """Returns the files that are in use."""
    return {row[0] for row in connection.execute("SELECT DISTINCT file FROM tokens")}

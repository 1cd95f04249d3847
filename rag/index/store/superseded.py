"""The entries that an engine which copies the vectors has still to take up or to delete."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple


class Backlog(NamedTuple):
    """Numbers of entries: of all, of those after the last that the engine has, and of its own that are gone."""

    entries: int
    waiting: int
    gone: int


def supersede(connection: sqlite3.Connection, document: str) -> None:
    """Notes that the copied vectors of a document no longer count; called before its rows are deleted."""
    connection.execute(
        "INSERT OR IGNORE INTO superseded SELECT document, count(*) FROM entries WHERE document = ? GROUP BY 1",
        (document,),
    )


def documents(connection: sqlite3.Connection) -> list[str]:
    """Returns the documents whose copied vectors no longer count."""
    return [row[0] for row in connection.execute("SELECT document FROM superseded ORDER BY document")]


def settle(connection: sqlite3.Connection, documents: Sequence[str]) -> None:
    """Notes that the engine has no vectors of superseded documents any more."""
    connection.executemany("DELETE FROM superseded WHERE document = ?", [(document,) for document in documents])


def settle_all(connection: sqlite3.Connection) -> None:
    """Notes that the engine has nothing any more."""
    connection.execute("DELETE FROM superseded")


def behind(connection: sqlite3.Connection, last: int) -> int:
    """Returns how many entries an engine that covers those up to `last` has still to take up or to delete."""
    query = "SELECT (SELECT count(*) FROM entries WHERE rowid > ?) + (SELECT coalesce(sum(entries), 0) FROM superseded)"
    return int(connection.execute(query, (last,)).fetchone()[0])


def backlog(connection: sqlite3.Connection, last: int) -> Backlog:
    """Returns what an engine that covers the entries up to `last` has still to take up."""
    row = connection.execute(
        "SELECT (SELECT count(*) FROM entries), (SELECT count(*) FROM entries WHERE rowid > ?),"
        " (SELECT coalesce(sum(entries), 0) FROM superseded)",
        (last,),
    ).fetchone()
    return Backlog(*row)

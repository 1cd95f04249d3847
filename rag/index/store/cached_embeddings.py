"""Vectors of a document that is being embedded, by a hash of the content of its entries."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence

from octavo.rag.index.store.selection import ANY


def load(connection: sqlite3.Connection, keys: Sequence[str]) -> dict[str, bytes]:
    """Returns the float32 bytes of those keys that are kept."""
    rows = connection.execute(f"SELECT key, matrix FROM embedding_cache WHERE key {ANY}", (json.dumps(keys),))
    return dict(rows.fetchall())


def write(connection: sqlite3.Connection, rows: Iterable[tuple[str, str, bytes]]) -> None:
    """Keeps float32 bytes, given as (key, document, bytes)."""
    connection.executemany("INSERT OR REPLACE INTO embedding_cache VALUES (?, ?, ?)", rows)


def delete(connection: sqlite3.Connection, document: str = "") -> None:
    """Deletes what is kept of a document, or of all."""
    connection.execute("DELETE FROM embedding_cache WHERE ? IN ('', document)", (document,))

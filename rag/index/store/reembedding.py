"""Vectors by another model, made beside those in use until all of them are there."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import numpy as np

from octavo.rag.embedding import Vectors
from octavo.rag.index.store.codes import rebuild_codes
from octavo.rag.index.store.superseded import settle_all


def begin(connection: sqlite3.Connection) -> None:
    """Makes an empty table for the new vectors, in place of one that another model did not finish."""
    connection.execute("DROP TABLE IF EXISTS renewed")
    connection.execute(
        "CREATE TABLE renewed (entry INTEGER PRIMARY KEY REFERENCES entries ON DELETE CASCADE, vector BLOB NOT NULL)"
    )


def is_done(connection: sqlite3.Connection, document: str) -> bool:
    """Returns whether all entries of a document have their new vector."""
    missing = "SELECT 1 FROM entries WHERE document = ? AND rowid NOT IN (SELECT entry FROM renewed)"
    return connection.execute(missing, (document,)).fetchone() is None


def write(connection: sqlite3.Connection, ids: Sequence[str], vectors: Vectors) -> None:
    """Writes new vectors of entries, a row each."""
    connection.executemany(
        "INSERT OR REPLACE INTO renewed SELECT rowid, ? FROM entries WHERE id = ?",
        [(row.tobytes(), identity) for row, identity in zip(vectors.astype(np.float16), ids, strict=True)],
    )


def finish(connection: sqlite3.Connection, documents: Sequence[str]) -> None:
    """Puts the new vectors in place of the old ones, with the codes of all documents."""
    connection.execute("DELETE FROM vectors")
    connection.execute("INSERT INTO vectors SELECT entry, vector FROM renewed")
    connection.execute("DROP TABLE renewed")
    settle_all(connection)
    rebuild_codes(connection, documents)

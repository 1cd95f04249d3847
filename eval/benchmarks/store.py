"""SQL of the benchmarks: rows of made-up documents, written in bulk into a library's database."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from octavo.ingest.store.library import Library

EntryRow = tuple[str, str, str, int, int, str, str, str]
"""An entry's id, document, level, first and last page, heading, text and analyzed terms."""


def add_documents(connection: sqlite3.Connection, identities: Iterable[str], pages: int) -> None:
    """Writes documents of `pages` pages each, and the paths that hold them."""
    documents = [(identity, f"{identity}.pdf", f"/made-up/{identity}.pdf", pages) for identity in identities]
    connection.executemany(
        "INSERT INTO documents (id, name, title, media_type, path, page_count, outline, problems, added_at)"
        " VALUES (?, ?, '', 'application/pdf', ?, ?, '[]', '[]', '2026-01-01T00:00:00+00:00')",
        documents,
    )
    connection.executemany("INSERT INTO paths VALUES (?, ?)", [(path, identity) for identity, _, path, _ in documents])


def add_entries(connection: sqlite3.Connection, rows: Sequence[EntryRow], vectors: NDArray[np.float16]) -> int:
    """Writes entries with their vectors, shape (rows, dimension), float16; returns the number of the first."""
    first = int(connection.execute("SELECT coalesce(max(rowid), 0) FROM entries").fetchone()[0]) + 1
    connection.executemany(
        "INSERT INTO entries (id, document, level, page, last_page, number, heading, text, text_terms, heading_terms,"
        " regions) VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, '', '[]')",
        rows,
    )
    connection.executemany("INSERT INTO vectors VALUES (?, ?)", zip(itertools.count(first), map(bytes, vectors)))
    return first


def advance_generation(connection: sqlite3.Connection) -> None:
    """Counts a change of the library, so that what was computed from its rows is computed again."""
    generation = "SELECT coalesce((SELECT value FROM meta WHERE key = 'generation'), 0) + 1"
    connection.execute(f"INSERT OR REPLACE INTO meta VALUES ('generation', ({generation}))")


def truncate_log(library: Library) -> None:
    """Moves the write-ahead log into the database's file, so that its size is that of the library."""
    library.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def compact(library: Library) -> None:
    """Gives back the room of deleted rows."""
    library.connection.execute("VACUUM")
    truncate_log(library)

"""The tables of a library, as numbered migrations: `PRAGMA user_version` counts those that were applied."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from octavo.ingest.errors import LibraryError

MIGRATIONS = (
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE documents (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, title TEXT NOT NULL, media_type TEXT NOT NULL, path TEXT NOT NULL,
        page_count INTEGER NOT NULL, outline TEXT NOT NULL, problems TEXT NOT NULL, added_at TEXT NOT NULL
    );
    CREATE TABLE paths (
        path TEXT PRIMARY KEY, document TEXT NOT NULL REFERENCES documents ON DELETE CASCADE
    );
    CREATE INDEX paths_by_document ON paths (document);
    CREATE TABLE pages (
        document TEXT NOT NULL REFERENCES documents ON DELETE CASCADE, number INTEGER NOT NULL,
        width REAL NOT NULL, height REAL NOT NULL,
        image TEXT NOT NULL, image_width INTEGER NOT NULL, image_height INTEGER NOT NULL,
        label TEXT NOT NULL, text TEXT NOT NULL, source TEXT NOT NULL, notes TEXT NOT NULL,
        hidden INTEGER NOT NULL, problem TEXT NOT NULL,
        PRIMARY KEY (document, number)
    );
    CREATE INDEX pages_by_image ON pages (image);
    CREATE TABLE elements (
        document TEXT NOT NULL, page INTEGER NOT NULL, number INTEGER NOT NULL,
        kind TEXT NOT NULL, x0 REAL NOT NULL, y0 REAL NOT NULL, x1 REAL NOT NULL, y1 REAL NOT NULL,
        text TEXT NOT NULL, lines TEXT NOT NULL, markdown TEXT NOT NULL, about INTEGER,
        PRIMARY KEY (document, page, number),
        FOREIGN KEY (document, page) REFERENCES pages ON DELETE CASCADE
    );
    CREATE TABLE chunks (
        document TEXT NOT NULL REFERENCES documents ON DELETE CASCADE, number INTEGER NOT NULL,
        section TEXT NOT NULL, text TEXT NOT NULL, regions TEXT NOT NULL,
        PRIMARY KEY (document, number)
    );
    """,
    """
    ALTER TABLE elements ADD COLUMN cells TEXT NOT NULL DEFAULT '';
    """,
)


def version(connection: sqlite3.Connection, file: Path) -> int:
    """How many migrations a library has; raises `LibraryError` for one made by a newer version."""
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found > len(MIGRATIONS):
        raise LibraryError(f"{file} was made by a newer Octavo: update Octavo, or use another library folder.")
    return int(found)


def migrate(connection: sqlite3.Connection, file: Path) -> None:
    """Brings a library to this version, each step whole or not at all; one process at a time."""
    for number, script in enumerate(MIGRATIONS[version(connection, file) :], version(connection, file) + 1):
        connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number}; COMMIT;")

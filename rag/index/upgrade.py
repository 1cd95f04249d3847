"""Brings libraries that were made during development to the first released form; to be deleted before the release."""

from __future__ import annotations

import sqlite3

from ingest.library import Library

_COLUMNS = (
    "rowid, id, document, level, page, last_page, number, kind, heading, text, regions, heading_terms, text_terms"
)


def upgrade(library: Library, found: str, script: str, levels: tuple[str, ...], version: str) -> None:
    """From index version 1: no document states, rows that are never numbered again, vectors in a table of their own.

    From version 2: a larger index on places, and how many entries were superseded.
    """
    connection = library.connection
    connection.execute("PRAGMA foreign_keys=OFF")
    connection.execute("PRAGMA legacy_alter_table=ON")
    try:
        with library.transaction():
            if found == "1":
                _upgrade(connection, script, levels)
            else:
                connection.execute("DROP TABLE superseded")
                connection.execute("DROP INDEX IF EXISTS entries_by_level")
                connection.execute("DROP INDEX entries_by_place")
                for statement in script.split(";"):
                    if "superseded (" in statement or "entries_by_place" in statement:
                        connection.execute(statement)
                library.set("chroma", "[]")
            library.set("index", version)
    finally:
        connection.execute("PRAGMA legacy_alter_table=OFF")
        connection.execute("PRAGMA foreign_keys=ON")


def _upgrade(connection: sqlite3.Connection, script: str, levels: tuple[str, ...]) -> None:
    for level in levels:
        connection.execute(f"DROP TABLE {level}_vocabulary")
        connection.execute(f"DROP TABLE {level}_words")
        connection.execute(f"DROP VIEW {level}_entries")
    connection.execute("ALTER TABLE entries RENAME TO old_entries")
    vectors = "SELECT rowid, vector FROM old_entries WHERE vector IS NOT NULL"
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'vectors'").fetchone():
        connection.execute("ALTER TABLE vectors RENAME TO old_vectors")
        vectors = "SELECT entry, vector FROM old_vectors"
    for index in ("entries_by_place", "entries_by_level"):
        connection.execute(f"DROP INDEX IF EXISTS {index}")
    for statement in script.split(";"):
        connection.execute(statement)
    ready = "WHERE document IN (SELECT id FROM documents WHERE state = 'ready')"
    connection.execute(f"INSERT INTO entries ({_COLUMNS}) SELECT {_COLUMNS} FROM old_entries {ready}")
    connection.execute(f"INSERT INTO vectors SELECT * FROM ({vectors})")
    connection.execute("DELETE FROM vectors WHERE entry NOT IN (SELECT rowid FROM entries)")
    for table in ("paths", "pages", "elements", "chunks"):
        connection.execute(
            f"DELETE FROM {table} WHERE document NOT IN (SELECT id FROM documents WHERE state = 'ready')"
        )
    connection.execute("DELETE FROM documents WHERE state != 'ready'")
    connection.execute("ALTER TABLE documents DROP COLUMN state")
    for level in levels:
        connection.execute(
            f"INSERT INTO {level}_words (rowid, heading_terms, text_terms)"
            " SELECT rowid, heading_terms, text_terms FROM entries WHERE level = ?",
            (level,),
        )
    connection.execute("DROP TABLE IF EXISTS old_vectors")
    connection.execute("DROP TABLE old_entries")
    connection.execute("DELETE FROM meta WHERE key IN ('unfinished', 'chroma')")

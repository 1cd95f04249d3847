"""The tables of a library, as numbered migrations: `PRAGMA user_version` counts those that were applied."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from octavo.ingest.errors import LibraryError

WORD_LEVELS = ("page", "element", "chunk")
"""The levels whose entries are searched by words."""

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
    # AUTOINCREMENT: entries that come later have larger numbers, also when the last ones were deleted. `superseded`
    # are documents that Chroma still has and the library does not, or not as they were, with the number of their
    # entries. Terms are joined by spaces, and FTS5's `ascii` tokenizer keeps every letter outside ASCII as it is.
    # `codes` are the signs of a document's vectors at one level: `entries` its entry numbers (int64), `bits` a row of
    # packed bits each. Libraries made before this migration have some of the tables already.
    """
    ALTER TABLE documents ADD COLUMN reading INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE documents ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}';
    UPDATE documents SET reading = coalesce((SELECT value FROM meta WHERE key = 'reading ' || id), 0);
    DELETE FROM meta WHERE key LIKE 'reading %';
    CREATE TABLE IF NOT EXISTS entries (
        rowid INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
        document TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
        level TEXT NOT NULL, page INTEGER NOT NULL, last_page INTEGER NOT NULL,
        number INTEGER NOT NULL, kind TEXT,
        heading TEXT NOT NULL, text TEXT NOT NULL, regions TEXT NOT NULL,
        heading_terms TEXT NOT NULL, text_terms TEXT NOT NULL
    );
    CREATE INDEX IF NOT EXISTS entries_by_place ON entries (document, level, page, last_page, kind);
    CREATE TABLE IF NOT EXISTS vectors (
        entry INTEGER PRIMARY KEY REFERENCES entries ON DELETE CASCADE, vector BLOB NOT NULL
    );
    CREATE TABLE codes (
        id INTEGER PRIMARY KEY AUTOINCREMENT, document TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
        level TEXT NOT NULL, entries BLOB NOT NULL, bits BLOB NOT NULL
    );
    CREATE INDEX codes_by_document ON codes (document);
    CREATE TABLE IF NOT EXISTS superseded (document TEXT PRIMARY KEY, entries INTEGER NOT NULL) WITHOUT ROWID;
    """
    + "".join(
        f"""
    CREATE VIEW IF NOT EXISTS {level}_entries AS
        SELECT rowid, heading_terms, text_terms FROM entries WHERE level = '{level}';
    CREATE VIRTUAL TABLE IF NOT EXISTS {level}_words USING fts5 (heading_terms, text_terms,
        content = '{level}_entries', content_rowid = 'rowid', tokenize = "ascii tokenchars '.'");
    CREATE VIRTUAL TABLE IF NOT EXISTS {level}_vocabulary USING fts5vocab ({level}_words, row);
    """
        for level in WORD_LEVELS
    )
    + """
    CREATE TABLE IF NOT EXISTS kept (
        key TEXT PRIMARY KEY, document TEXT NOT NULL, matrix BLOB NOT NULL
    ) WITHOUT ROWID;
    ALTER TABLE kept RENAME TO embedding_cache;
    CREATE TABLE IF NOT EXISTS tokens (
        model TEXT NOT NULL, entry INTEGER NOT NULL REFERENCES entries ON DELETE CASCADE,
        file TEXT NOT NULL, start INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (entry, model)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS descriptions (
        picture TEXT, model TEXT, text TEXT NOT NULL, PRIMARY KEY (picture, model)
    ) WITHOUT ROWID;
    CREATE TABLE calibrations (
        scorer TEXT NOT NULL, level TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (scorer, level)
    ) WITHOUT ROWID;
    INSERT INTO calibrations
        SELECT substr(key, instr(substr(key, 13), ' ') + 13), substr(key, 13, instr(substr(key, 13), ' ') - 1), value
        FROM meta WHERE key LIKE 'calibration %';
    DELETE FROM meta WHERE key = 'index' OR key LIKE 'calibration %';
    """,
    # `instances` tell where each term stands, from FTS5's own postings.
    "".join(
        f"CREATE VIRTUAL TABLE {level}_instances USING fts5vocab ({level}_words, instance);" for level in WORD_LEVELS
    ),
    # Terms are stemmed as in the language of the page; those of libraries that were made before are English.
    """
    ALTER TABLE entries ADD COLUMN language TEXT NOT NULL DEFAULT 'en';
    CREATE INDEX entries_by_language ON entries (language) WHERE language != 'en';
    """,
    # Pages of documents that are still being read; `document` is the id of their content, which is in no other table.
    """
    CREATE TABLE checkpoints (
        document TEXT NOT NULL, reading TEXT NOT NULL, number INTEGER NOT NULL,
        page TEXT NOT NULL, image TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (document, reading, number)
    );
    CREATE INDEX checkpoints_by_image ON checkpoints (image);
    """,
    # `roles` are the financial statements that a page is, joined by commas.
    """
    ALTER TABLE entries ADD COLUMN roles TEXT NOT NULL DEFAULT '';
    CREATE INDEX entries_with_roles ON entries (document) WHERE roles != '';
    """,
    # What BM25 has to know of all entries where an engine holds their words: by term and level, and by level.
    """
    CREATE TABLE term_counts (
        level TEXT NOT NULL, term TEXT NOT NULL, entries INTEGER NOT NULL, PRIMARY KEY (level, term)
    ) WITHOUT ROWID;
    CREATE TABLE level_totals (
        level TEXT PRIMARY KEY, entries INTEGER NOT NULL, terms INTEGER NOT NULL
    ) WITHOUT ROWID;
    """,
    # Concepts of the users' own; `aliases` is a JSON list, `words` are those that are read in a picture.
    """
    CREATE TABLE concepts (
        id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL COLLATE NOCASE UNIQUE, aliases TEXT NOT NULL,
        category TEXT NOT NULL, note TEXT NOT NULL
    );
    CREATE TABLE concept_pictures (
        concept INTEGER NOT NULL REFERENCES concepts ON DELETE CASCADE, number INTEGER NOT NULL,
        picture BLOB NOT NULL, words TEXT NOT NULL, PRIMARY KEY (concept, number)
    ) WITHOUT ROWID;
    """,
)


def version(connection: sqlite3.Connection, file: Path, scripts: Sequence[str]) -> int:
    """Returns how many migrations a library has; raises `LibraryError` for one made by a newer version."""
    (result,) = connection.execute("PRAGMA user_version").fetchone()
    if result > len(scripts):
        raise LibraryError(
            f"{file} was made by a newer Octavo: update Octavo, or use another library folder.", path=file
        )
    return int(result)


def migrate(connection: sqlite3.Connection, file: Path, scripts: Sequence[str]) -> None:
    """Brings a library to this version, each step whole or not at all; one process at a time."""
    done = version(connection, file, scripts)
    for number, script in enumerate(scripts[done:], done + 1):
        connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number}; COMMIT;")

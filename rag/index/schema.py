"""The index's tables in the library's database: entries, and FTS5 over their terms, one table for each level."""

from __future__ import annotations

from ingest import LibraryError
from ingest.library import Library

VERSION = "1"
LEVELS = ("page", "element", "chunk")

_ENTRIES = """
CREATE TABLE entries (
    rowid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
    document TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
    level TEXT NOT NULL, page INTEGER NOT NULL, last_page INTEGER NOT NULL,
    number INTEGER NOT NULL, kind TEXT,
    heading TEXT NOT NULL, text TEXT NOT NULL, regions TEXT NOT NULL,
    heading_terms TEXT NOT NULL, text_terms TEXT NOT NULL
);
CREATE TABLE vectors (entry INTEGER PRIMARY KEY REFERENCES entries ON DELETE CASCADE, vector BLOB NOT NULL);
CREATE INDEX entries_by_place ON entries (document, level, page, last_page);
CREATE INDEX entries_by_level ON entries (level);
"""
_WORDS = """
CREATE VIEW {0}_entries AS SELECT rowid, heading_terms, text_terms FROM entries WHERE level = '{0}';
CREATE VIRTUAL TABLE {0}_words USING fts5 (heading_terms, text_terms, content = '{0}_entries',
    content_rowid = 'rowid', tokenize = "unicode61 remove_diacritics 0 tokenchars '.'");
CREATE VIRTUAL TABLE {0}_vocabulary USING fts5vocab ({0}_words, row);
"""


def prepare(library: Library) -> None:
    """Makes the tables where they are absent; raises `LibraryError` when a newer version made them."""
    found = library.get("index")
    if found == VERSION:
        return
    if found is not None:
        raise LibraryError(
            f"The index of {library.folder} is of version {found}: this Octavo knows {VERSION}; update it."
        )
    with library.writer():
        if library.get("index") is None:
            script = _ENTRIES + "".join(_WORDS.format(level) for level in LEVELS)
            script += f"INSERT INTO meta VALUES ('index', '{VERSION}');"
            library.connection.executescript(f"BEGIN IMMEDIATE; {script} COMMIT;")

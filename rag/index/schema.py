"""The index's tables in the library's database: entries, their vectors, and FTS5 over their terms at three levels."""

from __future__ import annotations

from octavo.ingest import LibraryError
from octavo.ingest.store.library import Library

VERSION = "3"
LEVELS = ("page", "element", "chunk")

# AUTOINCREMENT: rows that come later have larger numbers, also when the last ones were deleted. `superseded` are
# documents that Chroma still has and the library does not, or not as they were, with the number of their entries.
_ENTRIES = """
CREATE TABLE entries (
    rowid INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    document TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
    level TEXT NOT NULL, page INTEGER NOT NULL, last_page INTEGER NOT NULL,
    number INTEGER NOT NULL, kind TEXT,
    heading TEXT NOT NULL, text TEXT NOT NULL, regions TEXT NOT NULL,
    heading_terms TEXT NOT NULL, text_terms TEXT NOT NULL
);
CREATE INDEX entries_by_place ON entries (document, level, page, last_page, kind);
CREATE TABLE vectors (entry INTEGER PRIMARY KEY REFERENCES entries ON DELETE CASCADE, vector BLOB NOT NULL);
CREATE TABLE superseded (document TEXT PRIMARY KEY, entries INTEGER NOT NULL) WITHOUT ROWID;
"""
# terms are joined by spaces, and FTS5's `ascii` tokenizer keeps every letter outside ASCII as it is
_WORDS = """
CREATE VIEW {0}_entries AS SELECT rowid, heading_terms, text_terms FROM entries WHERE level = '{0}';
CREATE VIRTUAL TABLE {0}_words USING fts5 (heading_terms, text_terms, content = '{0}_entries',
    content_rowid = 'rowid', tokenize = "ascii tokenchars '.'");
CREATE VIRTUAL TABLE {0}_vocabulary USING fts5vocab ({0}_words, row);
"""


def prepare(library: Library) -> None:
    """Makes the tables where they are absent; raises `LibraryError` when another version made them."""
    if library.get("index") == VERSION:
        return
    with library.writer():
        found = library.get("index")
        if found is None:
            script = _ENTRIES + "".join(_WORDS.format(level) for level in LEVELS)
            script += f"INSERT INTO meta VALUES ('index', '{VERSION}');"
            library.connection.executescript(f"BEGIN IMMEDIATE; {script} COMMIT;")
        elif found != VERSION:
            raise LibraryError(
                f"The index of {library.folder} is of version {found}, and this Octavo knows {VERSION}: ingest the "
                "documents into a new library, or use the Octavo that made this one."
            )

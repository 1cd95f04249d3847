"""Words of entries in SQLite's FTS5: written with a document, and read as postings and counts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from octavo.ingest.store.migrations import WORD_LEVELS
from octavo.rag.entry import EntryId, Level, Scope
from octavo.rag.index.store.selection import ANY, scope_sql


class Totals(NamedTuple):
    """The number of entries of a level, and of the terms that they hold together, headings included."""

    entries: int
    terms: int


def write(connection: sqlite3.Connection, document: str) -> None:
    """Adds the words of a document's entries."""
    for level in WORD_LEVELS:
        connection.execute(
            f"INSERT INTO {level}_words (rowid, heading_terms, text_terms)"
            " SELECT rowid, heading_terms, text_terms FROM entries WHERE document = ? AND level = ?",
            (document, level),
        )


def delete(connection: sqlite3.Connection, document: str) -> None:
    """Takes the words of a document's entries out of FTS5, which needs them as they were added."""
    for level in WORD_LEVELS:
        connection.execute(
            f"INSERT INTO {level}_words ({level}_words, rowid, heading_terms, text_terms)"
            " SELECT 'delete', rowid, heading_terms, text_terms FROM entries WHERE document = ? AND level = ?",
            (document, level),
        )


def clear(connection: sqlite3.Connection) -> None:
    """Takes all words out of FTS5."""
    for level in WORD_LEVELS:
        connection.execute(f"INSERT INTO {level}_words ({level}_words) VALUES ('delete-all')")


def rebuild(connection: sqlite3.Connection) -> None:
    """Adds the words of all entries to FTS5 again."""
    for level in WORD_LEVELS:
        connection.execute(f"INSERT INTO {level}_words ({level}_words) VALUES ('rebuild')")


def totals(connection: sqlite3.Connection, level: Level) -> Totals:
    """Reads FTS5's averages record: varints of the number of rows, then of the terms in each column.

    It is row 1 of the `%_data` table (https://www.sqlite.org/fts5.html, "FTS5 Data Structures").
    """
    row = connection.execute(f"SELECT block FROM {level}_words_data WHERE id = 1").fetchone()
    entries, *terms = _varints(row[0]).tolist() if row and row[0] else [0]
    return Totals(entries, sum(terms))


def lengths(connection: sqlite3.Connection, level: Level, after: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Returns the numbers of a level's entries that come after one, ascending, and how many terms each holds."""
    query = f"SELECT group_concat(id), group_concat(hex(sz), '') FROM {level}_words_docsize WHERE id > ?"
    numbers, sizes = connection.execute(query, (after,)).fetchone()
    entries = np.fromstring(numbers or "", dtype=np.int64, sep=",")
    terms = _varints(bytes.fromhex(sizes or "")).reshape(-1, 2).sum(axis=1)
    return entries, terms


def postings(connection: sqlite3.Connection, level: Level, term: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Returns where a term stands: an entry's number for each time, ascending, and whether it is in its heading."""
    query = f"SELECT group_concat(doc * 2 + (col = 'heading_terms')) FROM {level}_instances WHERE term = ?"
    (text,) = connection.execute(query, (term,)).fetchone()
    result = np.fromstring(text or "", dtype=np.int64, sep=",")
    return result >> 1, (result & 1).astype(bool)


def frequencies(connection: sqlite3.Connection, level: Level, terms: Iterable[str]) -> dict[str, int]:
    """Returns how many entries of a level hold each term."""
    unique = list(dict.fromkeys(terms))
    rows = connection.execute(f"SELECT term, doc FROM {level}_vocabulary WHERE term {ANY}", (json.dumps(unique),))
    return dict.fromkeys(unique, 0) | dict(rows.fetchall())


def texts(connection: sqlite3.Connection, level: Level, scope: Scope) -> Iterable[tuple[EntryId, str, str]]:
    """Yields the id of each entry of a level in a scope, with the terms of its heading and of its text."""
    where, limits = scope_sql(scope, level)
    inside = f"SELECT e.rowid FROM entries e WHERE level = ? {where}"  # answered by the index on places alone
    query = f"SELECT id, heading_terms, text_terms FROM entries WHERE rowid IN ({inside}) ORDER BY rowid"
    for identity, heading, text in connection.execute(query, (str(level), *limits)):
        yield EntryId(identity), heading, text


def documents_of(connection: sqlite3.Connection, pages: Sequence[int], scope: Scope) -> Iterable[tuple[int, EntryId]]:
    """Yields the number and the document of each page, given by its entry's number, whose document is in scope."""
    where, limits = scope_sql(scope, Level.DOCUMENT)
    query = (
        "SELECT p.rowid, e.id FROM json_each(?) j JOIN entries p ON p.rowid = j.value"
        f" JOIN entries e ON e.id = p.document WHERE 1 {where}"
    )
    for number, document in connection.execute(query, (json.dumps(pages), *limits)):
        yield number, EntryId(document)


def _varints(data: bytes) -> NDArray[np.int64]:
    """Returns SQLite's varints below 2^56: seven bits a byte, the most significant first; the last is below 128.

    >>> _varints(bytes([0x81, 0x00, 0x05])).tolist()
    [128, 5]
    """
    octets = np.frombuffer(data, dtype=np.uint8).astype(np.int64)
    ends = np.flatnonzero(octets < 0x80)
    if not len(ends):
        return np.zeros(0, np.int64)
    starts = np.concatenate([[0], ends[:-1] + 1])
    places = np.repeat(ends, ends - starts + 1) - np.arange(len(octets))
    result: NDArray[np.int64] = np.add.reduceat((octets & 0x7F) << (7 * places), starts)
    return result

"""Entries' vectors in the library's database: what is kept for good, and compared exactly where entries are few.

They are kept in half precision: 512 bytes for 256 dimensions, and a cosine similarity is off by less than 0.001.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from octavo.rag.embedding import Vectors, unit
from octavo.rag.entry import Entry, EntryId, Hits, Level, Scope
from octavo.rag.index.store.codes import write_codes
from octavo.rag.index.store.entries import ENTRIES_ON_PAGES, standing
from octavo.rag.index.store.selection import ANY, scope_sql

T = TypeVar("T")
Halves = NDArray[np.float16]
_INVERSE_TEMPERATURE = 20.0
"""Of the softmax by which chunks weigh in a document's vector."""


def write(connection: sqlite3.Connection, entries: Sequence[Entry], vectors: Vectors) -> None:
    """Adds the vectors of a document's entries, one row each, with their codes."""
    document = entries[0].document
    numbers = dict(connection.execute("SELECT id, rowid FROM entries WHERE document = ?", (document,)).fetchall())
    halves = vectors.astype(np.float16)
    connection.executemany(
        "INSERT INTO vectors VALUES (?, ?)",
        ((numbers[e.id], row.tobytes()) for e, row in zip(entries, halves, strict=True)),
    )
    rows = zip(entries, halves, strict=True)
    write_codes(connection, document, ((str(e.level), numbers[e.id], row) for e, row in rows))


def by_id(connection: sqlite3.Connection, ids: Sequence[EntryId]) -> tuple[list[EntryId], Halves]:
    """Returns vectors by entry id, shape (n, dimension); unknown ids are left out."""
    query = f"SELECT id, vector FROM entries e JOIN vectors ON entry = e.rowid WHERE id {ANY}"
    there, rows = _halves(connection.execute(query, (json.dumps(ids),)))
    return [EntryId(entry) for entry in there], rows


def by_number(connection: sqlite3.Connection, numbers: Sequence[int]) -> tuple[list[int], Halves]:
    """Returns vectors by entry number, in the order of the numbers; those that are gone are left out."""
    query = f"SELECT entry, vector FROM vectors WHERE entry {ANY} ORDER BY entry"
    return _halves(connection.execute(query, (json.dumps(numbers),)))


def of_scope(connection: sqlite3.Connection, level: Level, scope: Scope) -> tuple[list[str], Vectors]:
    """Returns all vectors of a level in a scope, with their entries' ids."""
    where, parameters = scope_sql(scope, level)
    inside = f"SELECT e.rowid FROM entries e WHERE level = ? {where}"  # answered by the index on places alone
    query = f"SELECT id, vector FROM vectors JOIN entries e ON e.rowid = entry WHERE entry IN ({inside}) ORDER BY entry"
    return _matrix(connection.execute(query, (str(level), *parameters)))


def after(connection: sqlite3.Connection, row: int, level: Level) -> tuple[list[str], Vectors]:
    """Returns all vectors of a level whose entries came after a row."""
    query = "SELECT id, vector FROM vectors JOIN entries e ON e.rowid = entry WHERE entry > ? AND level = ?"
    return _matrix(connection.execute(f"{query} ORDER BY entry", (row, str(level))))


def between(connection: sqlite3.Connection, first: int, last: int, level: Level) -> tuple[list[str], Vectors]:
    """Returns all vectors of a level whose entries came after the row `first`, up to the row `last`."""
    query = "SELECT id, vector FROM vectors JOIN entries e ON e.rowid = entry WHERE entry > ? AND entry <= ?"
    return _matrix(connection.execute(f"{query} AND level = ? ORDER BY entry", (first, last, str(level))))


def on_pages(connection: sqlite3.Connection, pages: Sequence[EntryId]) -> tuple[list[int], Halves]:
    """Vectors of all that stands on pages (page, elements, chunks): for each row the place of its page in `pages`."""
    query = f"SELECT place, vector FROM ({ENTRIES_ON_PAGES}) JOIN vectors USING (entry)"
    return _halves(connection.execute(query, standing(pages, [Level.PAGE, Level.ELEMENT, Level.CHUNK])))


def nearest(ids: Sequence[str], rows: Vectors | Halves, vector: Vectors, k: int) -> Hits:
    """Returns the ids of the `k` rows nearest to a vector with their cosine similarity, best first.

    >>> rows = np.eye(3, dtype=np.float32)
    >>> nearest(["a", "b", "c"], rows, rows[1], 1)
    [('b', 1.0)]
    """
    if not ids:
        return []
    places = largest(similarities := compare(rows, vector), k)
    best = sorted(zip((-similarities[places]).tolist(), (ids[place] for place in places), strict=True))[:k]
    return [(EntryId(identity), -negative) for negative, identity in best]


def largest(values: NDArray[np.float64], count: int) -> NDArray[np.intp]:
    """Returns the places of the `count` largest values, with all that are as large as the last of them.

    >>> largest(np.array([0.5, 0.9, 0.5, 0.1]), 2).tolist()
    [0, 1, 2]
    """
    if count >= len(values):
        return np.arange(len(values))
    return np.flatnonzero(values >= np.partition(values, -count)[-count])


def compare(rows: Vectors | Halves, vector: Vectors) -> NDArray[np.float64]:
    """Returns the cosine similarity of each row, the same to the last digit wherever in a matrix it stands."""
    if not len(rows):  # the entries went between two statements of a search
        return np.zeros(0)
    similarities: NDArray[np.float64] = np.round(rows.astype(np.float64) @ vector.astype(np.float64), 9)
    return similarities


def weighted_similarity(rows: Vectors, vector: Vectors) -> float:
    """Returns the similarity of a vector to the mean of rows that is weighted by the softmax of their similarities.

    >>> rows = np.eye(2, dtype=np.float32)
    >>> round(weighted_similarity(rows, rows[0]), 3), round(float(unit(rows.mean(axis=0)) @ rows[0]), 3)
    (1.0, 0.707)
    """
    similarities = compare(rows, vector)
    weights = np.exp(_INVERSE_TEMPERATURE * (similarities - similarities.max()))
    return float(compare(unit((weights @ rows)[None]), vector)[0])


def _matrix(rows: Iterable[tuple[T, bytes]]) -> tuple[list[T], Vectors]:
    keys, matrix = _halves(rows)
    return keys, matrix.astype(np.float32)


def _halves(rows: Iterable[tuple[T, bytes]]) -> tuple[list[T], Halves]:
    """Returns vectors as they are kept, for `compare`, which is as exact with them in a third of the time."""
    results = list(rows)
    if not results:
        return [], np.zeros((0, 0), dtype=np.float16)
    keys, vectors = zip(*results, strict=True)
    return list(keys), np.frombuffer(b"".join(vectors), dtype=np.float16).reshape(len(keys), -1)

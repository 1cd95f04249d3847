"""The embedded dense index: passes over sign bits find what is near, and only that is compared exactly.

A vector of 256 dimensions takes 32 bytes in memory, and there is no graph to build: adding a document costs the same
in a library of any size. Binary codes with rescoring go back to semantic hashing (Salakhutdinov and Hinton 2009);
their distance is
Hamming's, and the products of the query's numbers with the signs order the nearest (asymmetric distance, Jégou et al.
2011). A search does not depend on the order in which documents were read.
"""

from __future__ import annotations

import sqlite3
import threading
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from octavo.ingest.store.library import Library
from octavo.rag.embedding import Vectors
from octavo.rag.entry import EVERYWHERE, Level, Scope
from octavo.rag.index import vectors
from octavo.rag.index.codes import Bits, pack_signs, products_with_signs
from octavo.rag.index.entry_rows import scope_sql
from octavo.rag.index.vectors import Hits

NEAR = 128
"""Entries that the distance of signs selects for each one that is asked for."""
RESCORED = 6
"""Entries of these that are compared exactly for each one that is asked for."""
STALE = 1.2
"""Codes are read anew when there are this many times as many of them as entries."""


class _Codes(NamedTuple):
    """Numbers of entries, ascending by document, and a row of bits for each; `last` is the last row of `codes`."""

    entries: NDArray[np.int64]
    bits: Bits
    last: int


_NONE = _Codes(np.zeros(0, np.int64), np.zeros((0, 0), np.uint64), 0)


class SignBitIndex:
    """Searches a library's vectors by their signs; it reads them when they are first needed, and what came since."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._guard = threading.Lock()
        self._codes: dict[Level, _Codes] = {}

    def search(self, vector: Vectors, level: Level, k: int, scope: Scope, size: int, total: int) -> Hits:
        if k <= 0 or not vector.any():
            return []
        connection = self._library.connection
        codes = self._read(level, total)
        entries, bits = codes.entries, codes.bits
        if scope != EVERYWHERE:
            inside = np.isin(entries, _entries_in(connection, level, scope))
            entries, bits = entries[inside], bits[inside]
        if not len(entries):
            return []
        distances = np.bitwise_count(bits ^ pack_signs(vector[None])).sum(axis=1, dtype=np.uint16)
        near = _smallest(distances, NEAR * k)
        best = near[_smallest(-products_with_signs(bits[near], vector), RESCORED * k)]
        return vectors.nearest(*vectors.by_row(connection, entries[best].tolist()), vector, k)

    def supersede(self, connection: sqlite3.Connection, document: str) -> None:
        """Does nothing: the codes of a document go with it."""

    def catch_up(self, *, finished: bool) -> None:
        """Does nothing: codes are written with the vectors."""

    def sweep(self) -> None:
        """Does nothing: there are no files."""

    def close(self) -> None:
        with self._guard:
            self._codes.clear()

    def _read(self, level: Level, total: int) -> _Codes:
        """Returns the codes of a level, which has `total` entries; a few of entries that are gone may be among them."""
        connection = self._library.connection
        with self._guard:
            held = self._codes.get(level, _NONE)
            if len(held.entries) > STALE * total:
                held = _NONE
            query = "SELECT id, entries, bits FROM codes WHERE level = ? AND id > ? ORDER BY id"
            rows = connection.execute(query, (str(level), held.last)).fetchall()
            if rows:
                added = np.concatenate([np.frombuffer(entries, dtype=np.int64) for _, entries, _ in rows])
                bits = np.frombuffer(b"".join(data for *_, data in rows), dtype=np.uint64).reshape(len(added), -1)
                if len(held.entries):
                    added, bits = np.concatenate([held.entries, added]), np.concatenate([held.bits, bits])
                held = _Codes(added, bits, rows[-1][0])
            self._codes[level] = held
            return held


def _smallest(values: NDArray[Any], count: int) -> NDArray[np.intp]:
    """Returns the places of the `count` smallest values, with all that are as small as the last of them."""
    if count >= len(values):
        return np.arange(len(values))
    return np.flatnonzero(values <= np.partition(values, count - 1)[count - 1])


def _entries_in(connection: sqlite3.Connection, level: Level, scope: Scope) -> list[int]:
    where, parameters = scope_sql(scope, level)
    query = f"SELECT e.rowid FROM entries e WHERE level = ? {where}"
    return [row[0] for row in connection.execute(query, (str(level), *parameters))]

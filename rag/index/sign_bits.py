"""The embedded dense index: passes over sign bits find what is near, and only that is compared exactly.

A vector of 256 dimensions takes 32 bytes in memory, and there is no graph to build: adding a document costs the same
in a library of any size. Binary codes with rescoring go back to semantic hashing (Salakhutdinov and Hinton 2009);
their distance is
Hamming's, and the products of the query's numbers with the signs order the nearest (asymmetric distance, Jégou et al.
2011). A search does not depend on the order in which documents were read.
"""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from octavo.ingest.store.library import Library
from octavo.rag.embedding import Vectors
from octavo.rag.entry import EVERYWHERE, Hits, Level, Scope
from octavo.rag.index.store import codes, entries, vectors
from octavo.rag.index.store.codes import Bits, Codes, pack_signs, products_with_signs

NEAR = 128
"""Entries that the distance of signs selects for each one that is asked for."""
RESCORE_FACTOR = 6
"""Entries of these that are compared exactly for each one that is asked for.

Of the nearest 60 elements 1 to 2 % are missed on three sets of documents; with 24 none are, but a search of 10,000
pages takes 12 ms longer.
"""
STALE = 1.2
"""Codes are read again when there are this many times as many of them as entries."""
BLOCK = 65_536
"""Codes whose distance is computed at a time, so that they stay in the processor's cache."""


_NONE = Codes(np.zeros(0, np.int64), np.zeros((0, 0), np.uint64), 0)


SAMPLE = 4_096
"""Distances of which the one that bounds the nearest is estimated, before it is counted exactly."""


class SignBitIndex:
    """Searches a library's vectors by their signs; it reads them when they are first needed, and what came since.

    The signs are those of the first `dimensions` (0: of all), which of a Matryoshka embedding (arXiv 2205.13147) say
    almost as much; the nearest are compared by all numbers.
    """

    def __init__(self, library: Library, dimensions: int = 0) -> None:
        self._library, self._dimensions = library, dimensions
        self._guard = threading.Lock()
        self._codes: dict[Level, Codes] = {}

    def search(self, vector: Vectors, level: Level, k: int, scope: Scope, size: int, total: int) -> Hits:
        if k <= 0 or not vector.any():
            return []
        connection = self._library.connection
        numbers, bits, _ = self._read(level, total)
        if scope != EVERYWHERE:
            inside = np.isin(numbers, entries.numbers(connection, level, scope))
            numbers, bits = numbers[inside], bits[:, inside]
        if not len(numbers):
            return []
        first = vector[: self._dimensions or None]
        signs = pack_signs(first[None])[0]
        bits = bits[: len(signs)]
        near = _nearest_codes(bits, signs, NEAR * k)
        products = products_with_signs(bits[:, near], first)
        best = near[vectors.largest(products, RESCORE_FACTOR * k)]
        result, rows = vectors.by_number(connection, numbers[best].tolist())
        places = vectors.largest(similarities := vectors.compare(rows, vector), k)
        ids = entries.ids(connection, [result[place] for place in places])
        hits = [
            (ids[result[p]], s) for p, s in zip(places, similarities[places].tolist(), strict=True) if result[p] in ids
        ]
        return sorted(hits, key=lambda hit: (-hit[1], hit[0]))[:k]

    def supersede(self, document: str) -> None:
        """Does nothing: the codes of a document go with it."""

    def catch_up(self, *, finished: bool) -> None:
        """Does nothing: codes are written with the vectors."""

    def sweep(self) -> None:
        """Does nothing: there are no files."""

    def close(self) -> None:
        with self._guard:
            self._codes.clear()

    def _read(self, level: Level, total: int) -> Codes:
        """Returns the codes of a level, which has `total` entries; a few of entries that are gone may be among them."""
        with self._guard:
            present = self._codes.get(level, _NONE)
            if len(present.entries) > STALE * total:
                present = _NONE
            later = codes.after(self._library.connection, level, present.last)
            if not len(present.entries):
                present = later
            elif len(later.entries):
                bits = np.concatenate([present.bits, later.bits], axis=1)
                present = Codes(np.append(present.entries, later.entries), bits, later.last)
            self._codes[level] = present
            return present


def _nearest_codes(bits: Bits, query: Bits, count: int) -> NDArray[np.intp]:
    """Returns the places of the `count` codes nearest to a query by Hamming's distance, and of all just as near."""
    distances = np.zeros(bits.shape[1], np.uint16)
    if count >= len(distances):
        return np.arange(len(distances))
    for start in range(0, len(distances), BLOCK):
        block = distances[start : start + BLOCK]
        for row, word in zip(bits[:, start : start + BLOCK], query, strict=True):
            block += np.bitwise_count(row ^ word)
    farthest = _smallest(distances[:: 1 + len(distances) // SAMPLE], count / len(distances))
    while np.count_nonzero(distances <= farthest) < count:
        farthest += 1
    while np.count_nonzero(distances < farthest) >= count:
        farthest -= 1
    return np.flatnonzero(distances <= farthest)


def _smallest(values: NDArray[np.uint16], share: float) -> int:
    """Returns the value that about a share of the values, below 1, are no larger than."""
    place = int(share * len(values))
    return int(np.partition(values, place)[place])

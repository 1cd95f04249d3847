"""A first pass over sign bits: what is near by them is compared by all numbers, the rest not at all.

A vector of 256 dimensions takes 32 bytes in memory, of 2,048 dimensions 256, and there is no graph to be built. Binary
codes with rescoring go back to semantic hashing (Salakhutdinov and Hinton 2009); their distance is Hamming's.
"""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from octavo.ingest.store.library import Library
from octavo.rag.embedding import Vectors
from octavo.rag.entry import Level
from octavo.rag.index import vectors
from octavo.rag.index.vectors import Hits

RESCORED = 16
"""For each entry that is asked for, so many are compared by all numbers."""
_BLOCK = 10_000
Bits = NDArray[np.uint64]


class BinaryPass:
    """The sign bits of a library's vectors, read when they are first needed, and what came since."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._guard = threading.Lock()
        self._held: dict[Level, tuple[NDArray[np.int64], Bits]] = {}

    def search(self, vector: Vectors, level: Level, k: int) -> Hits:
        """Ids of the nearest `k` entries with their cosine similarity, best first; nearly those of a full search."""
        rows, bits = self._bits(level)
        if k <= 0 or not len(rows):
            return []
        distances = np.bitwise_count(bits ^ packed(vector[None])).sum(axis=1, dtype=np.uint16)
        count = min(RESCORED * k, len(rows))
        near = np.argpartition(distances, count - 1)[:count]
        return vectors.nearest(*vectors.by_row(self._library.connection, rows[near].tolist()), vector, k)

    def _bits(self, level: Level) -> tuple[NDArray[np.int64], Bits]:
        """Numbers of entries, and a row of bits for each; those of entries that are gone may be among them."""
        with self._guard:
            rows, bits = self._held.get(level, (np.zeros(0, np.int64), np.zeros((0, 0), np.uint64)))
            query = "SELECT entry, vector FROM vectors JOIN entries e ON e.rowid = entry WHERE entry > ? AND level = ?"
            last = int(rows[-1]) if len(rows) else 0
            found = self._library.connection.execute(f"{query} ORDER BY entry", (last, str(level)))
            parts = [(rows, bits)] if len(rows) else []
            while block := found.fetchmany(_BLOCK):
                matrix = np.frombuffer(b"".join(data for _, data in block), dtype=np.float16).reshape(len(block), -1)
                parts.append((np.array([row for row, _ in block], dtype=np.int64), packed(matrix)))
            if parts:
                rows, bits = (np.concatenate(part) for part in zip(*parts, strict=True))
            self._held[level] = rows, bits
            return rows, bits


def packed(matrix: NDArray[np.floating]) -> Bits:
    """The signs of rows as bits, 64 to a number.

    >>> packed(np.array([[0.5, -0.5, 0.1]])).tolist() == [[0b101]]
    True
    """
    found = np.packbits(matrix > 0, axis=1, bitorder="little")
    return np.pad(found, ((0, 0), (0, -found.shape[1] % 8))).view("<u8").astype(np.uint64, copy=False)

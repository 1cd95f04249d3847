"""Codes: the signs of a document's vectors, a row of bits for each, packed by level."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint64]
Row = NDArray[np.float16]

READ_TOGETHER = 512
"""Documents whose codes are turned into columns at a time, so that they stay in the processor's cache."""
FORMAT = "1"
"""The value `codes` of a library whose documents all have codes."""
_SIGNS_OF_OCTETS = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little") * 2.0 - 1.0


def write_codes(connection: sqlite3.Connection, document: str, rows: Iterable[tuple[str, int, Row]]) -> None:
    """Writes the codes of a document's entries, given as (level, entry number, vector), in place of earlier ones."""
    connection.execute("DELETE FROM codes WHERE document = ?", (document,))
    levels: dict[str, tuple[list[int], list[Row]]] = {}
    for level, entry, vector in rows:
        entries, matrix = levels.setdefault(level, ([], []))
        entries.append(entry)
        matrix.append(vector)
    connection.executemany(
        "INSERT INTO codes (document, level, entries, bits) VALUES (?, ?, ?, ?)",
        [
            (document, level, np.array(entries, np.int64).tobytes(), pack_signs(np.stack(matrix)).tobytes())
            for level, (entries, matrix) in levels.items()
        ],
    )


def rebuild_codes(connection: sqlite3.Connection, documents: Sequence[str]) -> None:
    """Writes the codes of documents again from their vectors."""
    query = "SELECT level, entry, vector FROM vectors JOIN entries e ON e.rowid = entry WHERE document = ?"
    for document in documents:
        rows = connection.execute(f"{query} ORDER BY entry", (document,)).fetchall()
        write_codes(
            connection,
            document,
            ((level, entry, np.frombuffer(data, dtype=np.float16)) for level, entry, data in rows),
        )


class Codes(NamedTuple):
    """Entry numbers, their bits (a column for each entry, 64 bits a row), and the last row of `codes` that was read."""

    entries: NDArray[np.int64]
    bits: Bits
    last: int


def after(connection: sqlite3.Connection, level: str, last: int) -> Codes:
    """Returns the codes of a level after row `last` of the table, none where there are no later ones."""
    entries, bits = [np.zeros(0, np.int64)], list[Bits]()
    query = "SELECT id, entries, bits FROM codes WHERE level = ? AND id > ? ORDER BY id"
    rows = connection.execute(query, (level, last))
    while some := rows.fetchmany(READ_TOGETHER):
        entries.append(np.frombuffer(b"".join([row[1] for row in some]), dtype=np.int64))
        matrix = np.frombuffer(b"".join([row[2] for row in some]), dtype=np.uint64).reshape(len(entries[-1]), -1)
        bits.append(matrix.T.copy())
        last = some[-1][0]
    return Codes(np.concatenate(entries), np.concatenate(bits, axis=1) if bits else np.zeros((0, 0), np.uint64), last)


def without_codes(connection: sqlite3.Connection) -> list[str]:
    """Returns the documents that have no codes: those of a library that an earlier version made."""
    query = "SELECT id FROM documents d WHERE NOT EXISTS (SELECT 1 FROM codes c WHERE c.document = d.id)"
    return [row[0] for row in connection.execute(query)]


def pack_signs(matrix: NDArray[np.floating]) -> Bits:
    """Returns the signs of rows as bits, 64 to a number.

    >>> pack_signs(np.array([[0.5, -0.5, 0.1]])).tolist() == [[0b101]]
    True
    """
    result = np.packbits(matrix > 0, axis=1, bitorder="little")
    return np.pad(result, ((0, 0), (0, -result.shape[1] % 8))).view("<u8").astype(np.uint64, copy=False)


def products_with_signs(bits: Bits, vector: NDArray[np.floating]) -> NDArray[np.float64]:
    """Returns the dot product of a vector with the signs of each code, as 1 and -1: shape (codes,).

    `bits` has a column for each code, 64 bits a row, as in memory.

    >>> products_with_signs(pack_signs(np.array([[0.5, -0.5, 0.1]])).T, np.array([1.0, 2.0, 4.0])).tolist()
    [3.0]
    """
    padded = np.zeros(64 * len(bits), dtype=np.float64)
    padded[: len(vector)] = vector
    products = padded.reshape(-1, 8) @ _SIGNS_OF_OCTETS.T
    result = np.zeros(bits.shape[1], dtype=np.float64)
    for word, row in enumerate(bits):
        octets = np.ascontiguousarray(row).astype("<u8", copy=False).view(np.uint8).reshape(-1, 8)
        for octet in range(8):
            result += products[8 * word + octet].take(octets[:, octet])
    return result

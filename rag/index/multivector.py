"""Token vectors of entries: memory-mapped int8 matrices beside the database, compared exactly by MaxSim.

A document's matrices stand in one file, a new one whenever it is written; the database says which file and rows are an
entry's. So a reader never sees half of anything, and files that no row names are deleted by the next writer.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from octavo.ingest import LibraryError
from octavo.ingest.store.files import delete_file, write_file
from octavo.ingest.store.library import Library
from octavo.rag.embedding import Vectors
from octavo.rag.entry import Entry, EntryId
from octavo.rag.index.store import tokens

Bytes = NDArray[np.int8]
_OPEN = 256
"""Files that are mapped at a time."""


def no_copies(ids: Sequence[EntryId]) -> dict[EntryId, bytes]:
    """Returns nothing: no engine holds token vectors."""
    return {}


class MultiVectorStore:
    """The token vectors of a library that one model made, of `dimension` components each.

    A token takes `dimension` bytes and 4 for its scale: a component is off by at most 1/254 of the token's largest.
    `copies` returns the bytes of those entries' matrices that an engine holds, by id; the others are read from files.
    """

    def __init__(
        self,
        library: Library,
        model: str,
        dimension: int,
        copies: Callable[[Sequence[EntryId]], dict[EntryId, bytes]] = no_copies,
    ) -> None:
        self._library, self._model, self._dimension, self._copies = library, model, dimension, copies
        self._folder = _folder(library)
        self._row = np.dtype([("scale", "<f4"), ("token", "i1", (dimension,))])
        self._mapped = lru_cache(maxsize=_OPEN)(self._map)

    def save(self, matrices: Sequence[Vectors]) -> str:
        """Writes a document's matrices into a new file and returns its name; raises `LibraryError` where it cannot."""
        name = f"{uuid.uuid4().hex}.i8"
        scales, quantized = quantize(np.concatenate([np.zeros((0, self._dimension), np.float32), *matrices]))
        rows = np.zeros(len(scales), dtype=self._row)
        rows["scale"], rows["token"] = scales, quantized
        write_file(self._folder / name, rows.tobytes())
        return name

    def note(self, connection: sqlite3.Connection, entries: Sequence[Entry], counts: Sequence[int], file: str) -> None:
        """Notes, within a transaction, that the rows of a file are those of entries, `counts` each."""
        starts = np.cumsum([0, *counts]).tolist()
        rows = [(e.id, start, count) for e, start, count in zip(entries, starts, counts, strict=False)]
        tokens.write(connection, self._model, file, rows)

    def maxsim(self, question: Vectors, ids: Sequence[EntryId]) -> dict[EntryId, float]:
        """Returns the late interaction of a question's tokens, shape (tokens, dimension), with entries by id.

        ColBERT's MaxSim (arXiv 2004.12832; FILIP's token-wise similarity, 2111.07783), as the mean over the question's
        tokens, so that it lies in [-1, 1]. Entries that have no token vectors are left out. Raises `LibraryError` where
        a document is replaced in just that moment.
        """
        rows = tokens.of_entries(self._library.connection, self._model, ids)
        copies = self._copies([row[0] for row in rows])
        parts = [
            np.frombuffer(copies[identity], self._row)
            if identity in copies
            else self._mapped(file)[start : start + count]
            for identity, file, start, count in rows
        ]
        scores = maxsim(question, [part["token"] for part in parts], [part["scale"] for part in parts])
        return dict(zip((row[0] for row in rows), scores.tolist(), strict=True))

    def sweep(self) -> None:
        """Forgets other models' rows, and deletes the files that nothing names."""
        connection = self._library.connection
        tokens.delete_others(connection, self._model)
        used = tokens.files(connection)
        for path in self._folder.glob("*"):
            if path.name not in used:
                delete_file(path)

    def _map(self, name: str) -> NDArray[np.void]:
        path = self._folder / name
        try:
            return np.memmap(path, dtype=self._row, mode="r") if path.stat().st_size else np.zeros(0, dtype=self._row)
        except FileNotFoundError as error:
            raise LibraryError(f"The token vectors {path} have just been replaced: ask again.") from error


def token_bytes(library: Library, ids: Sequence[EntryId]) -> list[bytes]:
    """Returns the bytes of the matrices of a library's model for each of some entries; empty for one without.

    Raises `LibraryError` where a file of them is gone.
    """
    connection, result, files = library.connection, dict[EntryId, bytes](), dict[str, tuple[bytes, int]]()
    for identity, name, start, count in tokens.of_entries(connection, library.get("embedding") or "", ids):
        if name not in files:
            path = _folder(library) / name
            try:
                data = path.read_bytes()
            except OSError as error:
                raise LibraryError(f"The token vectors {path} cannot be read: {error}.", path=path) from error
            files[name] = data, len(data) // max(1, tokens.rows_of(connection, name))
        data, size = files[name]
        result[identity] = data[size * start : size * (start + count)]
    return [result.get(identity, b"") for identity in ids]


def _folder(library: Library) -> Path:
    return library.folder / "tokens"


def quantize(tokens: Vectors) -> tuple[NDArray[np.float32], Bytes]:
    """Returns vectors as int8 with a scale for each: shapes (n,) and (n, dimension).

    >>> scales, found = quantize(np.array([[0.5, -1.0]], dtype=np.float32))
    >>> found.tolist(), (found * scales[:, None]).round(2).tolist()
    ([[64, -127]], [[0.5, -1.0]])
    """
    scales = np.maximum(np.abs(tokens).max(axis=1, initial=0.0), 1e-12).astype(np.float32) / 127
    return scales, np.rint(tokens / scales[:, None]).astype(np.int8)


def maxsim(question: Vectors, documents: Sequence[Bytes], scales: Sequence[NDArray[np.float32]]) -> NDArray[np.float64]:
    """Returns for each document the mean over the question's tokens of the largest dot product with its tokens.

    `documents` are int8 matrices (tokens, dimension) with at least one row each, `scales` what their rows are times.
    """
    if not documents:
        return np.zeros(0)
    lengths = [len(document) for document in documents]
    tokens = np.concatenate(documents).astype(np.float32)
    products = (tokens @ question.T) * np.concatenate(scales)[:, None]
    starts = np.cumsum([0, *lengths[:-1]])
    result: NDArray[np.float64] = np.maximum.reduceat(products, starts, axis=0).mean(axis=1, dtype=np.float64)
    return result

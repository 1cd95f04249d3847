"""Vectors of a document that is being embedded, so that one which fails half-way does not begin again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from octavo.ingest.store.library import Library
from octavo.rag.embedding import Vectors
from octavo.rag.entry import Entry
from octavo.rag.image_source import ImageSource
from octavo.rag.index.store import cached_embeddings

STEP = 32
"""Entries whose vectors are written at a time."""


class EmbeddingCache:
    """The vectors that one model has made of a document's entries so far, in the library's database.

    An entry is known by what it says and looks like: one that is read in another way is embedded again.
    """

    def __init__(self, library: Library, model: str, dimension: int) -> None:
        self._library, self._model, self._dimension = library, model, dimension

    def matrices(
        self, entries: Sequence[Entry], images: ImageSource, make: Callable[[Sequence[Entry]], Iterator[Vectors]]
    ) -> list[Vectors]:
        """Returns the matrices, shape (rows, dimension), that `make` yields for entries, in their order.

        It is asked only for those that are not kept. Matrices are kept `STEP` at a time, and when it raises.
        """
        keys = [f"{self._model} {images.key(entry)}" for entry in entries]
        result = self._found(keys)
        missing = [(key, entry) for key, entry in zip(keys, entries, strict=True) if key not in result]
        fresh: list[tuple[str, str, bytes]] = []
        try:
            for (key, entry), matrix in zip(missing, make([entry for _, entry in missing]), strict=True):
                result[key] = matrix
                fresh.append((key, entry.document, matrix.astype(np.float32).tobytes()))
                if len(fresh) == STEP:
                    self._keep(fresh)
                    fresh = []
        finally:
            self._keep(fresh)
        return [result[key] for key in keys]

    def _found(self, keys: Sequence[str]) -> dict[str, Vectors]:
        result = cached_embeddings.load(self._library.connection, keys)
        return {key: np.frombuffer(data, dtype=np.float32).reshape(-1, self._dimension) for key, data in result.items()}

    def _keep(self, rows: Sequence[tuple[str, str, bytes]]) -> None:
        with self._library.transaction() as connection:
            cached_embeddings.write(connection, rows)


def clear_cache(library: Library, document: str = "") -> None:
    """Deletes what is kept of a document that is whole now, or of all."""
    cached_embeddings.delete(library.connection, document)

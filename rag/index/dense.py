"""The dense index: a seam between a library's vectors and the engine that searches them."""

from __future__ import annotations

from typing import Protocol

from octavo.rag.embedding import Vectors
from octavo.rag.entry import Hits, Level, Scope


class DenseIndex(Protocol):
    """Finds the nearest vectors of a library. The library's database holds the vectors; an engine may copy them."""

    def search(self, vector: Vectors, level: Level, k: int, scope: Scope, size: int, total: int) -> Hits:
        """Returns the ids of the nearest `k` entries in a scope with their cosine similarity, best first.

        `size` of the `total` entries of the level are in the scope. `vector` is a unit vector, shape (dimension,).
        """
        ...

    def supersede(self, document: str) -> None:
        """Notes that the vectors of a document no longer count; called in the transaction that deletes its entries."""
        ...

    def catch_up(self, *, finished: bool) -> None:
        """Adds new vectors, during an ingest (`finished` is false) or at its end."""
        ...

    def sweep(self) -> None:
        """Deletes what an interrupted write left."""
        ...

    def close(self) -> None:
        """Closes files."""
        ...

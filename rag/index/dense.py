"""The dense index: a seam between a library's vectors and the engine that searches them."""

from __future__ import annotations

from typing import Literal, Protocol

from octavo.ingest.store.library import Library
from octavo.rag.embedding import Vectors
from octavo.rag.entry import Hits, Level, Scope

DenseIndexName = Literal["sign-bits", "chroma", "lancedb", "llama-index"]


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


def open_dense_index(library: Library, engine: DenseIndexName = "sign-bits", uri: str = "") -> DenseIndex:
    """Returns the dense index that the setting `dense_index` names; raises `LibraryError` where it cannot be had."""
    match engine:
        case "sign-bits":
            from octavo.rag.index.sign_bits import SignBitIndex

            return SignBitIndex(library)
        case "chroma" if not uri:
            from octavo.rag.index.chroma_index import ChromaIndex

            return ChromaIndex(library)
        case _:
            from octavo.rag.index.engine_index import EngineIndex

            return EngineIndex(library, engine, uri)

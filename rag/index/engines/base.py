"""What an engine must do to serve as a dense index of many entries, and how one is opened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from octavo.ingest import LibraryError
from octavo.rag.embedding import Vectors

EngineName = Literal["chroma", "lancedb", "llama-index"]


class VectorEngine(Protocol):
    """Collections of vectors by name, for several threads. Every method raises `LibraryError` where the engine fails.

    An engine may find its nearest approximately: what it finds is compared again, exactly.
    """

    def add(self, collection: str, ids: Sequence[str], vectors: Vectors) -> None:
        """Adds entries by id with a unit vector each, one row each; a new collection is made by its first entries."""
        ...

    def delete(self, collection: str, documents: Sequence[str]) -> None:
        """Deletes all vectors of documents; there may be none."""
        ...

    def finish(self, collection: str) -> None:
        """Makes what was added fast to search."""
        ...

    def search(self, collection: str, vector: Vectors, k: int) -> list[str]:
        """Returns the ids of about the nearest `k`, best first; fewer only where there are no more."""
        ...

    def refresh(self) -> None:
        """Sees what other processes changed."""
        ...

    def collections(self) -> list[str]:
        """Returns the names of all collections that the engine can list."""
        ...

    def drop(self, collection: str) -> None:
        """Deletes a collection; there may be none."""
        ...

    def close(self) -> None:
        """Lets go of connections and files."""
        ...


def open_engine(name: EngineName, uri: str) -> VectorEngine:
    """Returns the engine of a name at an address; raises `LibraryError` where it cannot be had."""
    if not uri:
        raise LibraryError(f"The index {name} needs an address: set index_uri (OCTAVO_INDEX_URI).")
    match name:
        case "chroma":
            from octavo.rag.index.engines.chroma_server import ChromaServerEngine

            return ChromaServerEngine(uri)
        case "lancedb":
            from octavo.rag.index.engines.lance import LanceEngine

            return LanceEngine(uri)
        case "llama-index":
            from octavo.rag.index.engines.llama_store import LlamaStoreEngine

            return LlamaStoreEngine(uri)

"""Entries' vectors in Chroma on disk, behind LlamaIndex's vector-store interface: one collection for each level."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from llama_index.core.schema import TextNode
from llama_index.vector_stores.chroma import ChromaVectorStore
from numpy.typing import NDArray

from ..entry import Entry, Level, Scope

Vectors = NDArray[np.float32]
HNSW: Any = {"space": "cosine", "ef_construction": 100, "ef_search": 100, "max_neighbors": 16}


class VectorStore:
    """Vectors by entry id. `reopen()` makes what other processes wrote visible."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._client: Any = None
        self._stores: dict[Level, ChromaVectorStore] = {}

    def store(self, level: Level) -> ChromaVectorStore:
        """The LlamaIndex vector store of a level."""
        if level not in self._stores:
            if self._client is None:
                self._client = open_client(self._folder)
            collection = self._client.get_or_create_collection(
                str(level), configuration={"hnsw": HNSW}, embedding_function=None
            )
            self._stores[level] = ChromaVectorStore.from_collection(collection)
        return self._stores[level]

    def collection(self, level: Level) -> Any:
        """The Chroma collection of a level."""
        return self.store(level).client

    def reopen(self) -> None:
        """Forgets what was read; the next use opens Chroma anew."""
        if self._client is not None:
            self._client.close()
        self._client = None
        self._stores.clear()

    close = reopen

    def add(self, entries: Sequence[Entry], vectors: Vectors) -> None:
        """Adds entries of any levels with their vectors (one row each); those that are there are left as they are."""
        for level in Level:
            rows = [n for n, entry in enumerate(entries) if entry.level is level]
            limit = self._limit()
            for at in range(0, len(rows), limit):
                self.store(level).add([_node(entries[n], vectors[n]) for n in rows[at : at + limit]])

    def delete(self, ids: Iterable[str]) -> None:
        """Deletes entries by id; unknown ones are ignored."""
        by_level: dict[Level, list[str]] = {}
        for identity in ids:
            by_level.setdefault(level_of(identity), []).append(identity)
        for level, wanted in by_level.items():
            for at in range(0, len(wanted), self._limit()):
                self.collection(level).delete(ids=wanted[at : at + self._limit()])

    def ids(self, level: Level) -> set[str]:
        """All ids of a level."""
        return set(self.collection(level).get(include=[])["ids"])

    def count(self, level: Level) -> int:
        """How many vectors a level has."""
        return int(self.collection(level).count())

    def search(self, vector: Vectors, level: Level, k: int, scope: Scope) -> list[tuple[str, float]]:
        """Ids of the nearest `k` entries with their cosine similarity, best first."""
        collection = self.collection(level)
        k = min(k, collection.count())
        if k <= 0 or not vector.any():
            return []
        where = _where(scope, level)
        found = collection.query(query_embeddings=[vector.tolist()], n_results=k, where=where, include=["distances"])
        return [(i, 1 - d) for i, d in zip(found["ids"][0], found["distances"][0], strict=True)]

    def _limit(self) -> int:
        self.store(Level.PAGE)
        return min(5_000, self._client.get_max_batch_size())


def open_client(folder: Path) -> Any:
    """Chroma on disk, silent and without its own embedding model."""
    import chromadb
    from chromadb.config import Settings

    return chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))


def level_of(identity: str) -> Level:
    """The level that an entry's id tells.

    >>> [str(level_of(i)) for i in ("d", "d/p1", "d/p1/e2", "d/c3")]
    ['document', 'page', 'element', 'chunk']
    """
    _, _, rest = identity.partition("/")
    if not rest:
        return Level.DOCUMENT
    if rest[0] == "c":
        return Level.CHUNK
    return Level.ELEMENT if "/" in rest else Level.PAGE


def _node(entry: Entry, vector: Vectors) -> TextNode:
    """A slim node: its text stays in SQLite."""
    metadata = {"document": entry.document, "page": entry.page, "kind": str(entry.kind or "")}
    return TextNode(id_=entry.id, text="", metadata=metadata, embedding=vector.tolist())


def _where(scope: Scope, level: Level) -> dict[str, Any] | None:
    parts: list[dict[str, Any]] = []
    if scope.documents is not None:
        parts.append({"document": {"$in": list(scope.documents)}})
    if scope.pages is not None:
        parts += [{"page": {"$gte": scope.pages[0]}}, {"page": {"$lte": scope.pages[1]}}]
    if scope.kinds is not None and level is Level.ELEMENT:
        parts.append({"kind": {"$in": sorted(str(kind) for kind in scope.kinds)}})
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else {"$and": parts}

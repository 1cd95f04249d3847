"""Vectors in Chroma, behind LlamaIndex's vector-store interface: one collection for each level.

A Chroma folder can be damaged by a process that dies while it writes, and by a reader beside a writer. So one that is
in use is never changed: the next one is made from a copy, and the library's database says in one transaction which is
in use and which entries it covers. Readers compare what came later exactly.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import uuid
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import chromadb
import numpy as np
from chromadb.config import Settings
from chromadb.errors import ChromaError
from llama_index.core.schema import BaseNode, NodeRelationship, RelatedNodeInfo, TextNode
from llama_index.vector_stores.chroma import ChromaVectorStore

from octavo.rag.embedding import Vectors
from octavo.rag.entry import EntryId, Hits, Level

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.collection_configuration import CreateHNSWConfiguration

BATCH = 5_000
HNSW: CreateHNSWConfiguration = {
    "space": "cosine",
    "ef_construction": 100,
    "ef_search": 100,
    "max_neighbors": 16,
    "batch_size": 1,
    "sync_threshold": 1,  # the index on disk is whole after each batch
}


def open_client(folder: Path) -> Client:
    """Opens Chroma on disk, silent and without its own embedding model."""
    return cast("Client", chromadb.PersistentClient(folder, settings=Settings(anonymized_telemetry=False)))


class SlimChromaStore(ChromaVectorStore):
    """LlamaIndex's store, with the id, the vector and the document of a node only: its text stays in SQLite."""

    def add(self, nodes: Sequence[BaseNode], **add_kwargs: Any) -> list[str]:
        """Adds nodes that have embeddings, at most as many as Chroma takes at a time; returns their ids."""
        ids = [node.node_id for node in nodes]
        self._collection.add(
            ids=ids,
            embeddings=np.array([node.get_embedding() for node in nodes], dtype=np.float32),
            metadatas=[{"document_id": node.ref_doc_id or ""} for node in nodes],
        )
        return ids


class DamagedError(Exception):
    """A Chroma folder does not hold what it should."""


FAILURES = (ChromaError, DamagedError, sqlite3.DatabaseError)


class ChromaFolder:
    """A Chroma folder that is open: to search in, or, before it is in use, to be filled.

    Raises one of `FAILURES` when it is not as it was left: `size` bytes of index files, which Chroma would read without
    a check and end the whole process, and `count` vectors.
    """

    def __init__(self, path: Path, size: int, count: int) -> None:
        if index_size(path) != size:
            raise DamagedError(f"its index files have {index_size(path)} bytes, not {size}")
        try:
            self._client = open_client(path)
        except (AttributeError, ValueError) as error:  # what Chroma raises where it opened a damaged folder before
            raise DamagedError(f"it cannot be opened: {error}") from error
        self._stores: dict[Level, SlimChromaStore] = {}
        try:
            if self.count() != count:
                raise DamagedError(f"it holds {self.count()} vectors, not {count}")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Closes Chroma."""
        self._stores.clear()
        self._client.close()

    def store(self, level: Level) -> SlimChromaStore:
        """Returns the LlamaIndex vector store of a level."""
        if level not in self._stores:
            collection = self._client.get_or_create_collection(
                str(level), configuration={"hnsw": HNSW}, embedding_function=None
            )
            self._stores[level] = cast("SlimChromaStore", SlimChromaStore.from_collection(collection))
        return self._stores[level]

    def search(self, vector: Vectors, level: Level, k: int) -> Hits:
        """Returns the ids of the nearest `k` entries with their cosine similarity, best first."""
        collection: Any = self.store(level).client  # the adapter's own query takes four times as long
        k = min(k, collection.count())
        if k <= 0:
            return []
        result = collection.query(query_embeddings=[vector.tolist()], n_results=k, include=["distances"])
        return [(i, 1 - d) for i, d in zip(result["ids"][0], result["distances"][0], strict=True)]

    def count(self) -> int:
        """Returns how many vectors there are at all levels."""
        return sum(self.store(level).client.count() for level in Level)

    def delete(self, documents: Iterable[str]) -> None:
        """Deletes all vectors of documents."""
        for document in documents:
            for level in Level:
                self.store(level).delete(document)

    def add(self, ids: Sequence[str], vectors: Vectors, level: Level) -> None:
        """Adds entries of a level by id with their vectors, one row each."""
        step = min(BATCH, self._client.get_max_batch_size())
        for at in range(0, len(ids), step):
            rows = zip(ids[at : at + step], vectors[at : at + step].tolist(), strict=True)
            self.store(level).add([_node(identity, row) for identity, row in rows])


def copy(source: Path | None, parent: Path) -> Path:
    """Returns a new folder in `parent`: a copy of `source`, or empty."""
    target = parent / uuid.uuid4().hex[:12]
    if source is None:
        target.mkdir(parents=True)
        return target
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("chroma.sqlite3*"))
    # a reader that opens Chroma writes a little into its database: SQLite's own backup copies it whole all the same
    with (
        closing(sqlite3.connect(source / "chroma.sqlite3")) as old,
        closing(sqlite3.connect(target / "chroma.sqlite3")) as new,
    ):
        old.backup(new)
    return target


def index_size(folder: Path) -> int:
    """Returns bytes of the HNSW files in a Chroma folder."""
    return sum(path.stat().st_size for path in folder.glob("*/*"))


def fsync_tree(folder: Path) -> None:
    """Waits until a folder's files are on disk."""
    for path in [*folder.rglob("*"), folder]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _node(identity: str, row: list[float]) -> TextNode:
    document = RelatedNodeInfo(node_id=EntryId(identity).document)
    return TextNode(id_=identity, text="", embedding=row, relationships={NodeRelationship.SOURCE: document})

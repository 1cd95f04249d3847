"""Any vector store of LlamaIndex as engine."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode
from llama_index.core.vector_stores.types import BasePydanticVectorStore, VectorStoreQuery

from octavo.ingest import LibraryError
from octavo.rag.embedding import Vectors
from octavo.rag.entry import EVERYWHERE, Scope
from octavo.rag.index.engines.base import EntryRows


class LlamaStoreEngine:
    """Stores that a function makes for a collection's name; it is named as `package.module:function`.

    The store must take vectors that are made already, find by a vector, delete by document, and return ids.
    """

    filters = False

    def __init__(self, name: str) -> None:
        module, _, function = name.partition(":")
        try:
            self._make = getattr(import_module(module), function)
        except (ImportError, AttributeError, ValueError) as error:
            raise LibraryError(
                f"index_uri names a function that makes a LlamaIndex vector store, as package.module:function; "
                f"{name!r} is none: {error}."
            ) from error
        self._name = name
        self._stores: dict[str, BasePydanticVectorStore] = {}

    def add(self, collection: str, rows: EntryRows) -> None:
        nodes = [
            TextNode(
                id_=identity,
                text=identity,
                embedding=row,
                relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=identity.document)},
            )
            for identity, row in zip(rows.ids, rows.vectors.tolist(), strict=True)
        ]
        self._store(collection).add(nodes)

    def delete(self, collection: str, documents: Sequence[str]) -> None:
        for document in documents:
            self._store(collection).delete(document)

    def finish(self, collection: str) -> None:
        """Does nothing: a store is searched as it is."""

    def search(self, collection: str, vector: Vectors, k: int, scope: Scope = EVERYWHERE) -> list[str]:
        query = VectorStoreQuery(query_embedding=vector.tolist(), similarity_top_k=k)
        result = self._store(collection).query(query)
        if result.ids is None:
            raise LibraryError(f"The vector store of {self._name} returns no ids of nodes, and cannot be the index.")
        return result.ids

    def refresh(self) -> None:
        self._stores.clear()

    def collections(self) -> list[str]:
        """Returns none: LlamaIndex cannot list collections."""
        return []

    def drop(self, collection: str) -> None:
        try:
            self._store(collection).clear()
        except NotImplementedError as error:
            raise LibraryError(
                f"The vector store of {self._name} cannot be emptied: delete its collection {collection} by its own "
                "means."
            ) from error

    def close(self) -> None:
        self._stores.clear()

    def _store(self, collection: str) -> BasePydanticVectorStore:
        if collection not in self._stores:
            store = self._make(collection)
            if not isinstance(store, BasePydanticVectorStore):
                raise LibraryError(f"{self._name} returns {type(store).__name__}, which is no vector store.")
            if not store.is_embedding_query:
                raise LibraryError(f"The vector store of {self._name} searches by text, and cannot be the index.")
            self._stores[collection] = store
        return self._stores[collection]

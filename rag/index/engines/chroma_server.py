"""A Chroma server (`chroma run`) as engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import chromadb
import httpx
import numpy as np
from chromadb.config import Settings
from chromadb.errors import ChromaError, InternalError, NotFoundError, RateLimitError

from octavo.ingest import LibraryError
from octavo.rag.embedding import Vectors
from octavo.rag.entry import EVERYWHERE, Scope
from octavo.rag.index.engines.base import EngineError, EntryRows

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from chromadb.api.models.Collection import Collection

HNSW_OPTIONS: CreateHNSWConfiguration = {
    "space": "cosine",
    "ef_construction": 100,
    "ef_search": 100,
    "max_neighbors": 16,
}
AT_A_TIME = 100
"""Documents that one request deletes."""


class ChromaServerEngine:
    """Collections of the Chroma server at a URL such as http://127.0.0.1:8000."""

    filters = False

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise LibraryError(f"The address of a Chroma server is such as http://127.0.0.1:8000, not {url!r}.")
        self._url = url
        self._open: dict[str, Collection] = {}
        secure = parts.scheme == "https"
        with self._failing():
            client = chromadb.HttpClient(
                host=parts.hostname,
                port=parts.port or (443 if secure else 8000),
                ssl=secure,
                settings=Settings(anonymized_telemetry=False),
            )
        self._client = cast("Client", client)

    def add(self, collection: str, rows: EntryRows) -> None:
        ids, vectors = rows.ids, rows.vectors
        with self._failing():
            target = self._client.get_or_create_collection(
                collection, configuration={"hnsw": HNSW_OPTIONS}, embedding_function=None
            )
            step = self._client.get_max_batch_size()
            for at in range(0, len(ids), step):
                some = list(ids[at : at + step])
                documents: list[Any] = [{"document": identity.document} for identity in some]
                target.upsert(
                    ids=[*map(str, some)],
                    embeddings=np.asarray(vectors[at : at + step], np.float32),
                    metadatas=documents,
                )

    def delete(self, collection: str, documents: Sequence[str]) -> None:
        with self._failing():
            try:
                target = self._client.get_collection(collection, embedding_function=None)
            except NotFoundError:
                return
            for at in range(0, len(documents), AT_A_TIME):
                where: Any = {"document": {"$in": [*documents[at : at + AT_A_TIME]]}}
                target.delete(where=where)

    def finish(self, collection: str) -> None:
        """Does nothing: Chroma's graph grows with each vector."""

    def search(self, collection: str, vector: Vectors, k: int, scope: Scope = EVERYWHERE) -> list[str]:
        with self._failing():
            if collection not in self._open:
                try:
                    self._open[collection] = self._client.get_collection(collection, embedding_function=None)
                except NotFoundError:
                    return []
            result = self._open[collection].query(query_embeddings=[vector.tolist()], n_results=k, include=[])
        return result["ids"][0]

    def refresh(self) -> None:
        self._open.clear()

    def collections(self) -> list[str]:
        with self._failing():
            return [collection.name for collection in self._client.list_collections()]

    def drop(self, collection: str) -> None:
        with self._failing():
            try:
                self._client.delete_collection(collection)
            except NotFoundError:
                return

    def close(self) -> None:
        self._open.clear()
        client: Any = self._client
        client.close()
        for api in (client, client._admin_client):  # Chroma leaves their connections open
            api._server._session.close()

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except (ChromaError, httpx.HTTPError, ValueError) as error:  # a ValueError where it cannot be reached
            text = f"The Chroma server {self._url} fails: {error} (`chroma run` starts one)."
            passing = isinstance(error, httpx.TransportError | InternalError | RateLimitError)
            raise (EngineError if passing else LibraryError)(text) from error

"""LanceDB as engine: tables in a folder or an object store, which any number of processes read without a server."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from octavo.ingest import LibraryError, MissingToolError
from octavo.rag.embedding import Vectors
from octavo.rag.entry import EntryId

try:
    import lancedb
    import pyarrow as pa
    from lancedb.query import LanceVectorQueryBuilder
except ImportError as error:
    raise MissingToolError('The index lancedb needs a package: pip install "octavo[lancedb]".') from error

if TYPE_CHECKING:
    from lancedb.table import Table

TRAINED = 20_000
"""Rows from which on a table has an index; fewer are compared one by one."""
PARTITION = 20_000
"""Rows of a partition."""
PROBES = 20
"""Partitions that a search looks into."""
GROWN = 4
"""An index is trained anew when there are so many times as many rows as it was trained on."""
RESCORED = 4
"""Rows that are compared exactly for each one that is asked for."""
INDEX = "vector-of-"
"""Begins the name of an index, which ends in the number of rows that it was trained on."""


class LanceEngine:
    """Tables at an address: a folder, or `s3://bucket/prefix` with the credentials of the environment."""

    def __init__(self, uri: str) -> None:
        self._uri, self._guard = uri, threading.Lock()
        self._tables: dict[str, Table] = {}
        with self._failing():
            self._database = lancedb.connect(uri)

    def add(self, collection: str, ids: Sequence[str], vectors: Vectors) -> None:
        dimension = vectors.shape[1]
        values = pa.array(np.ascontiguousarray(vectors, np.float32).ravel())
        rows = pa.table(
            {
                "id": pa.array(ids, pa.string()),
                "document": pa.array([EntryId(identity).document for identity in ids], pa.string()),
                "vector": pa.FixedSizeListArray.from_arrays(values, dimension),
            }
        )
        with self._failing():
            if collection in self.collections():
                self._database.open_table(collection).add(rows)
            else:
                self._database.create_table(collection, rows)

    def delete(self, collection: str, documents: Sequence[str]) -> None:
        with self._failing():
            if documents and collection in self.collections():
                names = ", ".join(f"'{document}'" for document in documents)  # ids are digits of a hash
                self._database.open_table(collection).delete(f"document IN ({names})")

    def finish(self, collection: str) -> None:
        """Trains an index over a large table, or takes up in it what came since."""
        with self._failing():
            if collection not in self.collections():
                return
            table = self._database.open_table(collection)
            rows = table.count_rows()
            names = {index.name: int(index.name.removeprefix(INDEX)) for index in table.list_indices()}
            trained = max(names.values(), default=0)
            if rows >= TRAINED and rows > GROWN * trained:
                table.create_index(
                    metric="cosine",
                    vector_column_name="vector",
                    index_type="IVF_RQ",
                    num_partitions=max(1, rows // PARTITION),
                    name=f"{INDEX}{rows}",
                )
                for name in names:
                    table.drop_index(name)
            else:
                table.optimize()

    def search(self, collection: str, vector: Vectors, k: int) -> list[str]:
        with self._failing():
            with self._guard:
                if collection not in self._tables:
                    if collection not in self.collections():
                        return []
                    self._tables[collection] = self._database.open_table(collection)
                table = self._tables[collection]
            query = table.search(vector.astype(np.float32), vector_column_name="vector", query_type="vector")
            assert isinstance(query, LanceVectorQueryBuilder)
            query = query.distance_type("cosine").nprobes(PROBES).refine_factor(RESCORED)
            result = query.select(["id", "_distance"]).limit(k).to_arrow()
        return result["id"].to_pylist()

    def refresh(self) -> None:
        with self._guard:
            self._tables.clear()

    def collections(self) -> list[str]:
        with self._failing():
            names, page = list[str](), None
            while True:
                response = self._database.list_tables(page_token=page)
                names += response.tables
                if not (page := response.page_token):
                    return names

    def drop(self, collection: str) -> None:
        with self._failing():
            if collection in self.collections():
                self._database.drop_table(collection)

    def close(self) -> None:
        self.refresh()

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except (OSError, RuntimeError, ValueError) as error:
            raise LibraryError(f"LanceDB fails at {self._uri}: {error}") from error

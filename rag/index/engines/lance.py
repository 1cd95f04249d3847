"""LanceDB as engine: tables in a folder or an object store, which any number of processes read without a server."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from octavo.ingest import LibraryError, MissingToolError
from octavo.rag.embedding import Vectors
from octavo.rag.entry import EVERYWHERE, EntryId, Scope
from octavo.rag.index.engines.base import EngineError, EntryPlace, EntryRows

try:
    import lancedb
    import pyarrow as pa
    from lancedb.index import FTS, BTree
    from lancedb.query import LanceFtsQueryBuilder, LanceVectorQueryBuilder
except ImportError as error:
    raise MissingToolError('The index lancedb needs a package: pip install "octavo[lancedb]".') from error

if TYPE_CHECKING:
    from lancedb.table import Table

MIN_INDEXED_ROWS = 20_000
"""Rows from which on a table has an index over its vectors; fewer are compared one by one."""
PARTITION = 4_096
"""Rows of a partition; LanceDB splits larger ones."""
PROBES = 200
"""Partitions that a search looks into: all of 800,000 rows, whose codes of one bit a component are soon compared."""
RETRAIN_FACTOR = 4
"""An index is trained again when there are so many times as many rows as it was trained on."""
UNINDEXED_SHARE = 0.005
"""The share of a large table's rows that its indexes may lack; 1,000 such rows are compared one by one in some 5 ms.

Taking rows up costs in proportion to the whole table: LanceDB merges its indexes and rewrites its files. Done when the
table has grown by a share of itself, it costs each row the same in a table of any size.
"""
UNINDEXED_ROWS, SMALL_SHARE = 3_000, 0.05
"""Rows that may wait in any table, but no more than a share: what taking up costs at least is shared by enough rows."""
RESCORE_FACTOR = 4
"""Rows that are compared exactly for each one that is asked for."""
INDEX = "vector-of-"
"""Begins the name of an index over vectors, which ends in the number of rows that it was trained on."""
FOR_GOOD = ("not found", "schema", "no such column", "invalid input", "permission denied", "access denied")
"""Parts of the errors that come again however often a call is made."""


class LanceEngine:
    """Tables at an address: a folder, or `s3://bucket/prefix` with the credentials of the environment."""

    filters = True

    def __init__(self, uri: str) -> None:
        self._uri, self._guard = uri, threading.Lock()
        self._tables: dict[str, Table] = {}
        with self._failing():
            self._database = lancedb.connect(uri)

    def add(self, collection: str, rows: EntryRows) -> None:
        columns: dict[str, pa.Array] = {
            "number": pa.array([place.number for place in rows.places], pa.int64()),
            "id": pa.array(rows.ids, pa.string()),
            "document": pa.array([identity.document for identity in rows.ids], pa.string()),
            "page": pa.array([place.page for place in rows.places], pa.int32()),
            "last_page": pa.array([place.last_page for place in rows.places], pa.int32()),
            "kinds": pa.array([list(place.kinds) for place in rows.places], pa.list_(pa.string())),
            "vector": pa.FixedSizeListArray.from_arrays(
                pa.array(np.ascontiguousarray(rows.vectors, np.float32).ravel()), rows.vectors.shape[1]
            ),
        }
        if rows.words:
            columns["words"] = pa.array(rows.words, pa.string())
        if rows.tokens:
            columns["tokens"] = pa.array(rows.tokens, pa.large_binary())
        table = pa.table(columns)
        with self._failing():
            if collection in self.collections():
                self._database.open_table(collection).add(table)
            else:
                self._begin(self._database.create_table(collection, table))

    def _begin(self, table: Table) -> None:
        """Makes the indexes that a new table has from its first rows on; terms are as they come, split at spaces."""
        table.create_index("number", config=BTree())
        table.create_index("document", config=BTree())
        if "words" in table.schema.names:
            config = FTS(
                base_tokenizer="whitespace",
                max_token_length=None,
                lower_case=False,
                stem=False,
                remove_stop_words=False,
                ascii_folding=False,
            )
            table.create_index("words", config=config)

    def delete(self, collection: str, documents: Sequence[str]) -> None:
        with self._failing():
            if documents and collection in self.collections():
                self._database.open_table(collection).delete(_one_of("document", documents))

    def finish(self, collection: str) -> None:
        """Takes up in the indexes what came since, if it is more than may wait.

        The index over the vectors of a table which has grown is trained again then.
        """
        with self._failing():
            if collection not in self.collections():
                return
            table = self._database.open_table(collection)
            rows, indexed = table.count_rows(), table.index_stats("number_idx")
            if indexed is not None and indexed.num_unindexed_rows <= waiting_rows(rows):
                return
            names = [index.name for index in table.list_indices() if index.name.startswith(INDEX)]
            trained = max((int(name.removeprefix(INDEX)) for name in names), default=0)
            if rows >= MIN_INDEXED_ROWS and rows > RETRAIN_FACTOR * trained:
                table.create_index(
                    metric="cosine",
                    vector_column_name="vector",
                    index_type="IVF_RQ",
                    num_partitions=max(1, rows // PARTITION),
                    name=f"{INDEX}{rows}",
                )
                for name in names:
                    table.drop_index(name)
            table.optimize()

    def search(self, collection: str, vector: Vectors, k: int, scope: Scope = EVERYWHERE) -> list[str]:
        with self._failing():
            if (table := self._table(collection)) is None:
                return []
            query = table.search(vector.astype(np.float32), vector_column_name="vector", query_type="vector")
            assert isinstance(query, LanceVectorQueryBuilder)
            query = query.distance_type("cosine").nprobes(PROBES).refine_factor(RESCORE_FACTOR)
            if where := _scope_sql(scope):
                query = query.where(where, prefilter=True)
            result = query.select(["id", "_distance"]).limit(k).to_arrow()
        return result["id"].to_pylist()

    def match(self, collection: str, terms: Sequence[str], k: int, scope: Scope = EVERYWHERE) -> list[str]:
        with self._failing():
            if not terms or (table := self._table(collection)) is None:
                return []
            query = table.search(" ".join(terms), query_type="fts", fts_columns="words")
            assert isinstance(query, LanceFtsQueryBuilder)
            if where := _scope_sql(scope):
                query = query.where(where, prefilter=True)
            result = query.select(["id", "_score"]).limit(k).to_arrow()
        return result["id"].to_pylist()

    def tokens(self, collection: str, numbers: Sequence[int]) -> dict[int, bytes]:
        with self._failing():
            if not numbers or (table := self._table(collection)) is None or "tokens" not in table.schema.names:
                return {}
            among = f"number IN ({', '.join(map(str, numbers))})"
            result = table.search().where(among).select(["number", "tokens"]).limit(len(numbers)).to_arrow()
        return dict(zip(result["number"].to_pylist(), result["tokens"].to_pylist(), strict=True))

    def read(self, collection: str, after: int, upto: int) -> EntryRows:
        with self._failing():
            if (table := self._table(collection)) is None:
                return EntryRows([], np.zeros((0, 0), np.float32), [])
            between = f"number > {after} AND number <= {upto}"
            columns_read = table.search().where(between).limit(table.count_rows()).to_arrow().sort_by("number")
        columns = {name: columns_read[name].to_pylist() for name in columns_read.schema.names if name != "vector"}
        places = zip(columns["number"], columns["page"], columns["last_page"], columns["kinds"], strict=True)
        values = columns_read["vector"].combine_chunks().flatten().to_numpy()
        return EntryRows(
            ids=[*map(EntryId, columns["id"])],
            vectors=values.reshape(columns_read.num_rows, -1)
            if columns_read.num_rows
            else np.zeros((0, 0), np.float32),
            places=[EntryPlace(*place) for place in places],
            words=columns.get("words", ()),
            tokens=columns.get("tokens", ()),
        )

    def _table(self, collection: str) -> Table | None:
        with self._guard:
            if collection not in self._tables:
                if collection not in self.collections():
                    return None
                self._tables[collection] = self._database.open_table(collection)
            return self._tables[collection]

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
        except ValueError as error:
            raise LibraryError(f"LanceDB fails at {self._uri}: {error}") from error
        except (OSError, RuntimeError) as error:
            kind = LibraryError if any(part in str(error).lower() for part in FOR_GOOD) else EngineError
            text = str(error).partition(", /rustc/")[0]  # what follows are lines of LanceDB's own code
            raise kind(f"LanceDB fails at {self._uri}: {text}") from error


def waiting_rows(rows: int) -> int:
    """Returns how many of a table's rows its indexes may lack.

    >>> waiting_rows(10_000), waiting_rows(200_000), waiting_rows(1_000_000)
    (500, 3000, 5000)
    """
    return max(int(UNINDEXED_SHARE * rows), min(UNINDEXED_ROWS, int(SMALL_SHARE * rows)))


def _scope_sql(scope: Scope) -> str:
    """Returns a scope without metadata as a filter, empty for everywhere.

    >>> _scope_sql(Scope(documents=["d1"], pages=[0, 4]))
    "document IN ('d1') AND page <= 4 AND last_page >= 0"
    """
    parts = list[str]()
    if scope.documents is not None:
        parts.append(_one_of("document", scope.documents))
    if scope.pages is not None:
        first, last = scope.pages
        parts.append(f"page <= {last} AND last_page >= {first}")
    if scope.kinds is not None:
        parts.append(f"array_has_any(kinds, [{_quote(sorted(scope.kinds))}])")
    return " AND ".join(parts)


def _one_of(column: str, values: Sequence[str]) -> str:
    return f"{column} IN ({_quote(values)})" if values else "false"


def _quote(values: Iterable[str]) -> str:
    return ", ".join("'{}'".format(value.replace("'", "''")) for value in values)

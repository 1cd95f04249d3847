"""Documents that writers on several machines share, in a PostgreSQL database.

The database holds what was read: documents, their vectors, paths and metadata. Each change has a number, in the order
of the commits, so that the library's folder of each machine follows by applying what it has not seen. One transaction
writes at a time.
"""

from __future__ import annotations

import json
import os
import uuid
import zlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from octavo.ingest.errors import ReadError
from octavo.ingest.model import Document
from octavo.ingest.store.document_json import dump_document, load_document, rename
from octavo.ingest.store.metadata import Metadata, dump_metadata
from octavo.ingest.store.postgres_database import PostgresDatabase, get_value

if TYPE_CHECKING:
    import psycopg

Halves = NDArray[np.float16]
NOTED_DAYS = 30
"""Days for which it is noted that a screenshot was deleted; a document that is read for longer is not checked."""
_LOCK = 7_206_318
"""The number of the lock that the writing transaction holds."""

MIGRATIONS = (
    # `version` is the number of the last change of a document's content; `changes` holds the last change of each.
    """
    CREATE TABLE documents (
        id text PRIMARY KEY, version bigint NOT NULL, path bytea NOT NULL, content bytea NOT NULL,
        model text NOT NULL, dimension integer NOT NULL, vectors bytea NOT NULL, metadata text NOT NULL
    );
    CREATE TABLE paths (
        path bytea PRIMARY KEY, document text NOT NULL REFERENCES documents ON DELETE CASCADE
    );
    CREATE INDEX paths_by_document ON paths (document);
    CREATE TABLE changes (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, document text NOT NULL UNIQUE);
    """,
    # Screenshots that no document had when they were chosen to be deleted.
    """
    CREATE TABLE condemned (image text PRIMARY KEY, at timestamptz NOT NULL);
    """,
)
"""Each brings the database one version further; the value `version` in `meta` counts those that were applied."""


@dataclass(frozen=True, slots=True)
class SharedDocument:
    """A document as it is shared: `vectors` has a row for each of its entries, made by `model`.

    `version` is the number of the change that brought its content.
    """

    document: Document
    paths: tuple[str, ...]
    metadata: Metadata
    model: str
    vectors: Halves
    version: int


class PostgresDocuments:
    """The documents of a database at a `postgresql://` address, for any number of threads, processes and machines.

    A database without tables gets them. Raises `LibraryError` where it cannot be reached, or a newer Octavo made it.
    """

    def __init__(self, uri: str) -> None:
        self._database = PostgresDatabase(uri, _LOCK)
        try:
            self._database.migrate("version", MIGRATIONS)
            self.set_default("identity", uuid.uuid4().hex)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Closes all connections."""
        self._database.close()

    # reading

    @property
    def identity(self) -> str:
        """The name of these documents, drawn when the database was made; no other database has it."""
        return self.get("identity") or ""

    def get(self, key: str) -> str | None:
        """Returns a small value that was stored under `key`."""
        with self._database.reading() as connection:
            return get_value(connection, key)

    def set_default(self, key: str, value: str) -> str:
        """Stores a small value where there is none; returns the value that is stored then."""
        with self._database.writing() as connection:
            connection.execute("INSERT INTO meta VALUES (%s, %s) ON CONFLICT DO NOTHING", (key, value))
            return get_value(connection, key) or value

    def last(self) -> int:
        """Returns the number of the last change, 0 where there is none."""
        with self._database.reading() as connection:
            return _number(connection.execute("SELECT max(number) FROM changes").fetchone())

    def changes(self, after: int, limit: int) -> list[tuple[int, str]]:
        """Returns the first changes after a number, each with its document; of one document the last alone."""
        query = "SELECT number, document FROM changes WHERE number > %s ORDER BY number LIMIT %s"
        with self._database.reading() as connection:
            return [(number, document) for number, document in connection.execute(query, (after, limit))]

    def ids(self) -> list[str]:
        """Returns the ids of all documents, in order."""
        with self._database.reading() as connection:
            return [row[0] for row in connection.execute('SELECT id FROM documents ORDER BY id COLLATE "C"')]

    def document(self, identity: str) -> SharedDocument | None:
        """Returns a document, `None` where it is gone.

        One whose path holds it no more is called after a path that does.
        """
        query = "SELECT version, path, content, model, dimension, vectors, metadata FROM documents WHERE id = %s"
        with self._database.reading() as connection:
            row = connection.execute(query, (identity,)).fetchone()
            rows = connection.execute(
                "SELECT path FROM paths WHERE document = %s ORDER BY path", (identity,)
            ).fetchall()
        if row is None:
            return None
        version, path, content, model, dimension, vectors, metadata = row
        paths = tuple(os.fsdecode(one) for (one,) in rows)
        document = load_document(zlib.decompress(content), os.fsdecode(path))
        return SharedDocument(
            document=document if document.path in paths or not paths else rename(document, paths[0]),
            paths=paths,
            metadata=json.loads(metadata),
            model=model,
            vectors=np.frombuffer(vectors, dtype="<f2").reshape(-1, dimension),
            version=version,
        )

    def images(self, after: int = 0) -> tuple[set[str], int]:
        """Returns the screenshots of the documents that changed after a number, and the number of the last change."""
        with self._database.reading() as connection:
            last = _number(connection.execute("SELECT max(number) FROM changes").fetchone())
            return self._images(connection, after), last

    @staticmethod
    def _images(connection: psycopg.Connection[Any], after: int) -> set[str]:
        query = "SELECT content FROM changes JOIN documents ON id = document WHERE number > %s"
        return {
            page["image"]
            for (content,) in connection.execute(query, (after,))
            for page in json.loads(zlib.decompress(content))["pages"]
        }

    # writing

    def condemn(self, images: Collection[str]) -> None:
        """Notes that screenshots, which no document has, are to be deleted; forgets notes of `NOTED_DAYS` days ago."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM condemned WHERE at < now() - make_interval(days => %s)", (NOTED_DAYS,))
            connection.execute(
                "INSERT INTO condemned SELECT unnest(%s::text[]), now() ON CONFLICT (image) DO UPDATE SET at = now()",
                (list(images),),
            )

    def delete_condemned(self, images: Collection[str], after: int, delete: Callable[[Collection[str]], None]) -> int:
        """Deletes condemned screenshots by `delete` while no document can be added; returns how many.

        Those of documents that changed after a number stay.
        """
        with self._database.writing() as connection:
            rows = connection.execute("SELECT image FROM condemned WHERE image = ANY(%s)", (list(images),)).fetchall()
            unused = {image for (image,) in rows} - self._images(connection, after)
            delete(unused)
            return len(unused)

    def put(
        self,
        document: Document,
        path: str,
        model: str,
        vectors: NDArray[np.floating],
        has_image: Callable[[str], bool] = lambda image: True,
        metadata: Metadata | None = None,
    ) -> None:
        """Adds a document at a path, or replaces its content; what the path held goes when no other path has it.

        `has_image` tells whether a screenshot is there, and is asked of those that were to be deleted. `metadata` is
        noted beside what was noted with the document before. Raises `ReadError` where a screenshot is not there.
        """
        content, halves = zlib.compress(dump_document(document)), vectors.astype("<f2").tobytes()
        with self._database.writing() as connection:
            self._spare(connection, document, has_image)
            same = "SELECT 1 FROM documents WHERE id = %s AND content = %s AND model = %s AND vectors = %s"
            if connection.execute(same, (document.id, content, model, halves)).fetchone() is None:
                connection.execute(
                    "INSERT INTO documents VALUES (%s, %s, %s, %s, %s, %s, %s, '{}') ON CONFLICT (id) DO UPDATE SET"
                    " version = excluded.version, path = excluded.path, content = excluded.content,"
                    " model = excluded.model, dimension = excluded.dimension, vectors = excluded.vectors",
                    (
                        document.id,
                        self._change(connection, document.id),
                        os.fsencode(document.path),
                        content,
                        model,
                        vectors.shape[1],
                        halves,
                    ),
                )
            self._point(connection, path, document.id)
            row = connection.execute("SELECT metadata FROM documents WHERE id = %s", (document.id,)).fetchone()
            before = json.loads(row[0]) if row else {}
            self._note(connection, document.id, {**before, **(metadata or {})})

    @staticmethod
    def _spare(connection: psycopg.Connection[Any], document: Document, has_image: Callable[[str], bool]) -> None:
        """Takes a document's screenshots from those that are to be deleted."""
        spared = connection.execute(
            "DELETE FROM condemned WHERE image = ANY(%s) RETURNING image", ([page.image for page in document.pages],)
        ).fetchall()
        if not all(has_image(image) for (image,) in spared):
            raise ReadError(f"Screenshots of {document.name} were deleted while it was read: ingest it again.")

    def alias(self, document: str, path: str, gone: Iterable[str] = ()) -> None:
        """Notes that a path holds a document that is there, and that paths that are `gone` hold nothing any more."""
        with self._database.writing() as connection:
            self._point(connection, path, document)
            for old in gone:
                self._unpoint(connection, old)

    def remove_path(self, path: str) -> None:
        """Notes that a path is gone; the document that it held goes when no other path has it."""
        with self._database.writing() as connection:
            self._unpoint(connection, path)

    def remove(self, document: str) -> None:
        """Removes a document; there may be none."""
        with self._database.writing() as connection:
            self._remove(connection, document)

    def set_metadata(self, document: str, metadata: Metadata) -> None:
        """Notes metadata with a document, in place of what was noted."""
        with self._database.writing() as connection:
            self._note(connection, document, metadata)

    def _note(self, connection: psycopg.Connection[Any], document: str, metadata: Metadata) -> None:
        noted = dump_metadata(metadata)
        changed = connection.execute(
            "UPDATE documents SET metadata = %s WHERE id = %s AND metadata != %s", (noted, document, noted)
        )
        if changed.rowcount:
            self._change(connection, document)

    def _point(self, connection: psycopg.Connection[Any], path: str, document: str) -> None:
        stored = os.fsencode(path)
        row = connection.execute("SELECT document FROM paths WHERE path = %s", (stored,)).fetchone()
        if row == (document,):
            return
        connection.execute(
            "INSERT INTO paths VALUES (%s, %s) ON CONFLICT (path) DO UPDATE SET document = excluded.document",
            (stored, document),
        )
        self._change(connection, document)
        if row is not None:
            self._remove_if_unused(connection, row[0])

    def _unpoint(self, connection: psycopg.Connection[Any], path: str) -> None:
        query = "DELETE FROM paths WHERE path = %s RETURNING document"
        row = connection.execute(query, (os.fsencode(path),)).fetchone()
        if row is not None:
            self._remove_if_unused(connection, row[0])

    def _remove_if_unused(self, connection: psycopg.Connection[Any], document: str) -> None:
        """Removes a document that a path has left where no other has it."""
        if connection.execute("SELECT 1 FROM paths WHERE document = %s LIMIT 1", (document,)).fetchone():
            self._change(connection, document)
        else:
            self._remove(connection, document)

    def _remove(self, connection: psycopg.Connection[Any], document: str) -> None:
        if connection.execute("DELETE FROM documents WHERE id = %s", (document,)).rowcount:
            self._change(connection, document)

    @staticmethod
    def _change(connection: psycopg.Connection[Any], document: str) -> int:
        """Numbers a change of a document, in place of its earlier ones."""
        connection.execute("DELETE FROM changes WHERE document = %s", (document,))
        return _number(
            connection.execute("INSERT INTO changes (document) VALUES (%s) RETURNING number", (document,)).fetchone()
        )


def _number(row: tuple[Any, ...] | None) -> int:
    return int(row[0] or 0) if row else 0

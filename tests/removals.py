"""A document that is removed in the midst of what reads its library, at each step in turn."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from octavo.ingest import ReadDocument
from octavo.ingest.store.database import Database
from octavo.rag import Pipeline


def put(pipeline: Pipeline, read: ReadDocument) -> None:
    """Adds a document that was read."""
    with pipeline.index.writing():
        for image in read.images.values():
            pipeline.library.save_image(image)
        pipeline.index.add(read.document, f"/shared/{read.document.name}")


def each_step(writer: Pipeline, read: ReadDocument, database: str = "library") -> Iterator[Callable[[], object]]:
    """Yields once for each step of the block that follows it: then the document is removed before that step.

    A step is a look at the database of this name, by any but the `writer`. `put` brings the document back.
    """
    step, was_reached = 0, True
    while was_reached:
        step, was_reached = step + 1, False
        if not writer.library.has(read.document.id):
            put(writer, read)
        with _removing_at(step, writer, read.document.id, database) as reached:
            yield reached
            was_reached = reached()
    put(writer, read)


@contextmanager
def _removing_at(step: int, writer: Pipeline, document: str, database: str) -> Iterator[Callable[[], bool]]:
    own, connect, count = writer.library._database, Database.connection.fget, 0
    assert connect is not None

    def connection(self: Database) -> sqlite3.Connection:
        nonlocal count
        if self is not own and self._file.stem == database and threading.current_thread() is not remover:
            count += 1
            if count == step:
                remover.start()
                remover.join()
        return connect(self)

    remover = threading.Thread(target=writer.remove, args=[document])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "connection", property(connection))
        yield lambda: count >= step

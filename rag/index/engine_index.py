"""A dense index by an engine outside of the library's folder, which is changed in place.

A collection of the engine for each level holds copies of the vectors. `Cover` says in the library's database which
entries they are. Vectors are added to the engine first and counted second; what a writer that died has added is
deleted by the next before it adds anything.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import astuple, dataclass, replace
from typing import Literal

from octavo.ingest.errors import IncompleteIndexError
from octavo.ingest.store.library import Library
from octavo.rag.embedding import Vectors
from octavo.rag.entry import EVERYWHERE, EntryId, Hits, Level
from octavo.rag.index.covered import CoveredIndex
from octavo.rag.index.engines.base import EngineName, VectorEngine, open_engine
from octavo.rag.index.store import entries, superseded, vectors

BATCH = 10_000
"""Entries that are added at a time."""
WAIT = 1_000
"""Entries that may wait at the end of an ingest; during one they are ten times as many."""
TIES = 32
"""Entries that are looked at for each one that is asked for, where many are equally near."""
STATE = "index"
"""The name of the value in a library's database that holds its `Cover`."""
EXACT = 2
"""Entries of the engine that are compared exactly for each one that is asked for."""


@dataclass(frozen=True, slots=True)
class Cover:
    """Which engine holds the entries up to the number `last`, in collections whose names begin with `space`.

    `adding` is true from before vectors are added until they count.
    """

    engine: EngineName | Literal[""] = ""
    uri: str = ""
    space: str = ""
    last: int = 0
    adding: bool = False

    def collection(self, level: Level) -> str:
        """Returns the name of a level's collection."""
        return f"{self.space}-{level}"


def cover_of(library: Library) -> Cover:
    """Returns which engine holds a library's vectors, an empty `Cover` where none does."""
    return Cover(*json.loads(library.get(STATE) or "[]"))


class EngineIndex(CoveredIndex):
    """The vectors of a library in an engine at an address."""

    state = STATE

    def __init__(self, library: Library, engine: EngineName, uri: str) -> None:
        super().__init__(library)
        self._name, self._uri = engine, uri
        self._engine: VectorEngine = open_engine(engine, uri)
        self._cover = Cover()

    @property
    def last(self) -> int:
        return self._cover.last

    def close(self) -> None:
        super().close()
        self._engine.close()

    def _covered(self, vector: Vectors, level: Level, k: int) -> Hits:
        connection, count = self._library.connection, EXACT * k
        while self.last:
            found = self._engine.search(self._cover.collection(level), vector, count)
            ids, rows = vectors.by_id(connection, [EntryId(identity) for identity in found])
            hits = self._keep(vectors.nearest(ids, rows, vector, len(ids)), level, EVERYWHERE, self.last)
            whole = len(hits) > k and (hits[k - 1][1] > hits[-1][1] or count >= TIES * k)
            if whole or len(found) < count:
                if not found and entries.has_level(connection, level, self.last):
                    raise IncompleteIndexError(
                        f"The index at {self._uri} has lost the vectors of {self._library.folder}: copy them into it "
                        "anew.",
                        setting="index_uri",
                        path=self._library.folder,
                    )
                return hits[:k]
            count *= 4
        return []

    def _open(self) -> None:
        self._engine.refresh()
        self._cover = self._read()

    def _release(self) -> None:
        self._cover = Cover()

    def _read(self) -> Cover:
        """Returns what the database says of this engine; nothing where the library was in another one."""
        cover = cover_of(self._library)
        return cover if (cover.engine, cover.uri) == (self._name, self._uri) else Cover()

    # writing

    def _catch_up(self, finished: bool) -> None:
        backlog = superseded.backlog(self._library.connection, self._read().last)
        if backlog.waiting + backlog.gone > (WAIT if finished else 10 * WAIT):
            self.build(finish=finished)

    def build(self, progress: Callable[[int, int], None] = lambda done, of: None, *, finish: bool = True) -> None:
        """Adds all entries that the engine lacks; goes on where an earlier build was cut off.

        `progress` is told the number of the last entry that the engine has, and that of the last of all.
        """
        connection = self._library.connection
        cover = self._read()
        if not cover.space:
            cover = Cover(self._name, self._uri, f"octavo-{self._identity()}-{uuid.uuid4().hex[:8]}")
        gone = superseded.superseded(connection) if cover.last else []
        if cover.adding:
            gone = sorted({*gone, *entries.documents_after(connection, cover.last)})
        for level in Level:
            self._engine.delete(cover.collection(level), gone)
        end = entries.last_number(connection)
        while cover.last < end:
            progress(cover.last, end)
            upto = min(end, cover.last + BATCH)
            self._note(replace(cover, adding=True))
            for level in Level:
                ids, rows = vectors.between(connection, cover.last, upto, level)
                if ids:
                    self._engine.add(cover.collection(level), ids, rows)
            cover = replace(cover, last=upto, adding=False)
            self._note(cover)
        with self._library.transaction() as writing:
            superseded.settle(writing, gone)
        if finish:
            for level in Level:
                self._engine.finish(cover.collection(level))
        progress(end, end)
        with self._guard:
            self._seen = None

    def _note(self, cover: Cover) -> None:
        self._library.set(self.state, json.dumps(astuple(cover)))

    def _identity(self) -> str:
        """Returns what the engine knows this library by."""
        if not self._library.get("identity"):
            self._library.set("identity", uuid.uuid4().hex[:16])
        return self._library.get("identity") or ""

    def sweep(self) -> None:
        """Deletes the collections of this library that are not in use."""
        space, own = self._read().space, f"octavo-{self._identity()}-"
        for name in self._engine.collections():
            if name.startswith(own) and not (space and name.startswith(space)):
                self._engine.drop(name)

    def leave(self) -> None:
        """Deletes this library's collections from the engine."""
        cover = self._read()
        self._note(Cover())
        with self._guard:
            self._use_none()
        for level in Level:
            if cover.space:
                self._engine.drop(cover.collection(level))
        self.sweep()

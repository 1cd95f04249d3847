"""A dense index by an engine outside of the library's folder, which is changed in place.

A collection of the engine for each level holds copies of the vectors, and of words and token vectors where it can.
`Cover` says in the library's database which entries they are. Entries are added to the engine first and counted second;
what a writer that died has added is deleted by the next before it adds anything.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Literal, cast

from octavo.ingest.errors import EmbeddingMismatchError, IncompleteIndexError
from octavo.ingest.store.library import Library
from octavo.rag.embedding import Vectors
from octavo.rag.entry import EVERYWHERE, EntryId, Hits, Level, Scope
from octavo.rag.index.covered import CoveredIndex
from octavo.rag.index.engines.base import EngineName, EntryEngine, EntryPlace, EntryRows
from octavo.rag.index.engines.opening import open_engine
from octavo.rag.index.engines.retrying import RetryingEngine
from octavo.rag.index.multivector import token_bytes
from octavo.rag.index.store import entries, superseded, tokens, vectors

BATCH = 10_000
"""Entries that are added at a time, and what is left of their last document."""
WAIT = 1_000
"""Entries that may wait at the end of an ingest; during one they are ten times as many."""
TIES = 32
"""Entries that are looked at for each one that is asked for, where many are equally near."""
STATE = "index"
"""The name of the value in a library's database that holds its `Cover`."""
EXACT = 2
"""Entries of the engine that are compared exactly for each one that is asked for."""
FORM = 1
"""The form of the collections; those of another form are not used."""


@dataclass(frozen=True, slots=True)
class Cover:
    """The engine that holds the entries up to the number `last`, in collections whose names begin with `space`.

    `adding` is true from before entries are added until they count; `words` and `tokens` say what is held beside
    vectors.
    """

    engine: EngineName | Literal[""] = ""
    uri: str = ""
    space: str = ""
    last: int = 0
    adding: bool = False
    words: bool = False
    tokens: bool = False
    form: int = 0

    def collection(self, level: Level) -> str:
        """Returns the name of a level's collection."""
        return f"{self.space}-{level}"


def cover_of(library: Library) -> Cover:
    """Returns which engine holds a library's vectors, an empty `Cover` where none does."""
    return Cover(*json.loads(library.get(STATE) or "[]"))


class EngineIndex(CoveredIndex):
    """The vectors of a library in an engine at an address, also its words where `words` is true."""

    state = STATE

    def __init__(self, library: Library, engine: EngineName, uri: str, *, words: bool = False) -> None:
        super().__init__(library)
        self._name, self._uri, self._words = engine, uri, words
        self._engine = RetryingEngine(open_engine(engine, uri))
        self._cover = Cover()

    @property
    def last(self) -> int:
        return self._cover.last

    @property
    def filters(self) -> bool:
        return self._engine.filters

    def close(self) -> None:
        super().close()
        self._engine.close()

    # reading

    def _covered(self, vector: Vectors, level: Level, k: int, scope: Scope) -> Hits:
        connection, count = self._library.connection, EXACT * k
        while self.last:
            candidates = self._engine.search(self._cover.collection(level), vector, count, scope)
            ids, rows = vectors.by_id(connection, [EntryId(identity) for identity in candidates])
            hits = self._keep(vectors.nearest(ids, rows, vector, len(ids)), level, scope, self.last)
            whole = len(hits) > k and (hits[k - 1][1] > hits[-1][1] or count >= TIES * k)
            if whole or len(candidates) < count:
                if not candidates and scope == EVERYWHERE:
                    self._check_there(level)
                return hits[:k]
            count *= 4
        return []

    def match(self, terms: Sequence[str], level: Level, count: int, scope: Scope) -> tuple[list[EntryId], int]:
        """Returns the ids of about the best `count` entries that the engine finds by terms, and the last it covers."""
        with self._guard:
            self._refresh()
            cover = self._cover
        if not cover.last:
            return [], 0
        collection = cover.collection(level)
        candidates = cast("EntryEngine", self._engine).match(collection, terms, count, scope)
        if not candidates and collection not in self._engine.collections():
            self._check_there(level)
        return [EntryId(identity) for identity in candidates], cover.last

    def token_bytes(self, ids: Sequence[EntryId]) -> dict[EntryId, bytes]:
        """Returns the bytes of those entries' token vectors that the engine holds, by id."""
        with self._guard:
            self._refresh()
            cover = self._cover
        if not (cover.tokens and cover.last):
            return {}
        result: dict[EntryId, bytes] = {}
        numbers = entries.numbers_of(self._library.connection, ids)
        for level in {identity.level for identity in numbers}:
            ids_by_number = {n: i for i, n in numbers.items() if i.level is level and n <= cover.last}
            matrices = cast("EntryEngine", self._engine).tokens(cover.collection(level), list(ids_by_number))
            result |= {ids_by_number[number]: data for number, data in matrices.items()}
        return result

    def _check_there(self, level: Level) -> None:
        if entries.has_level(self._library.connection, level, self.last):
            raise self._incomplete("has lost the vectors of {folder}")

    def _incomplete(self, what: str) -> IncompleteIndexError:
        folder = self._library.folder
        return IncompleteIndexError(
            f"The index at {self._uri} {what.format(folder=folder)}: copy them into it again.",
            setting="index_uri",
            path=folder,
        )

    def _open(self) -> None:
        self._engine.refresh()
        self._cover = self._read_cover()

    def _release(self) -> None:
        self._cover = Cover()

    def _read_cover(self) -> Cover:
        """Returns what the database says of this engine; nothing where it holds the library elsewhere or otherwise."""
        cover = cover_of(self._library)
        expected = (self._name, self._uri, self._words, FORM)
        return cover if (cover.engine, cover.uri, cover.words, cover.form) == expected else Cover()

    # writing

    def _catch_up(self, finished: bool) -> None:
        behind = superseded.behind(self._library.connection, self._read_cover().last)
        if behind > (WAIT if finished else 10 * WAIT):
            self.build(finish=finished)

    def build(self, progress: Callable[[int, int], None] = lambda done, of: None, *, finish: bool = True) -> None:
        """Adds all entries that the engine lacks; goes on where an earlier build was cut off.

        `progress` is called with the number of the last entry that the engine has, and that of the last of all.
        """
        connection = self._library.connection
        cover = self._read_cover()
        if not cover.space:
            space = f"octavo-{self._identity()}-{uuid.uuid4().hex[:8]}"
            has_tokens = self._name == "lancedb" and tokens.has_any(connection)
            cover = Cover(self._name, self._uri, space, words=self._words, tokens=has_tokens, form=FORM)
        gone = superseded.documents(connection) if cover.last else []
        if cover.adding:
            gone = sorted({*gone, *entries.documents_after(connection, cover.last)})
        for level in Level:
            self._engine.delete(cover.collection(level), gone)
        end = entries.last_number(connection)
        while cover.last < end:
            progress(cover.last, end)
            upto = min(end, entries.end_of_document(connection, cover.last + BATCH))
            self._note(replace(cover, adding=True))
            for level in Level:
                if rows := self._rows(cover, cover.last, upto, level):
                    self._engine.add(cover.collection(level), rows)
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

    def verify(self) -> int:
        """Reads all entries back from an engine that can and compares their hashes; returns how many it compared.

        Raises `LibraryError` where any differ.
        """
        cover, compared = self._read_cover(), 0
        if self._name != "lancedb":
            return 0
        connection, engine = self._library.connection, cast("EntryEngine", self._engine)
        engine.refresh()
        at = 0
        while at < cover.last:
            upto = min(cover.last, entries.end_of_document(connection, at + BATCH))
            for level in Level:
                rows = self._rows(cover, at, upto, level)
                stored = engine.read(cover.collection(level), at, upto)
                if len(stored.ids) != len(rows.ids if rows else ()) or (rows and rows.digest() != stored.digest()):
                    raise self._incomplete(f"differs in the {level} entries {at + 1} to {upto} of {{folder}}")
                compared += len(stored.ids)
            at = upto
        return compared

    def _rows(self, cover: Cover, after: int, upto: int, level: Level) -> EntryRows | None:
        connection = self._library.connection
        placed = entries.between(connection, after, upto, level)
        if not placed:
            return None
        ids, matrix = vectors.between(connection, after, upto, level)
        if ids != [entry.id for entry in placed]:
            raise EmbeddingMismatchError(f"Entries of {self._library.folder} have no vectors: embed the library again.")
        return EntryRows(
            ids=[entry.id for entry in placed],
            vectors=matrix,
            places=[EntryPlace(entry.number, entry.page, entry.last_page, entry.kinds) for entry in placed],
            words=[f"{entry.heading} {entry.heading} {entry.text}" for entry in placed] if cover.words else (),
            tokens=token_bytes(self._library, [entry.id for entry in placed]) if cover.tokens else (),
        )

    def _note(self, cover: Cover) -> None:
        self._library.set(self.state, json.dumps(astuple(cover)))

    def _identity(self) -> str:
        """Returns what the engine knows this library by."""
        if not self._library.get("identity"):
            self._library.set("identity", uuid.uuid4().hex[:16])
        return self._library.get("identity") or ""

    def sweep(self) -> None:
        """Deletes the collections of this library that are not in use."""
        space, own = self._read_cover().space, f"octavo-{self._identity()}-"
        for name in self._engine.collections():
            if name.startswith(own) and not (space and name.startswith(space)):
                self._engine.drop(name)

    def leave(self) -> None:
        """Deletes this library's collections from the engine."""
        cover = self._read_cover()
        self._note(Cover())
        with self._guard:
            self._use_none()
        for level in Level:
            if cover.space:
                self._engine.drop(cover.collection(level))
        self.sweep()

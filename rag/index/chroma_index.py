"""Chroma as the dense index: approximately where entries are many, exactly where they are few or new."""

from __future__ import annotations

import json
import logging
import shutil
import threading
from dataclasses import astuple, dataclass

from octavo.ingest import LibraryError
from octavo.ingest.store.library import Library
from octavo.rag.embedding import Vectors
from octavo.rag.entry import EVERYWHERE, Hits, Level, Scope
from octavo.rag.index import chroma
from octavo.rag.index.chroma import FAILURES, ChromaFolder
from octavo.rag.index.store import entries, superseded, vectors

logger = logging.getLogger(__name__)

FEW = 2_000
"""Every vector is compared in a scope of at most this many entries, or of less than a tenth of a level's."""
WAIT = 10_000
"""Entries that may wait for the end of an ingest before Chroma takes them up."""


@dataclass(frozen=True, slots=True)
class _Cover:
    """The Chroma folder in use: its last entry, the size of its files, how many it has, how many were deleted."""

    folder: str = ""
    last: int = 0
    size: int = 0
    count: int = 0
    deleted: int = 0


class ChromaIndex:
    """The vectors of a library: its database keeps them, and Chroma finds them among many."""

    def __init__(self, library: Library) -> None:
        self._library, self._root = library, library.folder / "chroma"
        self._guard, self._renewing = threading.RLock(), threading.Lock()
        self._seen: tuple[str, str] | None = None
        self._cover = _Cover()
        self._folder: ChromaFolder | None = None
        self._later: dict[Level, tuple[list[str], Vectors]] = {}

    def close(self) -> None:
        """Closes Chroma."""
        with self._guard:
            self._use(_Cover())
            self._seen = None

    # reading

    def search(self, vector: Vectors, level: Level, k: int, scope: Scope, size: int, total: int) -> Hits:
        """Returns the ids of the nearest `k` entries in a scope with their cosine similarity, best first.

        `size` of the `total` entries of the level are in the scope.
        """
        if k <= 0 or not vector.any():
            return []
        if scope == EVERYWHERE:
            return self._everywhere(vector, level, k)
        if size > max(FEW, total // 10):
            hits = self._keep(self._everywhere(vector, level, 2 * k * total // size), level, scope)
            if len(hits) >= k:
                return hits[:k]
        ids, rows = vectors.of_scope(self._library.connection, level, scope)
        return vectors.nearest(ids, rows, vector, k)

    def _everywhere(self, vector: Vectors, level: Level, k: int) -> Hits:
        with self._guard:
            try:
                self._refresh()
                hits = self._covered(vector, level, k)
            except FAILURES as error:
                logger.warning("Searching without Chroma, which fails on %s: %s", self._root, error)
                self._use(_Cover())
                hits = []
            if level not in self._later:
                self._later[level] = vectors.after(self._library.connection, self._cover.last, level)
            hits += vectors.nearest(*self._later[level], vector, k)
        return sorted(hits, key=lambda hit: -hit[1])[:k]

    def _covered(self, vector: Vectors, level: Level, k: int) -> Hits:
        """Returns the nearest `k` in Chroma that are still there."""
        if self._folder is None:
            return []
        asked, result, hits = k, Hits(), Hits()
        while len(hits) < k:
            result = self._folder.search(vector, level, asked)
            hits = self._keep(result, level, EVERYWHERE, self._cover.last)
            if len(result) < asked:
                break
            asked *= 4
        return hits[:k]

    def _keep(self, hits: Hits, level: Level, scope: Scope, last: int | None = None) -> Hits:
        """Returns those hits that are in a scope, and no later than the entry `last`."""
        ids = [identity for identity, _ in hits]
        there = entries.in_scope(self._library.connection, ids, level, scope, last)
        return [hit for hit in hits if hit[0] in there]

    def _refresh(self) -> None:
        """Reloads what this or another process changed."""
        now = (self._library.get("generation") or "", self._library.get("chroma") or "")
        if now == self._seen:
            return
        changed = self._seen is None or now[1] != self._seen[1]
        self._seen = now
        self._later.clear()
        if changed:
            self._use(_read(self._library))

    def _use(self, cover: _Cover) -> None:
        if self._folder is not None:
            self._folder.close()
        self._cover, self._folder = _Cover(), None
        self._later.clear()
        if cover.folder and (self._root / cover.folder).is_dir():
            self._folder = ChromaFolder(self._root / cover.folder, cover.size, cover.count)
            self._cover = cover

    # writing

    def supersede(self, document: str) -> None:
        superseded.supersede(self._library.connection, document)

    def catch_up(self, *, finished: bool) -> None:
        """Makes Chroma cover all entries.

        During an ingest (`finished` is false) only when very many are waiting, and at its end all but a few of a large
        library: comparing those exactly costs less than a new copy of Chroma.
        """
        with self._renewing:
            self._catch_up(finished)

    def _catch_up(self, finished: bool) -> None:
        cover = _read(self._library)
        if not (cover.folder and (self._root / cover.folder).is_dir()):
            cover = _Cover()
        held, waiting, gone = superseded.backlog(self._library.connection, cover.last)
        bound = cover.count // 20 if finished else max(WAIT, held // 4)
        if waiting + gone <= bound:
            return
        try:
            self._renew(cover if cover.deleted <= held else _Cover())
        except FAILURES as error:
            logger.warning("Building Chroma anew, which fails on %s: %s", self._root, error)
            self._renew_whole()
        with self._guard:
            self._use(_Cover())  # lets go of the old folder; the next search opens the new one
            self._seen = None
        self.sweep()

    def _renew_whole(self) -> None:
        try:
            self._renew(_Cover())
        except FAILURES as error:
            self.sweep()
            raise LibraryError(f"The vectors cannot be written into {self._root}: {error}.") from error

    def _renew(self, cover: _Cover) -> None:
        """Puts a new folder in use, with all entries there are, made from the one of `cover`."""
        connection = self._library.connection
        last, gone = entries.last_number(connection), superseded.superseded(connection)
        try:
            path = chroma.copy(self._root / cover.folder if cover.folder else None, self._root)
            folder = ChromaFolder(path, cover.size, cover.count)
            try:
                folder.delete(gone if cover.folder else [])
                deleted = cover.deleted + cover.count - folder.count()
                for level in Level:
                    folder.add(*vectors.after(connection, cover.last, level), level)
                count = folder.count()
            finally:
                folder.close()
            chroma.fsync_tree(path)
        except OSError as error:
            self.sweep()
            raise LibraryError(
                f"The vectors cannot be written into {self._root}: {error.strerror or error}."
            ) from error
        new = _Cover(path.name, last, chroma.index_size(path), count, deleted)
        with self._library.transaction() as writing:
            self._library.set("chroma", json.dumps(astuple(new)))
            superseded.settle(writing, gone)

    def sweep(self) -> None:
        """Deletes all Chroma folders but the one in use."""
        used = _read(self._library).folder
        for path in self._root.glob("*"):
            if path.name != used:
                shutil.rmtree(path, ignore_errors=True)


def _read(library: Library) -> _Cover:
    return _Cover(*json.loads(library.get("chroma") or "[]"))

"""Chroma as the dense index: approximately where entries are many, exactly where they are few or new."""

from __future__ import annotations

import json
import logging
import shutil
from dataclasses import astuple, dataclass

from octavo.ingest import LibraryError
from octavo.ingest.store.library import Library
from octavo.rag.embedding import Vectors
from octavo.rag.entry import EVERYWHERE, Hits, Level, Scope
from octavo.rag.index import chroma
from octavo.rag.index.chroma import FAILURES, ChromaFolder
from octavo.rag.index.covered import CoveredIndex
from octavo.rag.index.store import entries, superseded, vectors

logger = logging.getLogger(__name__)

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


class ChromaIndex(CoveredIndex):
    """The vectors of a library: its database keeps them, and Chroma finds them among many.

    It catches up during an ingest only when very many entries are waiting, and at its end with all but a few of a large
    library: comparing those exactly costs less than a new copy of Chroma.
    """

    state = "chroma"
    failures = FAILURES

    def __init__(self, library: Library) -> None:
        super().__init__(library)
        self._root = library.folder / "chroma"
        self._cover = _Cover()
        self._folder: ChromaFolder | None = None

    @property
    def last(self) -> int:
        return self._cover.last

    def _covered(self, vector: Vectors, level: Level, k: int, scope: Scope) -> Hits:
        if self._folder is None:
            return []
        count, result, hits = k, Hits(), Hits()
        while len(hits) < k:
            result = self._folder.search(vector, level, count)
            hits = self._keep(result, level, EVERYWHERE, self._cover.last)
            if len(result) < count:
                break
            count *= 4
        return hits[:k]

    def _open(self) -> None:
        cover = _read_cover(self._library)
        if cover.folder and (self._root / cover.folder).is_dir():
            self._folder = ChromaFolder(self._root / cover.folder, cover.size, cover.count)
            self._cover = cover

    def _release(self) -> None:
        if self._folder is not None:
            self._folder.close()
        self._cover, self._folder = _Cover(), None

    # writing

    def _catch_up(self, finished: bool) -> None:
        cover = _read_cover(self._library)
        if not (cover.folder and (self._root / cover.folder).is_dir()):
            cover = _Cover()
        covered, waiting, gone = superseded.backlog(self._library.connection, cover.last)
        bound = cover.count // 20 if finished else max(WAIT, covered // 4)
        if waiting + gone <= bound:
            return
        try:
            self._renew(cover if cover.deleted <= covered else _Cover())
        except FAILURES as error:
            logger.warning("Building Chroma again, which fails on %s: %s", self._root, error)
            self._renew_whole()
        with self._guard:
            self._use_none()  # lets go of the old folder; the next search opens the new one
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
        last, gone = entries.last_number(connection), superseded.documents(connection)
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
        used = _read_cover(self._library).folder
        for path in self._root.glob("*"):
            if path.name != used:
                shutil.rmtree(path, ignore_errors=True)


def _read_cover(library: Library) -> _Cover:
    return _Cover(*json.loads(library.get("chroma") or "[]"))

"""Dense indexes by an engine that holds copies of the vectors: what it does not hold yet is compared exactly.

The library's database says which entries the engine covers, in the transaction that makes it so. What the engine finds
counts only where the database still holds it, and later entries are compared exactly, so that a document appears and
goes at once whatever the engine holds at that moment.
"""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod

from octavo.ingest.store.library import Library
from octavo.rag.embedding import Vectors
from octavo.rag.entry import EVERYWHERE, Hits, Level, Scope
from octavo.rag.index.store import entries, superseded, vectors

logger = logging.getLogger(__name__)

FEW = 2_000
"""Every vector is compared in a scope of at most this many entries, or of less than a tenth of a level's."""


class CoveredIndex(ABC):
    """A dense index whose engine covers a library's entries up to one of them.

    `state` is the name of the value in the library's database that says what the engine covers. After one of the
    `failures` the engine is left out until the library changes, and all vectors are compared.
    """

    state: str
    failures: tuple[type[Exception], ...] = ()

    def __init__(self, library: Library) -> None:
        self._library = library
        self._guard, self._renewing = threading.RLock(), threading.Lock()
        self._seen: tuple[str, str] | None = None
        self._later: dict[Level, tuple[list[str], Vectors]] = {}

    @property
    def filters(self) -> bool:
        """True where the engine limits its searches to a scope itself."""
        return False

    @property
    @abstractmethod
    def last(self) -> int:
        """The number of the last entry that the engine in use covers, 0 where none is."""

    @abstractmethod
    def _open(self) -> None:
        """Uses what the database says now."""

    @abstractmethod
    def _release(self) -> None:
        """Uses no engine."""

    @abstractmethod
    def _covered(self, vector: Vectors, level: Level, k: int, scope: Scope) -> Hits:
        """Returns the nearest `k` that the engine in use holds and the database still does.

        `scope` has no metadata; it bounds them where the engine `filters`, and is everywhere where it does not.
        """

    @abstractmethod
    def _catch_up(self, finished: bool) -> None: ...

    def close(self) -> None:
        """Lets go of the engine."""
        with self._guard:
            self._use_none()
            self._seen = None

    # reading

    def search(self, vector: Vectors, level: Level, k: int, scope: Scope, size: int, total: int) -> Hits:
        """Returns the ids of the nearest `k` entries in a scope with their cosine similarity, best first.

        `size` of the `total` entries of the level are in the scope.
        """
        if k <= 0 or not vector.any():
            return []
        if scope == EVERYWHERE:
            return self._nearest(vector, level, k)
        if self.filters and size > FEW:
            return self._nearest(vector, level, k, entries.without_metadata(self._library.connection, scope))
        if size > max(FEW, total // 10):
            hits = self._keep(self._nearest(vector, level, 2 * k * total // size), level, scope)
            if len(hits) >= k:
                return hits[:k]
        ids, rows = vectors.of_scope(self._library.connection, level, scope)
        return vectors.nearest(ids, rows, vector, k)

    def _nearest(self, vector: Vectors, level: Level, k: int, scope: Scope = EVERYWHERE) -> Hits:
        with self._guard:
            try:
                self._refresh()
                hits = self._covered(vector, level, k, scope)
            except self.failures as error:
                logger.warning("Searching without the engine, which fails: %s", error)
                self._use_none()
                hits = []
            if level not in self._later:
                self._later[level] = vectors.after(self._library.connection, self.last, level)
            ids, rows = self._later[level]
        if scope == EVERYWHERE:
            hits += vectors.nearest(ids, rows, vector, k)
        else:
            hits += self._keep(vectors.nearest(ids, rows, vector, len(ids)), level, scope)
        return sorted(hits, key=lambda hit: (-hit[1], hit[0]))[:k]

    def _keep(self, hits: Hits, level: Level, scope: Scope, last: int | None = None) -> Hits:
        """Returns those hits that are in a scope, and no later than the entry `last`."""
        ids = [identity for identity, _ in hits]
        there = entries.in_scope(self._library.connection, ids, level, scope, last)
        return [hit for hit in hits if hit[0] in there]

    def _refresh(self) -> None:
        """Reloads what this or another process changed."""
        now = (self._library.get("generation") or "", self._library.get(self.state) or "")
        if now == self._seen:
            return
        changed = self._seen is None or now[1] != self._seen[1]
        self._later.clear()
        if changed:
            self._use_none()
            self._open()
        self._seen = now

    def _use_none(self) -> None:
        self._later.clear()
        self._release()

    # writing

    def supersede(self, document: str) -> None:
        """Notes that the engine's vectors of a document no longer count."""
        superseded.supersede(self._library.connection, document)

    def catch_up(self, *, finished: bool) -> None:
        """Makes the engine cover all entries, but for so few that comparing them exactly costs less."""
        with self._renewing:
            self._catch_up(finished)

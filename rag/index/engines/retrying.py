"""Calls of an engine that are made again where it could not be reached just now."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Sequence
from typing import TypeVar, cast

from octavo.rag.embedding import Vectors
from octavo.rag.entry import EVERYWHERE, Scope
from octavo.rag.index.engines.base import EngineError, EntryEngine, EntryRows, VectorEngine

logger = logging.getLogger(__name__)

TRIES = 5
"""The number of times that a call is made at most."""
FIRST, LONGEST = 0.2, 5.0
"""Seconds before the second try, and the most before a later one; a wait is at most twice the one before."""

T = TypeVar("T")


class RetryingEngine:
    """An engine whose calls are made up to `TRIES` times where they raise `EngineError`.

    All calls may be repeated: what a failed call has added is deleted before it is added again, by its documents, all
    of whose entries of a level are added at once.
    """

    def __init__(self, engine: VectorEngine) -> None:
        self._engine = engine
        self.filters = engine.filters

    def add(self, collection: str, rows: EntryRows) -> None:
        def again() -> None:
            self._engine.delete(collection, sorted({identity.document for identity in rows.ids}))
            self._engine.add(collection, rows)

        _retry(lambda: self._engine.add(collection, rows), again)

    def delete(self, collection: str, documents: Sequence[str]) -> None:
        _retry(lambda: self._engine.delete(collection, documents))

    def finish(self, collection: str) -> None:
        _retry(lambda: self._engine.finish(collection))

    def search(self, collection: str, vector: Vectors, k: int, scope: Scope = EVERYWHERE) -> list[str]:
        return _retry(lambda: self._engine.search(collection, vector, k, scope))

    def match(self, collection: str, terms: Sequence[str], k: int, scope: Scope = EVERYWHERE) -> list[str]:
        return _retry(lambda: cast("EntryEngine", self._engine).match(collection, terms, k, scope))

    def tokens(self, collection: str, numbers: Sequence[int]) -> dict[int, bytes]:
        return _retry(lambda: cast("EntryEngine", self._engine).tokens(collection, numbers))

    def read(self, collection: str, after: int, upto: int) -> EntryRows:
        return _retry(lambda: cast("EntryEngine", self._engine).read(collection, after, upto))

    def refresh(self) -> None:
        self._engine.refresh()

    def collections(self) -> list[str]:
        return _retry(self._engine.collections)

    def drop(self, collection: str) -> None:
        _retry(lambda: self._engine.drop(collection))

    def close(self) -> None:
        self._engine.close()


def _retry(call: Callable[[], T], again: Callable[[], T] | None = None) -> T:
    """Makes a call, and `again` or the same call where it raises `EngineError`; raises the last error."""
    wait = FIRST
    for number in range(1, TRIES):
        try:
            return call()
        except EngineError as error:
            logger.warning("Try %d of %d: %s", number, TRIES, error)
        time.sleep(wait * random.uniform(0.5, 1))  # noqa: S311 - not for secrets
        wait, call = min(2 * wait, LONGEST), again or call
    return call()

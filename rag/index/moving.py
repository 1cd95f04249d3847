"""Moving a library's vectors into an engine and back, and the check that searches stay the same."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from octavo.ingest.errors import IncompleteIndexError
from octavo.ingest.store.library import Library
from octavo.rag.entry import EVERYWHERE, Level
from octavo.rag.index.engine_index import EngineIndex, cover_of
from octavo.rag.index.engines.base import EngineName
from octavo.rag.index.store import entries, vectors

SEARCHES = 100
"""Random searches that the check compares."""
K = 10
LEAST = 0.98
"""The least share of the exact nearest that those searches must find."""


@dataclass(frozen=True, slots=True)
class MoveReport:
    """Entries that the engine covers, and how its random searches compare with exact ones.

    `equal` of `searches` give the same ids in the same order; `recall` is the share of all exact `K` nearest that is
    found.
    """

    entries: int
    searches: int
    equal: int
    recall: float


def move_to_engine(
    library: Library,
    engine: EngineName,
    uri: str,
    progress: Callable[[int, int], None] = lambda done, of: None,
    *,
    anew: bool = False,
) -> MoveReport:
    """Copies a library's vectors into an engine, going on where an earlier run was cut off, and checks them.

    `anew` deletes what the engine holds of the library first. Raises `IncompleteIndexError` where searches find less
    than `LEAST` of the nearest vectors.
    """
    index = EngineIndex(library, engine, uri)
    try:
        with library.writer():
            if anew:
                index.leave()
            index.build(progress)
            index.sweep()
            report = check(library, index)
    finally:
        index.close()
    if report.recall < LEAST:
        raise IncompleteIndexError(
            f"The index at {uri} finds {report.recall:.1%} of the nearest vectors only: copy them into it anew.",
            setting="index_uri",
            path=library.folder,
        )
    return report


def move_back(library: Library) -> None:
    """Deletes a library's vectors from the engine that has them; the library's folder keeps them all."""
    cover = cover_of(library)
    if not cover.engine:
        return
    index = EngineIndex(library, cover.engine, cover.uri)
    try:
        with library.writer():
            index.leave()
    finally:
        index.close()


def check(library: Library, index: EngineIndex, searches: int = SEARCHES) -> MoveReport:
    """Compares random searches of an engine with exact ones, each near a page's vector."""
    connection = library.connection
    total = entries.count(connection, Level.PAGE, EVERYWHERE)
    ids, rows = vectors.of_scope(connection, Level.PAGE, EVERYWHERE)
    source = random.Random(0)  # noqa: S311 - not for secrets
    chosen = [row for row in source.sample(range(len(ids)), min(searches, len(ids))) if rows[row].any()]
    equal, hits, wanted = 0, 0, 0
    for row in chosen:
        exact = [identity for identity, _ in vectors.nearest(ids, rows, rows[row], K)]
        nearest = [identity for identity, _ in index.search(rows[row], Level.PAGE, K, EVERYWHERE, total, total)]
        equal += nearest == exact
        hits += len({*nearest} & {*exact})
        wanted += len(exact)
    return MoveReport(entries.count_all(connection), len(chosen), equal, hits / wanted if wanted else 1.0)

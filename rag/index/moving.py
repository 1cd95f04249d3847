"""Moving a library's vectors and words into an engine and back, and the check that searches stay the same."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from octavo.ingest.errors import IncompleteIndexError
from octavo.ingest.store.library import Library
from octavo.rag.embedding import Vectors
from octavo.rag.entry import EVERYWHERE, EntryId, Hits, Level
from octavo.rag.index.bm25 import Bm25Index, words_are_out
from octavo.rag.index.engine_index import BATCH, EngineIndex, cover_of
from octavo.rag.index.engine_words import EngineWords, move_words_in, move_words_out
from octavo.rag.index.engines.base import EngineName
from octavo.rag.index.store import entries, vectors

SEARCHES = 100
"""Random searches that the check compares."""
K = 10
SAME = 1e-6
"""The most that similarities differ by where they are the same."""
TERMS = 4
"""Terms of a random search by words."""
LEAST = 0.98
"""The least share of the exact nearest that those searches must find."""


@dataclass(frozen=True, slots=True)
class MoveReport:
    """Entries that the engine covers, and how its random searches compare with those of the library's database.

    `equal` of `searches` by vectors give the same ids in the same order as exact ones; `recall` is the share of all
    exact `K` nearest that is found. `words_equal` of `words_searches` rank the same by words. `compared` entries have
    been read back from the engine, and their hashes are the same.
    """

    entries: int
    searches: int
    equal: int
    recall: float
    words_searches: int = 0
    words_equal: int = 0
    compared: int = 0


def move_to_engine(
    library: Library,
    engine: EngineName,
    uri: str,
    progress: Callable[[int, int], None] = lambda done, of: None,
    *,
    words: bool = False,
    anew: bool = False,
) -> MoveReport:
    """Copies a library's vectors into an engine, going on where an earlier run was cut off, and checks them.

    `words` moves the index of its words there, too, once the vectors are checked. `anew` deletes what the engine holds
    of the library first. Raises `IncompleteIndexError` where an entry's copy differs, and where searches find less than
    `LEAST` of what they have to.
    """
    index = EngineIndex(library, engine, uri, words=words)
    try:
        with library.writer():
            if anew:
                index.leave()
            index.build(progress)
            index.sweep()
            compared = index.verify()
            report = replace(check(library, index), compared=compared)
            if report.recall < LEAST:
                raise _incomplete(library, uri, f"finds {report.recall:.1%} of the nearest vectors only")
            if words:
                searches, equal = _move_words(library, index, uri)
                report = replace(report, words_searches=searches, words_equal=equal)
            else:
                move_words_in(library)
    finally:
        index.close()
    return report


def move_back(library: Library) -> None:
    """Indexes a library's words in its database again, and deletes its copies from the engine that has them.

    The library's folder keeps all vectors.
    """
    cover = cover_of(library)
    if not cover.engine:
        with library.writer():
            move_words_in(library)
        return
    index = EngineIndex(library, cover.engine, cover.uri, words=cover.words)
    try:
        with library.writer():
            move_words_in(library)
            index.leave()
    finally:
        index.close()


def _move_words(library: Library, index: EngineIndex, uri: str) -> tuple[int, int]:
    """Leaves the words to the engine; returns how many random searches were compared and how many rank the same.

    Words that are there already are not compared. Raises `IncompleteIndexError`, and changes nothing, where searches
    find less than `LEAST` of the entries.
    """
    if words_are_out(library):
        return 0, 0
    searches = _random_words(library)
    before = [Bm25Index(library).search(terms, Level.PAGE, K, EVERYWHERE) for terms in searches]
    move_words_out(library)
    sparse = EngineWords(library, index)
    after = [sparse.search(terms, Level.PAGE, K, EVERYWHERE) for terms in searches]
    recovered = sum(len({i for i, _ in a} & {i for i, _ in b}) for a, b in zip(after, before, strict=True))
    if recovered < LEAST * sum(map(len, before)):
        move_words_in(library)
        raise _incomplete(library, uri, "finds too few of the entries that hold a question's words")
    same = sum([i for i, _ in a] == [i for i, _ in b] for a, b in zip(after, before, strict=True))
    return len(searches), same


def _incomplete(library: Library, uri: str, what: str) -> IncompleteIndexError:
    text = f"The index at {uri} {what}: copy the library into it again."
    return IncompleteIndexError(text, setting="index_uri", path=library.folder)


def _random_words(library: Library) -> list[list[str]]:
    """Returns the terms of random searches: a few of a random page each."""
    connection, source = library.connection, random.Random(0)  # noqa: S311 - not for secrets
    numbers = entries.numbers(connection, Level.PAGE, EVERYWHERE)
    chosen = entries.ids(connection, source.sample(numbers, min(SEARCHES, len(numbers))))
    pages = entries.analyzed(connection, [*chosen.values()])
    texts = [[*dict.fromkeys([*page.heading, *page.text])] for page in pages.values()]
    return [source.sample(text, min(TERMS, len(text))) for text in texts if text]


def check(library: Library, index: EngineIndex, searches: int = SEARCHES) -> MoveReport:
    """Compares random searches of an engine with exact ones, each near a page's vector.

    An entry that is just as near as the last of the exact nearest is as good.
    """
    connection = library.connection
    numbers = entries.numbers(connection, Level.PAGE, EVERYWHERE)
    source = random.Random(0)  # noqa: S311 - not for secrets
    chosen = sorted(source.sample(numbers, min(searches, len(numbers))))
    queries = [row for row in vectors.by_number(connection, chosen)[1] if row.any()]
    exact_hits = _nearest(library, queries)
    equal, hits = 0, 0
    for query, exact in zip(queries, exact_hits, strict=True):
        nearest = index.search(query, Level.PAGE, K, EVERYWHERE, len(numbers), len(numbers))
        equal += [identity for identity, _ in nearest] == [identity for identity, _ in exact]
        hits += sum(similarity >= exact[-1][1] - SAME for _, similarity in nearest)
    total = sum(map(len, exact_hits))
    return MoveReport(entries.count_all(connection), len(queries), equal, hits / total if total else 1.0)


def _nearest(library: Library, queries: Sequence[Vectors]) -> list[Hits]:
    """Returns the `K` pages nearest to each query, by comparing all, some at a time."""
    connection = library.connection
    best: list[Hits] = [[] for _ in queries]
    matrix = np.array(queries, dtype=np.float64)
    for at in range(0, entries.last_number(connection), BATCH):
        ids, rows = vectors.between(connection, at, at + BATCH, Level.PAGE)
        if not ids:
            continue
        for best_of_query, similarities in zip(best, np.round(matrix @ rows.astype(np.float64).T, 9), strict=True):
            near = ((EntryId(ids[n]), float(similarities[n])) for n in vectors.largest(similarities, K))
            best_of_query[:] = sorted([*best_of_query, *near], key=lambda hit: (-hit[1], hit[0]))[:K]
    return best

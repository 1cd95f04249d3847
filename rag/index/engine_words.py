"""A sparse index by an engine that holds copies of the entries' words: BM25 with the scores of the embedded one.

The engine's full-text index finds more than is asked for, and what it finds is scored again from the library's database
with the same formula, so that rankings do not depend on the engine's. As with vectors, a hit counts only where the
database still has it, and entries that the engine lacks are scored from the database.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from octavo.ingest import LibraryError
from octavo.ingest.store.library import Library
from octavo.rag.entry import EVERYWHERE, EntryId, Hits, Level, Scope
from octavo.rag.index.bm25 import ENGINE, STATE, count_terms, is_small, rank_all, term_weight, words_are_out
from octavo.rag.index.engine_index import EngineIndex
from octavo.rag.index.sparse import K1, B, select_terms
from octavo.rag.index.store import entries, superseded, term_counts, words
from octavo.rag.index.store.entries import AnalyzedEntry

EXACT = 4
"""Entries of the engine that are scored exactly for each one that is asked for."""
TIES = 32
"""... and where many score the same."""


class _Later(NamedTuple):
    """Entries that the engine does not hold yet, as of one generation of the library."""

    generation: int
    last: int
    entries: dict[EntryId, AnalyzedEntry]


class EngineWords:
    """Ranks the entries of a library by words, which an engine holds; usable from several threads.

    Raises `LibraryError` for a library that has its words in its folder.
    """

    def __init__(self, library: Library, index: EngineIndex) -> None:
        if not words_are_out(library) and next(library.ids(), None):
            raise LibraryError(
                f"The words of {library.folder} are in its database: set sparse_index to sqlite, or move them into the "
                "engine first."
            )
        self._library, self._index = library, index
        self._guard = threading.Lock()
        self._waiting: dict[Level, _Later] = {}
        self._frequencies = lru_cache(maxsize=4096)(self._read_frequency)

    # writing

    def add(self, document: str) -> None:
        self._library.set(STATE, ENGINE)
        term_counts.add(self._library.connection, document)

    def delete(self, document: str) -> None:
        term_counts.subtract(self._library.connection, document)

    # reading

    def search(self, terms: Sequence[str], level: Level, k: int, scope: Scope) -> Hits:
        """Ranks as `SparseIndex.search` says; the score of a document is that of its best page."""
        if k <= 0:
            return []
        with self._library.snapshot():
            if is_small(self._library, level, scope, self.size(level)):
                return rank_all(self._library, terms, level, k, scope)
            if level is Level.DOCUMENT:
                return self._documents(terms, k, scope)
            return self._search(terms, level, k, scope)

    def size(self, level: Level) -> int:
        if level is Level.DOCUMENT:
            return entries.count(self._library.connection, level, EVERYWHERE)
        return term_counts.totals(self._library.connection, level).entries

    def frequency(self, term: str, level: Level) -> int:
        return self._frequencies(self._library.generation, level, term)

    def pages_with(self, term: str, documents: Sequence[str] | None = None) -> dict[str, int]:
        with self._library.snapshot():
            scope, result = Scope(documents), dict[str, int]()
            matches, last = self._index.match([term], Level.PAGE, max(1, self.frequency(term, Level.PAGE)), scope)
            connection = self._library.connection
            gone = {*superseded.documents(connection), *entries.documents_after(connection, last)}
            documents_of_pages = [page.document for page in matches if page.document not in gone]
            later = self._later(Level.PAGE, last)
            documents_of_pages += [
                page.document
                for page, (_, heading, text) in later.items()
                if (term in heading or term in text) and (documents is None or page.document in documents)
            ]
            for document in sorted(documents_of_pages):
                result[document] = result.get(document, 0) + 1
        return result

    def _documents(self, terms: Sequence[str], k: int, scope: Scope) -> Hits:
        """Returns the best documents by their best pages."""
        inside = None if scope == EVERYWHERE else sorted(entries.documents(self._library.connection, scope))
        count = 10 * k
        while True:
            hits, whole = self._ranked(terms, Level.PAGE, count, Scope(inside))
            best = dict[EntryId, float]()
            for page, score in hits:
                best.setdefault(EntryId(page.document), score)
            if whole or (len(best) > k and score < [*best.values()][k - 1]):
                return sorted(best.items(), key=lambda hit: (-hit[1], hit[0]))[:k]
            count *= 4

    def _search(self, terms: Sequence[str], level: Level, k: int, scope: Scope) -> Hits:
        bounded = entries.without_metadata(self._library.connection, scope)
        return self._ranked(terms, level, k, bounded)[0][:k]

    def _ranked(self, terms: Sequence[str], level: Level, k: int, scope: Scope) -> tuple[Hits, bool]:
        """Returns at least the best `k` entries, best first, and whether they are all that hold a term."""
        total, length = term_counts.totals(self._library.connection, level)
        frequency = {term: self.frequency(term, level) for term in terms}
        weights = {term: term_weight(frequency[term], total) for term in select_terms(frequency, total)}
        count, usual = EXACT * k, length / total if length else 1.0
        while weights:
            matches, last = self._index.match([*weights], level, count, scope)
            there = entries.in_scope(self._library.connection, matches, level, scope, last)
            analyzed = entries.analyzed(self._library.connection, [i for i in dict.fromkeys(matches) if i in there])
            hits = _scored(analyzed, weights, usual)
            every = len(matches) < count
            if every or (len(hits) > k and (hits[k - 1][1] > hits[-1][1] or count >= TIES * k)):
                later = self._later(level, last)
                if scope != EVERYWHERE:
                    inside = entries.in_scope(self._library.connection, [*later], level, scope)
                    later = {i: entry for i, entry in later.items() if i in inside}
                hits += _scored(later, weights, usual)
                return sorted(hits, key=lambda hit: (-hit[1], hit[0])), every
            count *= 4
        return [], True

    def _later(self, level: Level, last: int) -> dict[EntryId, AnalyzedEntry]:
        """Returns the entries of a level that came after the number `last`."""
        generation = self._library.generation
        with self._guard:
            later = self._waiting.get(level)
            if later is None or (later.generation, later.last) != (generation, last):
                rows = entries.analyzed_after(self._library.connection, level, last)
                later = self._waiting[level] = _Later(generation, last, rows)
            return later.entries

    def _read_frequency(self, generation: int, level: Level, term: str) -> int:
        level = Level.PAGE if level is Level.DOCUMENT else level
        return term_counts.frequency(self._library.connection, level, term)


def _scored(analyzed: dict[EntryId, AnalyzedEntry], weights: dict[str, float], usual: float) -> Hits:
    """Returns the entries that hold any of the terms with their scores, best first; `usual` is the mean length."""
    hits: Hits = []
    for identity, (_, heading, text) in analyzed.items():
        counts, length = count_terms(weights, heading, text)
        if counts:
            norm, score = K1 * (1 - B + B * length / usual), 0.0
            for term, weight in weights.items():
                if count := counts.get(term):
                    score += weight * (count * (K1 + 1) / (count + norm))
            hits.append((identity, score))
    return sorted(hits, key=lambda hit: (-hit[1], hit[0]))


def move_words_out(library: Library) -> None:
    """Leaves the words of a library to its engine, which holds them: they are counted, and FTS5 is emptied."""
    with library.transaction() as connection:
        if not words_are_out(library):
            term_counts.rebuild(connection)
            words.clear(connection)
            library.set(STATE, ENGINE)


def move_words_in(library: Library) -> None:
    """Indexes the words of a library in its database again."""
    with library.transaction() as connection:
        if words_are_out(library):
            words.rebuild(connection)
            term_counts.clear(connection)
            library.set(STATE, "")

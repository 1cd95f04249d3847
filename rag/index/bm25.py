"""The embedded sparse index: BM25 (Robertson and Zaragoza 2009) over postings that SQLite's FTS5 keeps.

Postings are read from FTS5 when a term is first searched and scored with NumPy; what a term adds to the score of each
entry does not depend on the query, so it is kept until the library changes. Scores are those of FTS5's `bm25()`.

In a small scope, such as one document, every entry is scored and terms weigh by how rare they are within the scope:
what a whole document is about tells none of its pages from the others.
"""

from __future__ import annotations

import math
import threading
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from octavo.ingest.store.library import Library
from octavo.rag.entry import EVERYWHERE, EntryId, Hits, Level, Scope
from octavo.rag.index.sparse import K1, B, bm25, idf, select_terms
from octavo.rag.index.store import entries, words

HEADING_WEIGHT = 2.0
LEAST_IDF = 1e-6
"""The weight of a term that stands in more than half of the entries, as FTS5 gives it."""
FEW = 1_000
"""The most entries of a small scope."""
KEPT_POSTINGS = 4_000_000
"""Postings that are kept in memory, 12 bytes each; the terms that were not searched for longest go first."""
STALE = 1.2
"""Lengths are read anew when there are this many times as many of them as entries."""


@dataclass(frozen=True)
class _Postings:
    """The places of a term's entries in `_Entries.numbers`, ascending, and what it adds to the score of each."""

    places: NDArray[np.int32]
    scores: NDArray[np.float64]


@dataclass(frozen=True)
class _Entries:
    """A level as of one generation of the library: entry numbers, ascending, and each one's length in BM25."""

    generation: int
    total: int
    numbers: NDArray[np.int64]
    lengths: NDArray[np.int64]
    norms: NDArray[np.float64]
    postings: OrderedDict[str, _Postings] = field(default_factory=OrderedDict)


class Bm25Index:
    """Ranks the entries of a library by words; usable from several threads."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._guard = threading.Lock()
        self._levels: dict[Level, _Entries] = {}
        self._documents = lru_cache(maxsize=1)(self._read_documents)
        self._frequencies = lru_cache(maxsize=4096)(self._read_frequency)

    # writing

    def add(self, document: str) -> None:
        words.write(self._library.connection, document)

    def delete(self, document: str) -> None:
        words.delete(self._library.connection, document)

    # reading

    def search(self, terms: Sequence[str], level: Level, k: int, scope: Scope) -> Hits:
        """Ranks as `SparseIndex.search` says; the score of a document is that of its best page."""
        with self._library.snapshot():
            if level is not Level.DOCUMENT and scope != EVERYWHERE:
                size = entries.count(self._library.connection, level, scope)
                if size <= min(FEW, self.size(level) - 1):
                    return self._search_few(terms, level, k, scope)
            return self._search(terms, level, k, scope)

    def size(self, level: Level) -> int:
        if level is Level.DOCUMENT:
            return entries.count(self._library.connection, level, EVERYWHERE)
        return words.totals(self._library.connection, level).entries

    def frequency(self, term: str, level: Level) -> int:
        return self._frequencies(self._library.generation, _searched(level), term)

    def pages_with(self, term: str) -> dict[str, int]:
        with self._library.snapshot():
            pages = self._entries(Level.PAGE)
            numbers, documents = self._documents(pages.generation)
            held = pages.numbers[self._postings(pages, Level.PAGE, term).places]
            counts = np.bincount(np.searchsorted(numbers, held, "right") - 1, minlength=len(documents))
        return dict(sorted((documents[place], int(counts[place])) for place in np.flatnonzero(counts)))

    def _search(self, terms: Sequence[str], level: Level, k: int, scope: Scope) -> Hits:
        searched = _searched(level)
        frequency = {term: self.frequency(term, level) for term in terms}
        level_entries = self._entries(searched)
        scores = np.zeros(len(level_entries.numbers))
        for term in select_terms(frequency, level_entries.total):
            result = self._postings(level_entries, searched, term)
            scores[result.places] += result.scores
        connection = self._library.connection
        if level is Level.DOCUMENT:
            places = np.flatnonzero(scores)
            of_page = dict(zip(level_entries.numbers[places].tolist(), scores[places].tolist(), strict=True))
            documents = dict[EntryId, float]()
            for number, document in words.documents_of(connection, list(of_page), scope):
                documents[document] = max(documents.get(document, 0.0), of_page[number])
            return sorted(documents.items(), key=lambda hit: (-hit[1], hit[0]))[:k]
        if scope != EVERYWHERE:
            scores[~np.isin(level_entries.numbers, entries.numbers(connection, level, scope))] = 0.0
        places = np.flatnonzero(scores)
        if k < len(places):
            least = np.partition(scores[places], -k)[-k]
            places = places[scores[places] >= least]
        ids = entries.ids(connection, level_entries.numbers[places].tolist())
        hits = [
            (ids[number], score)
            for number, score in zip(level_entries.numbers[places].tolist(), scores[places].tolist(), strict=True)
        ]
        return sorted(hits, key=lambda hit: (-hit[1], hit[0]))[:k]

    def _search_few(self, terms: Sequence[str], level: Level, k: int, scope: Scope) -> Hits:
        wanted, counts_by_entry, lengths = frozenset(terms), dict[EntryId, dict[str, float]](), dict[EntryId, int]()
        for identity, heading, text in words.texts(self._library.connection, level, scope):
            counts = counts_by_entry[identity] = dict[str, float]()
            for words_of_part, weight in ((heading.split(), HEADING_WEIGHT), (text.split(), 1.0)):
                for term in wanted.intersection(words_of_part):
                    counts[term] = counts.get(term, 0.0) + weight * words_of_part.count(term)
                lengths[identity] = lengths.get(identity, 0) + len(words_of_part)
        rarity = Counter(term for counts in counts_by_entry.values() for term in counts)
        weights = {term: idf(n, len(counts_by_entry)) for term, n in rarity.items()}
        usual = sum(lengths.values()) / max(1, len(lengths))
        scores = [(i, bm25(counts, lengths[i] / usual, weights)) for i, counts in counts_by_entry.items() if counts]
        return sorted(scores, key=lambda hit: (-hit[1], hit[0]))[:k]

    # what is kept in memory

    def _entries(self, level: Level) -> _Entries:
        """Returns a level as it is now; only the lengths of entries that came since are read."""
        generation, connection = self._library.generation, self._library.connection
        with self._guard:
            level_entries = self._levels.get(level)
            if level_entries is not None and level_entries.generation == generation:
                return level_entries
            total, terms = words.totals(connection, level)
            if (
                level_entries is None
                or level_entries.generation > generation
                or len(level_entries.numbers) > STALE * total
            ):
                numbers, lengths = words.lengths(connection, level, 0)
            else:
                last = int(level_entries.numbers[-1]) if len(level_entries.numbers) else 0
                numbers, lengths = words.lengths(connection, level, last)
                numbers, lengths = np.append(level_entries.numbers, numbers), np.append(level_entries.lengths, lengths)
            average = terms / total if terms else 1.0
            norms = np.asarray(K1 * (1 - B + B * lengths / average), dtype=np.float64)
            level_entries = self._levels[level] = _Entries(generation, total, numbers, lengths, norms)
            return level_entries

    def _postings(self, level_entries: _Entries, level: Level, term: str) -> _Postings:
        with self._guard:
            if (known := level_entries.postings.get(term)) is not None:
                level_entries.postings.move_to_end(term)
                return known
        result = _score(level_entries, *words.postings(self._library.connection, level, term))
        with self._guard:
            level_entries.postings[term] = result
            while (
                sum(len(cached.places) for cached in level_entries.postings.values()) > KEPT_POSTINGS
                and len(level_entries.postings) > 1
            ):
                level_entries.postings.popitem(last=False)
        return result

    def _read_frequency(self, generation: int, level: Level, term: str) -> int:
        return words.frequencies(self._library.connection, level, [term])[term]

    def _read_documents(self, generation: int) -> tuple[NDArray[np.int64], list[str]]:
        """Returns the number of each document's first entry, ascending, and the documents in that order."""
        return entries.first_numbers(self._library.connection)


def _searched(level: Level) -> Level:
    return Level.PAGE if level is Level.DOCUMENT else level


def _score(level_entries: _Entries, numbers: NDArray[np.int64], in_heading: NDArray[np.bool_]) -> _Postings:
    """Returns what a term adds to the score of each entry that holds it."""
    unique, first = np.unique(numbers, return_index=True)
    if not len(unique):
        return _Postings(np.zeros(0, np.int32), np.zeros(0))
    counts = np.add.reduceat(np.where(in_heading, HEADING_WEIGHT, 1.0), first)
    places = np.searchsorted(level_entries.numbers, unique)
    weight = (
        math.log((level_entries.total - len(unique) + 0.5) / (len(unique) + 0.5))
        if len(unique) <= level_entries.total
        else 0.0
    )
    scores = max(weight, LEAST_IDF) * (counts * (K1 + 1) / (counts + level_entries.norms[places]))
    return _Postings(places.astype(np.int32), scores)

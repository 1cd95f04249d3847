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
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from octavo.ingest import LibraryError
from octavo.ingest.store.library import Library
from octavo.rag.entry import EVERYWHERE, EntryId, Hits, Level, Scope
from octavo.rag.index.sparse import K1, B, bm25, idf, select_terms
from octavo.rag.index.store import entries, words

STATE, ENGINE = "words", "engine"
"""The name of the value in a library's database that says where its words are, and its value for those in an engine."""
HEADING_WEIGHT = 2.0
LEAST_IDF = 1e-6
"""The weight of a term that stands in more than half of the entries, as FTS5 gives it."""
FEW = 1_000
"""The most entries of a small scope."""
KEPT_POSTINGS = 4_000_000
"""Postings that are kept in memory, 12 bytes each; the terms that were not searched for longest go first."""
STALE = 1.2
"""Lengths are read again when there are this many times as many of them as entries."""


@dataclass(frozen=True)
class _Postings:
    """The places of a term's entries in `_Entries.numbers`, ascending, and what it adds to the score of each."""

    places: NDArray[np.int32]
    scores: NDArray[np.float64]


class _PostingsCache:
    """The postings of the terms that were searched last, at most `KEPT_POSTINGS` together, or those of one term."""

    def __init__(self) -> None:
        self._terms: OrderedDict[str, _Postings] = OrderedDict()
        self._size = 0

    def get(self, term: str) -> _Postings | None:
        if (result := self._terms.get(term)) is not None:
            self._terms.move_to_end(term)
        return result

    def put(self, term: str, postings: _Postings) -> None:
        if term in self._terms:  # another thread was faster
            return
        self._terms[term] = postings
        self._size += len(postings.places)
        while self._size > KEPT_POSTINGS and len(self._terms) > 1:
            _, oldest = self._terms.popitem(last=False)
            self._size -= len(oldest.places)


@dataclass(frozen=True)
class _Entries:
    """A level as of one generation of the library: entry numbers, ascending, and each one's length in BM25."""

    generation: int
    total: int
    numbers: NDArray[np.int64]
    lengths: NDArray[np.int64]
    norms: NDArray[np.float64]
    postings: _PostingsCache = field(default_factory=_PostingsCache)


class Bm25Index:
    """Ranks the entries of a library by words; usable from several threads.

    Raises `LibraryError` for a library that has its words in an engine.
    """

    def __init__(self, library: Library) -> None:
        if words_are_out(library):
            raise LibraryError(
                f"The words of {library.folder} are in an engine: set sparse_index to lancedb, or move them back first."
            )
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
            if is_small(self._library, level, scope, self.size(level)):
                return rank_all(self._library, terms, level, k, scope)
            return self._search(terms, level, k, scope)

    def size(self, level: Level) -> int:
        if level is Level.DOCUMENT:
            return entries.count(self._library.connection, level, EVERYWHERE)
        return words.totals(self._library.connection, level).entries

    def frequency(self, term: str, level: Level) -> int:
        return self._frequencies(self._library.generation, _searched_level(level), term)

    def pages_with(self, term: str, documents: Sequence[str] | None = None) -> dict[str, int]:
        with self._library.snapshot():
            pages = self._entries(Level.PAGE)
            numbers, of_all = self._documents(pages.generation)
            numbers_with_term = pages.numbers[self._postings(pages, Level.PAGE, term).places]
            counts = np.bincount(np.searchsorted(numbers, numbers_with_term, "right") - 1, minlength=len(of_all))
        by_document = sorted((of_all[place], int(counts[place])) for place in np.flatnonzero(counts))
        return {document: count for document, count in by_document if documents is None or document in documents}

    def _search(self, terms: Sequence[str], level: Level, k: int, scope: Scope) -> Hits:
        searched = _searched_level(level)
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
            result = level_entries.postings.get(term)
        if result is None:
            result = _score(level_entries, *words.postings(self._library.connection, level, term))
            with self._guard:
                level_entries.postings.put(term, result)
        return result

    def _read_frequency(self, generation: int, level: Level, term: str) -> int:
        return words.frequencies(self._library.connection, level, [term])[term]

    def _read_documents(self, generation: int) -> tuple[NDArray[np.int64], list[str]]:
        """Returns the number of each document's first entry, ascending, and the documents in that order."""
        return entries.first_numbers(self._library.connection)


def words_are_out(library: Library) -> bool:
    """Returns whether a library's words are in an engine, and not in its database."""
    return library.get(STATE) == ENGINE


def is_small(library: Library, level: Level, scope: Scope, total: int) -> bool:
    """Returns whether a scope holds so few of a level's `total` entries that `rank_all` ranks them."""
    if level is Level.DOCUMENT or scope == EVERYWHERE:
        return False
    return entries.count(library.connection, level, scope) <= min(FEW, total - 1)


def rank_all(library: Library, terms: Sequence[str], level: Level, k: int, scope: Scope) -> Hits:
    """Ranks all entries of a small scope, within which terms weigh by how rare they are."""
    query_terms, counts_by_entry, lengths = frozenset(terms), dict[EntryId, dict[str, float]](), dict[EntryId, int]()
    for identity, heading, text in words.texts(library.connection, level, scope):
        counts_by_entry[identity], lengths[identity] = count_terms(query_terms, heading.split(), text.split())
    rarity = Counter(term for counts in counts_by_entry.values() for term in counts)
    weights = {term: idf(n, len(counts_by_entry)) for term, n in rarity.items()}
    usual = sum(lengths.values()) / max(1, len(lengths))
    scores = [(i, bm25(counts, lengths[i] / usual, weights)) for i, counts in counts_by_entry.items() if counts]
    return sorted(scores, key=lambda hit: (-hit[1], hit[0]))[:k]


def count_terms(terms: Collection[str], heading: list[str], text: list[str]) -> tuple[dict[str, float], int]:
    """Returns how often an entry holds terms, in its heading `HEADING_WEIGHT` times each, and its length.

    >>> count_terms({"dome"}, ["dome"], ["mirror", "dome", "dome"])
    ({'dome': 4.0}, 4)
    """
    counts = dict[str, float]()
    for words_of_part, weight in ((heading, HEADING_WEIGHT), (text, 1.0)):
        for word in words_of_part:
            if word in terms:
                counts[word] = counts.get(word, 0.0) + weight
    return counts, len(heading) + len(text)


def term_weight(frequency: int, total: int) -> float:
    """Returns the weight of a term that `frequency` of `total` entries hold, as in FTS5's `bm25()`.

    >>> round(term_weight(1, 100), 3), term_weight(60, 100)
    (4.195, 1e-06)
    """
    weight = math.log((total - frequency + 0.5) / (frequency + 0.5)) if frequency <= total else 0.0
    return max(weight, LEAST_IDF)


def _searched_level(level: Level) -> Level:
    return Level.PAGE if level is Level.DOCUMENT else level


def _score(level_entries: _Entries, numbers: NDArray[np.int64], in_heading: NDArray[np.bool_]) -> _Postings:
    """Returns what a term adds to the score of each entry that holds it."""
    unique, first = np.unique(numbers, return_index=True)
    if not len(unique):
        return _Postings(np.zeros(0, np.int32), np.zeros(0))
    counts = np.add.reduceat(np.where(in_heading, HEADING_WEIGHT, 1.0), first)
    places = np.searchsorted(level_entries.numbers, unique)
    weight = term_weight(len(unique), level_entries.total)
    scores = weight * (counts * (K1 + 1) / (counts + level_entries.norms[places]))
    return _Postings(places.astype(np.int32), scores)

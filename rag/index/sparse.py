"""The sparse index: a seam between the words of a library's entries and the engine that ranks by them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Protocol

from octavo.rag.entry import Hits, Level, Scope

K1, B = 1.2, 0.75
"""Parameters of BM25, those of SQLite's FTS5: how soon repetitions of a term tell no more, and how much length does."""
COMMON = 0.5
"""Terms in more than this share of a level's entries, which BM25 gives no weight, are left out to save their time."""
POSTINGS, ENOUGH = 20_000, 1_000
"""Entries that the terms of a search stand in together at most, where those of its rarer terms are enough."""


class SparseIndex(Protocol):
    """Ranks entries by the words that they share with a query. Terms are analysed (`octavo.rag.query.analysis`)."""

    def add(self, document: str) -> None:
        """Adds the words of a document's entries; called in the transaction that writes them."""
        ...

    def delete(self, document: str) -> None:
        """Deletes the words of a document; called in the transaction that deletes it, before its entries go."""
        ...

    def search(self, terms: Sequence[str], level: Level, k: int, scope: Scope) -> Hits:
        """Returns the best `k` entries that hold any of the terms, with a score that is higher for better ones."""
        ...

    def size(self, level: Level) -> int:
        """Returns how many entries a level has."""
        ...

    def frequency(self, term: str, level: Level) -> int:
        """Returns in how many entries of a level a term stands; at document level, on how many pages."""
        ...

    def pages_with(self, term: str, documents: Sequence[str] | None = None) -> dict[str, int]:
        """Returns on how many pages of each document, or of each of some, a term stands; others are left out."""
        ...


def select_terms(frequency: dict[str, int], total: int) -> list[str]:
    """Returns the terms to search for: those that are there, without common ones where rarer ones are left.

    Terms that stand nearly everywhere are left out. In a large library so are the most frequent of the others, which
    would make it more than `POSTINGS` entries, once the rarer ones stand in `ENOUGH` of them: what they would add is
    scored later, among the candidates.

    >>> select_terms({"revenu": 40, "report": 900, "unknown": 0}, 1000)
    ['revenu']
    >>> select_terms({"revenu": 40, "growth": 30_000, "year": 35_000}, 100_000)
    ['revenu', 'growth']
    """
    present = {term: n for term, n in frequency.items() if n}
    rare = {term: n for term, n in present.items() if n <= max(50, COMMON * total)} or present
    selected, postings = set[str](), 0
    for n, term in sorted((n, term) for term, n in rare.items()):
        if postings >= ENOUGH and postings + n > POSTINGS:
            break
        selected.add(term)
        postings += n
    return [term for term in rare if term in selected]


def idf(frequency: int, total: int) -> float:
    """Returns the inverse document frequency of a term that `frequency` of `total` entries hold, above 0.

    It is that of Robertson and Spärck Jones with 1 added before the logarithm, as in BM25.

    >>> round(idf(1, 100), 3), round(idf(100, 100), 3)
    (4.21, 0.005)
    """
    frequency = min(frequency, total)
    return math.log(1 + (total - frequency + 0.5) / (frequency + 0.5))


def bm25(counts: Mapping[str, float], length: float, weights: Mapping[str, float]) -> float:
    """Returns the BM25 score of an entry from the counts of its terms; `length` is relative to the average entry.

    >>> bm25({"mirror": 1}, 1.0, {"mirror": 2.0})
    2.0
    """
    norm = K1 * (1 - B + B * length)
    return math.fsum(
        weight * n * (K1 + 1) / (n + norm) for term, weight in weights.items() if (n := counts.get(term, 0))
    )


def bm25_limit(weights: Mapping[str, float]) -> float:
    """Returns what BM25 approaches for an entry that holds each term without end."""
    return (K1 + 1) * sum(weights.values())

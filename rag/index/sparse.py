"""Search by words, ranked by BM25 (Robertson and Zaragoza 2009): SQLite FTS5 over analysed terms.

In a small scope, such as one document, every entry is scored and terms weigh by how rare they are within the scope:
what a whole document is about tells none of its pages from the others.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from octavo.ingest.store.migrations import WORD_LEVELS
from octavo.rag.entry import EVERYWHERE, Level, Scope
from octavo.rag.index.entry_rows import ANY, scope_sql

K1, B = 1.2, 0.75  # those of FTS5
HEADING_WEIGHT = 2.0
COMMON = 0.5
"""Terms in more than this share of a level's entries, which FTS5 gives no weight, are left out to save their time."""
POSTINGS = 20_000
"""Entries that the terms of a search stand in together, before more frequent terms are left out."""
FEW = 1_000
"""The most entries of a small scope."""


def index(connection: sqlite3.Connection, document: str) -> None:
    """Adds the words of a document's entries to FTS5."""
    for level in WORD_LEVELS:
        connection.execute(
            f"INSERT INTO {level}_words (rowid, heading_terms, text_terms)"
            " SELECT rowid, heading_terms, text_terms FROM entries WHERE document = ? AND level = ?",
            (document, level),
        )


def unindex(connection: sqlite3.Connection, document: str) -> None:
    """Takes the words of a document's entries out of FTS5, which needs them as they were added."""
    for level in WORD_LEVELS:
        connection.execute(
            f"INSERT INTO {level}_words ({level}_words, rowid, heading_terms, text_terms)"
            " SELECT 'delete', rowid, heading_terms, text_terms FROM entries WHERE document = ? AND level = ?",
            (document, level),
        )


def search(
    connection: sqlite3.Connection, terms: Sequence[str], level: Level, k: int, scope: Scope
) -> list[tuple[str, float]]:
    """Ids of the best `k` entries that hold any of the terms, with their BM25 (higher is better).

    `terms` are those of `frequencies` that are worth searching. A document is as good as its best page.
    """
    if not terms:
        return []
    table = f"{Level.PAGE if level is Level.DOCUMENT else level}_words"
    where, limits = scope_sql(scope, level)
    inside = f"AND +rowid IN (SELECT e.rowid FROM entries e WHERE level = ? {where})"
    scoped = (inside, [str(level), *limits]) if scope != EVERYWHERE else ("", [])
    query = " OR ".join(f'"{term}"' for term in terms)
    if level is Level.DOCUMENT:
        rows = connection.execute(
            f"WITH hits AS MATERIALIZED (SELECT rowid, -bm25({table}, {HEADING_WEIGHT}, 1.0) AS score"
            f" FROM {table} WHERE {table} MATCH ?)"
            " SELECT e.id, max(score) AS best FROM hits JOIN entries p ON p.rowid = hits.rowid"
            f" JOIN entries e ON e.id = p.document WHERE 1 {where}"
            " GROUP BY e.rowid ORDER BY best DESC, e.id LIMIT ?",
            (query, *limits, k),
        )
    else:
        rows = connection.execute(
            f"WITH hits AS MATERIALIZED (SELECT rowid AS entry, -bm25({table}, {HEADING_WEIGHT}, 1.0) AS score"
            f" FROM {table} WHERE {table} MATCH ? {scoped[0]}),"
            " best AS (SELECT score FROM hits ORDER BY score DESC LIMIT ?)"
            " SELECT e.id, score FROM hits JOIN entries e ON e.rowid = entry"
            " WHERE score >= (SELECT min(score) FROM best) ORDER BY score DESC, e.id LIMIT ?",
            (query, *scoped[1], k, k),
        )
    return rows.fetchall()


def search_few(
    connection: sqlite3.Connection, terms: Sequence[str], level: Level, k: int, scope: Scope
) -> list[tuple[str, float]]:
    """As `search` at page, element or chunk level, by scoring every entry in a small scope."""
    where, limits = scope_sql(scope, level)
    inside = f"SELECT e.rowid FROM entries e WHERE level = ? {where}"  # answered by the index on places alone
    query = f"SELECT id, heading_terms, text_terms FROM entries WHERE rowid IN ({inside}) ORDER BY rowid"
    wanted, held, lengths = frozenset(terms), dict[str, dict[str, float]](), dict[str, int]()
    for identity, heading, text in connection.execute(query, (str(level), *limits)):
        counts = held[identity] = dict[str, float]()
        for words, weight in ((heading.split(), HEADING_WEIGHT), (text.split(), 1.0)):
            for term in wanted.intersection(words):
                counts[term] = counts.get(term, 0.0) + weight * words.count(term)
            lengths[identity] = lengths.get(identity, 0) + len(words)
    rarity = Counter(term for counts in held.values() for term in counts)
    weights = {term: idf(n, len(held)) for term, n in rarity.items()}
    usual = sum(lengths.values()) / max(1, len(lengths))
    scores = [(i, bm25(counts, lengths[i] / usual, weights)) for i, counts in held.items() if counts]
    return sorted(scores, key=lambda hit: (-hit[1], hit[0]))[:k]


def idf(frequency: int, total: int) -> float:
    """Returns the inverse document frequency of a term that `frequency` of `total` entries hold, above 0.

    It is that of Robertson and Spärck Jones with 1 added before the logarithm, as in BM25.

    >>> round(idf(1, 100), 3), round(idf(100, 100), 3)
    (4.213, 0.005)
    """
    frequency = min(frequency, total)
    return math.log(1 + (total - frequency + 0.5) / (frequency + 0.5))


def bm25(counts: Mapping[str, float], length: float, weights: Mapping[str, float]) -> float:
    """Returns the BM25 of an entry that holds terms so many times; `length` is over that of the average entry.

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


def frequencies(connection: sqlite3.Connection, terms: Iterable[str], level: Level) -> dict[str, int]:
    """In how many entries of a level each term stands; for documents, in how many of their pages."""
    table = f"{Level.PAGE if level is Level.DOCUMENT else level}_vocabulary"
    unique = list(dict.fromkeys(terms))
    rows = connection.execute(f"SELECT term, doc FROM {table} WHERE term {ANY}", (json.dumps(unique),))
    return dict.fromkeys(unique, 0) | dict(rows.fetchall())


def select_terms(frequency: dict[str, int], total: int) -> list[str]:
    """Returns the terms to search for: those that are there, without common ones where rarer ones are left.

    Terms that stand nearly everywhere are left out. In a large library so are the most frequent of the others, once
    the rarer ones stand in `POSTINGS` entries together: what they would add is scored later, among the candidates.

    >>> select_terms({"revenu": 40, "report": 900, "unknown": 0}, 1000)
    ['revenu']
    >>> select_terms({"revenu": 40, "growth": 30_000, "year": 35_000}, 100_000)
    ['revenu', 'growth']
    """
    known = {term: n for term, n in frequency.items() if n}
    rare = {term: n for term, n in known.items() if n <= max(50, COMMON * total)} or known
    selected, postings = set[str](), 0
    for n, term in sorted((n, term) for term, n in rare.items()):
        if postings > POSTINGS:
            break
        selected.add(term)
        postings += n
    return [term for term in rare if term in selected]

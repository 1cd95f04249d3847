"""Search by words: SQLite FTS5 over analysed terms, ranked by BM25 (Robertson and Zaragoza 2009)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence

from ..entry import EVERYWHERE, Level, Scope
from .entries import ANY, scope_sql
from .schema import LEVELS

HEADING_WEIGHT = 2.0
COMMON = 0.25
"""Terms in more than this share of a level's entries are left out of a search that has rarer ones."""


def index(connection: sqlite3.Connection, document: str) -> None:
    """Adds the words of a document's entries to FTS5."""
    for level in LEVELS:
        connection.execute(
            f"INSERT INTO {level}_words (rowid, heading_terms, text_terms)"
            " SELECT rowid, heading_terms, text_terms FROM entries WHERE document = ? AND level = ?",
            (document, level),
        )


def unindex(connection: sqlite3.Connection, document: str) -> None:
    """Takes the words of a document's entries out of FTS5, which needs them as they were added."""
    for level in LEVELS:
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
            " GROUP BY e.rowid ORDER BY best DESC, e.rowid LIMIT ?",
            (query, *limits, k),
        )
    else:
        rows = connection.execute(
            f"WITH hits AS MATERIALIZED (SELECT rowid AS entry, -bm25({table}, {HEADING_WEIGHT}, 1.0) AS score"
            f" FROM {table} WHERE {table} MATCH ? {scoped[0]} ORDER BY score DESC, rowid LIMIT ?)"
            " SELECT e.id, score FROM hits JOIN entries e ON e.rowid = entry ORDER BY score DESC, entry",
            (query, *scoped[1], k),
        )
    return rows.fetchall()


def frequencies(connection: sqlite3.Connection, terms: Iterable[str], level: Level) -> dict[str, int]:
    """In how many entries of a level each term stands; for documents, in how many of their pages."""
    table = f"{Level.PAGE if level is Level.DOCUMENT else level}_vocabulary"
    unique = list(dict.fromkeys(terms))
    rows = connection.execute(f"SELECT term, doc FROM {table} WHERE term {ANY}", (json.dumps(unique),))
    return dict.fromkeys(unique, 0) | dict(rows.fetchall())


def telling(frequency: dict[str, int], total: int) -> list[str]:
    """The terms to search for: those that are there, without the ones nearly everywhere where rarer ones are left.

    >>> telling({"revenu": 40, "report": 900, "unknown": 0}, 1000)
    ['revenu']
    """
    known = {term: n for term, n in frequency.items() if n}
    rare = [term for term, n in known.items() if n <= max(50, COMMON * total)]
    return rare or list(known)

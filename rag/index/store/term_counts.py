"""Document frequencies of terms by level, for an engine that ranks by words but does not report them."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence

from octavo.ingest.store.migrations import WORD_LEVELS
from octavo.rag.entry import Level
from octavo.rag.index.store.selection import ANY
from octavo.rag.index.store.words import Totals


def add(connection: sqlite3.Connection, *documents: str) -> None:
    """Counts the terms of documents' entries."""
    _change(connection, _of_documents(connection, documents), 1)


def subtract(connection: sqlite3.Connection, document: str) -> None:
    """Takes back what a document's entries counted; called before they go."""
    _change(connection, _of_documents(connection, [document]), -1)
    connection.execute("DELETE FROM term_counts WHERE entries = 0")


def rebuild(connection: sqlite3.Connection) -> None:
    """Counts the terms of all entries again."""
    clear(connection)
    for level in WORD_LEVELS:
        query = "SELECT level, heading_terms, text_terms FROM entries WHERE level = ?"
        _change(connection, connection.execute(query, (level,)), 1)


def clear(connection: sqlite3.Connection) -> None:
    """Deletes all counts."""
    connection.execute("DELETE FROM term_counts")
    connection.execute("DELETE FROM level_totals")


def frequency(connection: sqlite3.Connection, level: Level, term: str) -> int:
    """Returns how many entries of a level hold a term."""
    query = "SELECT entries FROM term_counts WHERE level = ? AND term = ?"
    row = connection.execute(query, (str(level), term)).fetchone()
    return int(row[0]) if row else 0


def totals(connection: sqlite3.Connection, level: Level) -> Totals:
    """Returns the number of entries of a level, and of the terms that they hold together."""
    row = connection.execute("SELECT entries, terms FROM level_totals WHERE level = ?", (str(level),)).fetchone()
    return Totals(*row) if row else Totals(0, 0)


def _of_documents(connection: sqlite3.Connection, documents: Sequence[str]) -> Iterable[tuple[str, str, str]]:
    query = f"SELECT level, heading_terms, text_terms FROM entries WHERE document {ANY} AND level {ANY}"
    return connection.execute(query, (json.dumps(documents), json.dumps(WORD_LEVELS))).fetchall()


def _change(connection: sqlite3.Connection, rows: Iterable[tuple[str, str, str]], sign: int) -> None:
    counts, totals = Counter[tuple[str, str]](), dict[str, Totals]()
    for level, heading, text in rows:
        terms = [*heading.split(), *text.split()]
        counts.update((level, term) for term in {*terms})
        before = totals.get(level, Totals(0, 0))
        totals[level] = Totals(before.entries + 1, before.terms + len(terms))
    connection.executemany(
        "INSERT INTO term_counts VALUES (?, ?, ?)"
        " ON CONFLICT (level, term) DO UPDATE SET entries = entries + excluded.entries",
        [(level, term, sign * count) for (level, term), count in sorted(counts.items())],
    )
    connection.executemany(
        "INSERT INTO level_totals VALUES (?, ?, ?)"
        " ON CONFLICT (level) DO UPDATE SET entries = entries + excluded.entries, terms = terms + excluded.terms",
        [(level, sign * entries, sign * terms) for level, (entries, terms) in totals.items()],
    )

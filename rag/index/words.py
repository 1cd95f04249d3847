"""Entries and their words in SQLite: rows, FTS5 search by BM25, document frequencies."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import numpy as np

from ingest import Kind
from ingest.records import dump_regions, load_regions

from ..analyze import terms
from ..embed import Vectors
from ..entry import Entry, Level, Scope
from .schema import LEVELS

_WANTED = (
    "(SELECT json_extract(value, '$[0]') AS d, json_extract(value, '$[1]') AS p, json_extract(value, '$[2]') AS rank"
    " FROM json_each(?))"
)
_SPANS = "page <= p AND last_page >= p"
T = TypeVar("T")
HEADING_WEIGHT = 2.0
ANY = "IN (SELECT value FROM json_each(?))"
COMMON = 0.25
"""Terms in more than this share of a level's entries are left out of a search that has rarer ones."""


def write(connection: sqlite3.Connection, entries: Iterable[Entry]) -> None:
    """Adds entries and their words; within a transaction of the caller."""
    columns = "id, document, level, page, last_page, number, kind, heading, text, regions, heading_terms, text_terms"
    marks = ", ".join("?" * 12)
    connection.executemany(f"INSERT INTO entries ({columns}) VALUES ({marks})", [_row(e) for e in entries])


def _row(e: Entry) -> tuple[Any, ...]:
    return (
        e.id,
        e.document,
        str(e.level),
        e.page,
        max((r.page for r in e.regions), default=e.page),
        e.number,
        e.kind and str(e.kind),
        e.heading,
        e.text,
        dump_regions(e.regions),
        " ".join(terms(e.heading)),
        " ".join(terms(e.text)),
    )


def write_vectors(connection: sqlite3.Connection, entries: Sequence[Entry], vectors: Vectors) -> None:
    """Keeps vectors beside their entries, in half precision: what Chroma is mended from, and scores are made of."""
    rows = zip(vectors.astype(np.float16), entries, strict=True)
    connection.executemany(
        "INSERT OR REPLACE INTO vectors SELECT rowid, ? FROM entries WHERE id = ?",
        [(row.tobytes(), e.id) for row, e in rows],
    )


def read_vectors(connection: sqlite3.Connection, ids: Sequence[str]) -> tuple[list[str], Vectors]:
    """Vectors by entry id, shape (n, dimension); ids without one are left out."""
    return _vectors(
        connection.execute(
            f"SELECT id, vector FROM entries JOIN vectors ON entry = entries.rowid WHERE id {ANY}", (json.dumps(ids),)
        )
    )


def document_vectors(connection: sqlite3.Connection, document: str, level: Level) -> tuple[list[str], Vectors]:
    """All vectors of a level of a document that is visible."""
    return _vectors(
        connection.execute(
            "SELECT e.id, vector FROM entries e JOIN vectors ON entry = e.rowid"
            " JOIN documents d ON d.id = document AND state = 'ready'"
            " WHERE document = ? AND level = ? ORDER BY e.rowid",
            (document, str(level)),
        )
    )


def page_vectors(connection: sqlite3.Connection, pages: Sequence[str]) -> tuple[list[int], Vectors]:
    """Vectors of all that stands on pages (page, elements, chunks): for each row the index of its page in `pages`."""
    wanted = [(page.partition("/")[0], int(page.rpartition("/p")[2]), n) for n, page in enumerate(pages)]
    found = connection.execute(
        f"SELECT rank, vector FROM {_WANTED} CROSS JOIN entries e"
        " ON document = d AND level IN ('page', 'element') AND page = p"
        f" JOIN vectors ON entry = e.rowid UNION ALL SELECT rank, vector FROM {_WANTED}"
        f" CROSS JOIN entries e ON document = d AND level = 'chunk' AND {_SPANS} JOIN vectors ON entry = e.rowid",
        (json.dumps(wanted), json.dumps(wanted)),
    )
    return _vectors(found)


def _vectors(rows: Iterable[tuple[T, bytes]]) -> tuple[list[T], Vectors]:
    found = [(key, data) for key, data in rows if data]
    if not found:
        return [], np.zeros((0, 0), dtype=np.float32)
    matrix = np.frombuffer(b"".join(data for _, data in found), dtype=np.float16).reshape(len(found), -1)
    return [key for key, _ in found], matrix.astype(np.float32)


def analysed(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, tuple[list[str], list[str]]]:
    """The terms of entries by id: of the heading, of the text."""
    rows = connection.execute(
        f"SELECT id, heading_terms, text_terms FROM entries WHERE id {ANY}",
        (json.dumps(ids),),
    )
    return {identity: (heading.split(), text.split()) for identity, heading, text in rows}


def named_pages(connection: sqlite3.Connection, numbers: Sequence[int], documents: Sequence[str]) -> list[str]:
    """Ids of pages that people call by these numbers: by what is printed on them, else by their count from 1."""
    rows = connection.execute(
        f"SELECT p.document || '/p' || p.number FROM pages p JOIN documents d ON d.id = p.document"
        f" WHERE d.id {ANY} AND (p.number + 1 {ANY} OR p.label {ANY}"
        " OR (p.number + 1 = d.page_count AND -1 IN (SELECT value FROM json_each(?))))"
        " ORDER BY p.document, p.number",
        (json.dumps(documents), json.dumps(numbers), json.dumps([str(n) for n in numbers]), json.dumps(numbers)),
    )
    return [row[0] for row in rows]


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


def load(connection: sqlite3.Connection, ids: Sequence[str]) -> list[Entry]:
    """Entries of visible documents by id, in the order of `ids`; unknown ones are left out."""
    found: dict[str, Entry] = {}
    for row in connection.execute(
        "SELECT e.id, level, document, page, number, kind, heading, text, regions FROM entries e"
        f" JOIN documents d ON d.id = document AND state = 'ready' WHERE e.id {ANY}",
        (json.dumps(ids),),
    ):
        found[row[0]] = entry(row)
    return [found[i] for i in ids if i in found]


def entry(row: Sequence[Any]) -> Entry:
    """The entry of a row (id, level, document, page, number, kind, heading, text, regions)."""
    identity, level, document, page, number, kind, heading, text, regions = row
    return Entry(
        id=identity,
        level=Level(level),
        document=document,
        page=page,
        number=number,
        kind=Kind(kind) if kind else None,
        heading=heading,
        text=text,
        regions=load_regions(regions),
    )


def search(
    connection: sqlite3.Connection, wanted: Sequence[str], level: Level, k: int, scope: Scope
) -> list[tuple[str, float]]:
    """Ids of the best `k` entries that hold any of the terms, with their BM25 (higher is better)."""
    table = f"{level}_words"
    wanted = _rare(connection, wanted, level)
    if not wanted:
        return []
    query = " OR ".join(f'"{term}"' for term in wanted)
    where, parameters = scope_sql(scope, level)
    rows = connection.execute(
        f"SELECT e.id, -bm25({table}, {HEADING_WEIGHT}, 1.0) AS score FROM {table}"
        f" JOIN entries e ON e.rowid = {table}.rowid JOIN documents d ON d.id = e.document AND d.state = 'ready'"
        f" WHERE {table} MATCH ? {where} ORDER BY score DESC, e.rowid LIMIT ?",
        (query, *parameters, k),
    )
    return [(row[0], row[1]) for row in rows]


def within(connection: sqlite3.Connection, level: Level, scope: Scope) -> set[str]:
    """Ids of all entries of a level in a scope."""
    where, parameters = scope_sql(scope, level)
    rows = connection.execute(f"SELECT e.id FROM entries e WHERE level = ? {where}", (str(level), *parameters))
    return {row[0] for row in rows}


def on_pages(connection: sqlite3.Connection, pages: Sequence[str], level: Level) -> list[Entry]:
    """Entries of a level that stand on pages, in the order of the pages, then of their numbers.

    A chunk stands on every page that one of its regions is on.
    """
    wanted = [(page.partition("/")[0], int(page.rpartition("/p")[2]), rank) for rank, page in enumerate(pages)]
    place = _SPANS if level is Level.CHUNK else "page = p"
    rows = connection.execute(
        "SELECT e.id, level, document, page, number, kind, heading, text, regions, min(rank) AS best"
        f" FROM {_WANTED} CROSS JOIN entries e ON document = d AND level = ? AND {place}"
        " JOIN documents ON documents.id = document AND state = 'ready' GROUP BY e.rowid ORDER BY best, number",
        (json.dumps(wanted), str(level)),
    )
    return [entry(row[:9]) for row in rows]


def frequencies(connection: sqlite3.Connection, wanted: Iterable[str], level: Level) -> dict[str, int]:
    """In how many entries of a level each term stands."""
    unique = list(dict.fromkeys(wanted))
    rows = connection.execute(
        f"SELECT term, doc FROM {level}_vocabulary WHERE term {ANY}",
        (json.dumps(unique),),
    )
    return dict.fromkeys(unique, 0) | dict(rows)


def count(connection: sqlite3.Connection, level: Level) -> int:
    """How many entries a level has."""
    (found,) = connection.execute("SELECT count(*) FROM entries WHERE level = ?", (str(level),)).fetchone()
    return int(found)


def scope_sql(scope: Scope, level: Level) -> tuple[str, list[Any]]:
    """A scope as conditions on `entries e`, each starting with AND, and their parameters."""
    sql, parameters = "", list[Any]()
    if scope.documents is not None:
        sql += f" AND e.document {ANY}"
        parameters.append(json.dumps(scope.documents))
    if scope.pages is not None:
        sql += " AND e.page BETWEEN ? AND ?"
        parameters += scope.pages
    if scope.kinds is not None:
        kinds = [str(kind) for kind in scope.kinds]
        if level is Level.ELEMENT:
            sql += f" AND e.kind {ANY}"
        else:
            sql += (
                " AND EXISTS (SELECT 1 FROM elements x WHERE x.document = e.document AND x.page = e.page"
                f" AND x.kind {ANY})"
            )
        parameters.append(json.dumps(kinds))
    return sql, parameters


def _rare(connection: sqlite3.Connection, wanted: Sequence[str], level: Level) -> list[str]:
    """The terms that a level knows, without those nearly everywhere where rarer ones are left."""
    known = {term: n for term, n in frequencies(connection, wanted, level).items() if n}
    bound = max(50, COMMON * count(connection, level))
    rare = [term for term, n in known.items() if n <= bound]
    return rare or list(known)

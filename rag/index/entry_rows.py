"""Entries as rows of the library's database: written, loaded, counted, and limited to a scope."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from octavo.ingest import Kind
from octavo.ingest.store.records import dump_regions, load_regions
from octavo.rag.entry import Entry, EntryId, Level, Scope
from octavo.rag.query.analysis import terms

ANY = "IN (SELECT value FROM json_each(?))"
_FIELDS = "e.id, e.level, e.document, e.page, e.number, e.kind, e.heading, e.text, e.regions"


def write(connection: sqlite3.Connection, entries: Iterable[Entry]) -> None:
    """Adds entries with their analysed terms."""
    connection.executemany(
        "INSERT INTO entries (id, document, level, page, last_page, number, kind, heading, text, regions,"
        " heading_terms, text_terms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
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
            for e in entries
        ],
    )


def load(connection: sqlite3.Connection, ids: Sequence[str]) -> list[Entry]:
    """Entries by id, in the order of `ids`; unknown ones are left out."""
    rows = connection.execute(f"SELECT {_FIELDS} FROM entries e WHERE e.id {ANY}", (json.dumps(ids),))
    found = {row[0]: _entry(row) for row in rows}
    return [found[i] for i in ids if i in found]


def of_document(connection: sqlite3.Connection, document: str) -> list[Entry]:
    """All entries of a document, itself first, in the order they were written."""
    rows = connection.execute(f"SELECT {_FIELDS} FROM entries e WHERE e.document = ? ORDER BY e.rowid", (document,))
    return [_entry(row) for row in rows]


def on_pages(connection: sqlite3.Connection, pages: Sequence[str], level: Level) -> list[Entry]:
    """Entries of a level that stand on pages, in the order of the pages, then of their numbers.

    A chunk stands on every page that one of its regions is on.
    """
    rows = connection.execute(
        f"SELECT {_FIELDS}, min(place) AS first FROM ({STANDING}) JOIN entries e ON e.rowid = entry"
        " GROUP BY e.rowid ORDER BY first, number",
        standing(pages, [level]),
    )
    return [_entry(row[:-1]) for row in rows]


STANDING = """
    WITH pages AS (
        SELECT json_extract(value, '$[0]') AS d, json_extract(value, '$[1]') AS p, json_extract(value, '$[2]') AS place
        FROM json_each(?)
    )
    SELECT place, rowid AS entry FROM pages JOIN entries ON document = d AND page = p
        AND level IN (SELECT value FROM json_each(?))
    UNION ALL
    SELECT place, rowid FROM pages JOIN entries ON document = d AND page < p AND last_page >= p
        AND level IN (SELECT value FROM json_each(?))
"""
"""Which entries stand on pages, and each page's place: those that begin there, and those that began before."""


def standing(pages: Sequence[str], levels: Sequence[Level]) -> tuple[str, str, str]:
    """The parameters of `STANDING` for ids of page entries; only chunks go over several pages.

    >>> standing(["d/p7", "d/p2"], [Level.PAGE, Level.CHUNK])
    ('[["d", 7, 0], ["d", 2, 1]]', '["page", "chunk"]', '["chunk"]')
    """
    places = [(EntryId(page).document, *EntryId(page).numbers, n) for n, page in enumerate(pages)]
    return json.dumps(places), json.dumps(levels), json.dumps([level for level in levels if level is Level.CHUNK])


def analysed(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, tuple[list[str], list[str]]]:
    """The terms of entries by id: of the heading, of the text."""
    rows = connection.execute(
        f"SELECT id, heading_terms, text_terms FROM entries WHERE id {ANY}",
        (json.dumps(ids),),
    )
    return {identity: (heading.split(), text.split()) for identity, heading, text in rows}


def count(connection: sqlite3.Connection, level: Level, scope: Scope) -> int:
    """How many entries a level has in a scope."""
    where, parameters = scope_sql(scope, level)
    query = f"SELECT count(*) FROM entries e WHERE level = ? {where}"
    (found,) = connection.execute(query, (str(level), *parameters)).fetchone()
    return int(found)


def documents(connection: sqlite3.Connection, scope: Scope) -> set[str]:
    """Returns the ids of the documents in a scope."""
    where, parameters = scope_sql(scope, Level.DOCUMENT)
    query = f"SELECT e.document FROM entries e WHERE level = ? {where}"
    return {row[0] for row in connection.execute(query, (str(Level.DOCUMENT), *parameters))}


def scope_sql(scope: Scope, level: Level) -> tuple[str, list[Any]]:
    """A scope as conditions on `entries e`, each starting with AND, and their parameters."""
    sql, parameters = "", list[Any]()
    if scope.documents is not None:
        sql += f" AND e.document {ANY}"
        parameters.append(json.dumps(scope.documents))
    if scope.pages is not None:
        first, last = scope.pages
        if level is Level.DOCUMENT:
            sql += " AND EXISTS (SELECT 1 FROM pages p WHERE p.document = e.document AND p.number BETWEEN ? AND ?)"
            parameters += [first, last]
        else:
            sql += " AND e.page <= ? AND e.last_page >= ?"
            parameters += [last, first]
    for name, values in scope.metadata:
        sql += (
            " AND EXISTS (SELECT 1 FROM documents d, json_each(d.metadata, ?) m"
            f" WHERE d.id = e.document AND CAST(m.value AS TEXT) {ANY})"
        )
        parameters += [f"$.{json.dumps(name)}", json.dumps(values)]
    if scope.kinds is not None:
        sql += f" AND {_KINDS[level]}"
        parameters.append(json.dumps(sorted(scope.kinds)))
    return sql, parameters


_ELEMENT = "EXISTS (SELECT 1 FROM elements x WHERE x.document = e.document"
_KINDS = {
    Level.DOCUMENT: f"{_ELEMENT} AND x.kind {ANY})",
    Level.PAGE: f"{_ELEMENT} AND x.page = e.page AND x.kind {ANY})",
    Level.ELEMENT: f"e.kind {ANY}",
    Level.CHUNK: "EXISTS (SELECT 1 FROM json_each(e.regions) r JOIN elements x ON x.document = e.document"
    f" AND x.page = json_extract(r.value, '$[0]') AND x.number = json_extract(r.value, '$[5]') AND x.kind {ANY})",
}


def _entry(row: Sequence[Any]) -> Entry:
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

"""Entries as rows of the library's database: written, loaded, counted, and limited to a scope."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from octavo.ingest import Kind
from octavo.ingest.store.records import dump_regions, load_regions
from octavo.rag.entry import Entry, EntryId, Level, Scope
from octavo.rag.index.store.selection import ANY, scope_sql
from octavo.rag.query.analysis import terms
from octavo.rag.query.language import ENGLISH, languages_of_pages
from octavo.rag.query.statements import StatementRole, statements_on

_FIELDS = "e.id, e.level, e.document, e.page, e.number, e.kind, e.heading, e.text, e.regions"


class AnalyzedEntry(NamedTuple):
    """The terms of an entry's heading and text, stemmed as in its `language` (a code)."""

    language: str
    heading: list[str]
    text: list[str]


def write(connection: sqlite3.Connection, entries: Sequence[Entry]) -> None:
    """Adds all entries of a document with their analyzed terms, stemmed as in the language of their page."""
    pages = [e for e in entries if e.level is Level.PAGE]
    by_page = dict(zip((e.page for e in pages), languages_of_pages([e.text for e in pages]), strict=True))
    usual = Counter(by_page.values()).most_common(1)[0][0] if by_page else ENGLISH
    entry_languages = [usual if e.level is Level.DOCUMENT else by_page.get(e.page, usual) for e in entries]
    connection.executemany(
        "INSERT INTO entries (id, document, level, page, last_page, number, kind, heading, text, regions,"
        " heading_terms, text_terms, language, roles) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
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
                " ".join(terms(e.heading, language=language)),
                " ".join(terms(e.text, language=language)),
                language,
                _roles(e.heading, e.text) if e.level is Level.PAGE else "",
            )
            for e, language in zip(entries, entry_languages, strict=True)
        ),
    )


def load(connection: sqlite3.Connection, ids: Sequence[EntryId]) -> list[Entry]:
    """Returns entries by id, in the order of `ids`; unknown ones are left out."""
    rows = connection.execute(f"SELECT {_FIELDS} FROM entries e WHERE e.id {ANY}", (json.dumps(ids),))
    result = {row[0]: _entry(row) for row in rows}
    return [result[i] for i in ids if i in result]


def of_document(connection: sqlite3.Connection, document: str) -> list[Entry]:
    """Returns all entries of a document, itself first, in the order they were written."""
    rows = connection.execute(f"SELECT {_FIELDS} FROM entries e WHERE e.document = ? ORDER BY e.rowid", (document,))
    return [_entry(row) for row in rows]


def on_pages(connection: sqlite3.Connection, pages: Sequence[EntryId], level: Level) -> list[Entry]:
    """Returns entries of a level that stand on pages, in the order of the pages, then of their numbers.

    A chunk stands on every page that one of its regions is on.
    """
    rows = connection.execute(
        f"SELECT {_FIELDS}, min(place) AS first FROM ({ENTRIES_ON_PAGES}) JOIN entries e ON e.rowid = entry"
        " GROUP BY e.rowid ORDER BY first, number",
        standing(pages, [level]),
    )
    return [_entry(row[:-1]) for row in rows]


ENTRIES_ON_PAGES = """
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
"""Entries that stand on pages, with the place of their page: those that begin there, and those that began before."""


def standing(pages: Sequence[EntryId], levels: Sequence[Level]) -> tuple[str, str, str]:
    """Returns the parameters of `ENTRIES_ON_PAGES` for ids of page entries; only chunks go over several pages.

    >>> standing([EntryId("d/p7"), EntryId("d/p2")], [Level.PAGE, Level.CHUNK])
    ('[["d", 7, 0], ["d", 2, 1]]', '["page", "chunk"]', '["chunk"]')
    """
    places = [(page.document, *page.numbers, n) for n, page in enumerate(pages)]
    return json.dumps(places), json.dumps(levels), json.dumps([level for level in levels if level is Level.CHUNK])


def analyzed(connection: sqlite3.Connection, ids: Sequence[EntryId]) -> dict[EntryId, AnalyzedEntry]:
    """Returns the terms of entries by id."""
    rows = connection.execute(
        f"SELECT id, language, heading_terms, text_terms FROM entries WHERE id {ANY}",
        (json.dumps(ids),),
    )
    return {
        EntryId(entry): AnalyzedEntry(language, heading.split(), text.split())
        for entry, language, heading, text in rows
    }


def analyzed_after(connection: sqlite3.Connection, level: Level, last: int) -> dict[EntryId, AnalyzedEntry]:
    """Returns the terms of a level's entries that came after the number `last`, by id."""
    rows = connection.execute(
        "SELECT id, language, heading_terms, text_terms FROM entries WHERE rowid > ? AND level = ?",
        (last, str(level)),
    )
    return {EntryId(i): AnalyzedEntry(language, heading.split(), text.split()) for i, language, heading, text in rows}


def stem_languages(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Returns the codes of the languages in which entries are stemmed, English first."""
    others = connection.execute("SELECT DISTINCT language FROM entries WHERE language != 'en' ORDER BY language")
    return (ENGLISH, *(row[0] for row in others))


def count(connection: sqlite3.Connection, level: Level, scope: Scope) -> int:
    """Returns how many entries a level has in a scope."""
    where, parameters = scope_sql(scope, level)
    query = f"SELECT count(*) FROM entries e WHERE level = ? {where}"
    (result,) = connection.execute(query, (str(level), *parameters)).fetchone()
    return int(result)


def count_all(connection: sqlite3.Connection) -> int:
    """Returns how many entries there are at all levels."""
    return int(connection.execute("SELECT count(*) FROM entries").fetchone()[0])


def printed_labels(connection: sqlite3.Connection, documents: Sequence[str]) -> list[tuple[str, int, str]]:
    """Returns each page of some documents, in order: the document, the page (from 0) and the number printed on it."""
    query = f"SELECT document, number, label FROM pages WHERE document {ANY} ORDER BY document, number"
    return connection.execute(query, (json.dumps(documents),)).fetchall()


def find_roles(connection: sqlite3.Connection) -> None:
    """Notes again which financial statements each page is."""
    rows = connection.execute("SELECT rowid, heading, text, roles FROM entries WHERE level = ?", (str(Level.PAGE),))
    changed = [(result, row) for row, heading, text, roles in rows if (result := _roles(heading, text)) != roles]
    connection.executemany("UPDATE entries SET roles = ? WHERE rowid = ?", changed)


def _roles(heading: str, text: str) -> str:
    return ",".join(sorted(statements_on(heading, text)))


def pages_with_roles(
    connection: sqlite3.Connection, documents: Sequence[str], roles: Collection[StatementRole]
) -> list[EntryId]:
    """Returns the pages of some documents that are one of some financial statements."""
    query = f"SELECT id, roles FROM entries WHERE document {ANY} AND roles != '' ORDER BY rowid"
    rows = connection.execute(query, (json.dumps(documents),))
    return [EntryId(entry) for entry, item in rows if not set(item.split(",")).isdisjoint(roles)]


def pages_with_kinds(connection: sqlite3.Connection, documents: Sequence[str], kinds: Iterable[Kind]) -> list[EntryId]:
    """Returns the pages of some documents that hold a region of these kinds."""
    query = f"SELECT DISTINCT document, page FROM entries WHERE document {ANY} AND level = ? AND kind {ANY}"
    rows = connection.execute(query, (json.dumps(documents), str(Level.ELEMENT), json.dumps(sorted(kinds))))
    return [EntryId.of_page(document, page) for document, page in rows]


def page_counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Returns how many pages each document has."""
    return dict(connection.execute("SELECT id, page_count FROM documents").fetchall())


def numbers(connection: sqlite3.Connection, level: Level, scope: Scope) -> list[int]:
    """Returns the numbers of a level's entries in a scope."""
    where, parameters = scope_sql(scope, level)
    query = f"SELECT e.rowid FROM entries e WHERE level = ? {where}"
    return [row[0] for row in connection.execute(query, (str(level), *parameters))]


def ids(connection: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, EntryId]:
    """Returns the ids of entries by their numbers; those that are gone are left out."""
    query = f"SELECT rowid, id FROM entries WHERE rowid {ANY}"
    return {number: EntryId(entry) for number, entry in connection.execute(query, (json.dumps(numbers),))}


def last_number(connection: sqlite3.Connection) -> int:
    """Returns the number of the entry that came last, 0 where there is none."""
    return int(connection.execute("SELECT coalesce(max(rowid), 0) FROM entries").fetchone()[0])


def documents_after(connection: sqlite3.Connection, number: int) -> list[str]:
    """Returns the documents of entries whose number is larger."""
    return [row[0] for row in connection.execute("SELECT DISTINCT document FROM entries WHERE rowid > ?", (number,))]


def end_of_document(connection: sqlite3.Connection, number: int) -> int:
    """Returns the number of the last entry of the document whose entry is the first with at least a number."""
    query = (
        "SELECT max(rowid) FROM entries WHERE document ="
        " (SELECT document FROM entries WHERE rowid >= ? ORDER BY rowid LIMIT 1)"
    )
    return int(connection.execute(query, (number,)).fetchone()[0] or number)


def numbers_of(connection: sqlite3.Connection, ids: Sequence[EntryId]) -> dict[EntryId, int]:
    """Returns the numbers of entries by id; those that are gone are left out."""
    rows = connection.execute(f"SELECT id, rowid FROM entries WHERE id {ANY}", (json.dumps(ids),))
    return {EntryId(entry): number for entry, number in rows}


class EntryOnPages(NamedTuple):
    """An entry by its number and id, with its pages, the kinds of regions that it holds, and its terms."""

    number: int
    id: EntryId
    page: int
    last_page: int
    kinds: list[str]
    heading: str
    text: str


def between(connection: sqlite3.Connection, first: int, last: int, level: Level) -> list[EntryOnPages]:
    """Returns the entries of a level that came after the number `first`, up to the number `last`, in their order."""
    pages = "(SELECT page_count - 1 FROM documents d WHERE d.id = e.document)"
    last_page = pages if level is Level.DOCUMENT else "e.last_page"
    query = (
        f"SELECT e.rowid, e.id, e.page, {last_page}, {_HELD[level]}, heading_terms, text_terms FROM entries e"
        " WHERE rowid > ? AND rowid <= ? AND level = ? ORDER BY rowid"
    )
    return [
        EntryOnPages(number, EntryId(entry), page, end, json.loads(kinds), heading, text)
        for number, entry, page, end, kinds, heading, text in connection.execute(query, (first, last, str(level)))
    ]


def has_level(connection: sqlite3.Connection, level: Level, last: int) -> bool:
    """Returns whether a level has an entry whose number is at most `last`."""
    query = "SELECT 1 FROM entries WHERE level = ? AND rowid <= ? LIMIT 1"
    return connection.execute(query, (str(level), last)).fetchone() is not None


def in_scope(
    connection: sqlite3.Connection, ids: Sequence[EntryId], level: Level, scope: Scope, last: int | None = None
) -> set[str]:
    """Returns those ids whose entries are there and in a scope, and have no larger number than `last`."""
    where, parameters = scope_sql(scope, level)
    if last is not None:
        where, parameters = f"{where} AND e.rowid <= ?", [*parameters, last]
    rows = connection.execute(f"SELECT e.id FROM entries e WHERE e.id {ANY} {where}", (json.dumps(ids), *parameters))
    return {row[0] for row in rows}


def first_numbers(connection: sqlite3.Connection) -> tuple[NDArray[np.int64], list[str]]:
    """Returns the number of each document's first entry, ascending, and the documents' ids in that order.

    A document's entries are written together, so that their numbers follow each other.
    """
    query = "SELECT e.rowid, d.id FROM documents d JOIN entries e ON e.id = d.id ORDER BY e.rowid"
    rows = connection.execute(query).fetchall()
    return np.fromiter((row[0] for row in rows), np.int64, len(rows)), [row[1] for row in rows]


def documents(connection: sqlite3.Connection, scope: Scope) -> set[str]:
    """Returns the ids of the documents in a scope."""
    where, parameters = scope_sql(scope, Level.DOCUMENT)
    query = f"SELECT e.document FROM entries e WHERE level = ? {where}"
    return {row[0] for row in connection.execute(query, (str(Level.DOCUMENT), *parameters))}


def without_metadata(connection: sqlite3.Connection, scope: Scope) -> Scope:
    """Returns a scope with the documents that have its metadata now in place of the metadata."""
    if not scope.metadata:
        return scope
    inside = documents(connection, Scope(scope.documents, metadata=scope.metadata))
    return Scope(sorted(inside), scope.pages, scope.kinds)


_ALL = "(SELECT json_group_array(DISTINCT x.kind)"
_HELD = {
    Level.DOCUMENT: f"{_ALL} FROM elements x WHERE x.document = e.document)",
    Level.PAGE: f"{_ALL} FROM elements x WHERE x.document = e.document AND x.page = e.page)",
    Level.ELEMENT: "CASE WHEN e.kind IS NULL THEN '[]' ELSE json_array(e.kind) END",
    Level.CHUNK: f"{_ALL} FROM json_each(e.regions) r JOIN elements x ON x.document = e.document"
    " AND x.page = json_extract(r.value, '$[0]') AND x.number = json_extract(r.value, '$[5]'))",
}
"""The kinds that an entry of each level holds, as JSON: those for which `_KINDS` is true."""


def _entry(row: Sequence[Any]) -> Entry:
    identity, level, document, page, number, kind, heading, text, regions = row
    return Entry(
        id=EntryId(identity),
        level=Level(level),
        document=document,
        page=page,
        number=number,
        kind=Kind(kind) if kind else None,
        heading=heading,
        text=text,
        regions=load_regions(regions),
    )

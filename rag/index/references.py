"""Pages and documents that a query refers to: pages by number, statement or kind of region, documents by name."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from heapq import nlargest
from itertools import groupby
from operator import itemgetter

from octavo.ingest import Kind
from octavo.rag.entry import Level
from octavo.rag.index.entry_rows import ANY
from octavo.rag.index.sparse import frequencies, idf
from octavo.rag.query.question import Query
from octavo.rag.query.statements import TITLE_WORDS, StatementRole, statement_of

ABOUT = 0.5
"""A document is about a name that stands on at least this share of its pages."""
WIDE = 1_000
"""A name that stands on more pages than this, and on more than a fifth of all pages, identifies no document."""
MENTIONED = 0.2
"""A document only mentions a name that stands on a smaller share of its pages."""

YEAR, AROUND = 0.5, (-2, -1, 0, 1, 2)
"""The weight of a year beside names (whose rarity is 2 to 5), and the years around it that documents also mention."""
NEAREST = 20
"""The most documents of a name whose years are compared."""


def pages(connection: sqlite3.Connection, question: Query, documents: Sequence[str]) -> dict[str, float]:
    """Ids of the pages of some documents that a question names, and how surely: by number 2, by role or kind 1."""
    within = json.dumps(documents)
    found: dict[str, float] = {}
    if question.all_of_kind:
        found |= dict.fromkeys(_of_kinds(connection, question.kinds, within), 1.0)
    if question.roles:
        found |= dict.fromkeys(_of_roles(connection, question.roles, within), 1.0)
    if question.pages:
        found |= dict.fromkeys(_numbered(connection, question.pages, within), 2.0)
    return found


def _numbered(connection: sqlite3.Connection, numbers: Sequence[int | str], within: str) -> list[str]:
    """Pages that people call by these numbers: by what is printed on them, or by their count.

    Numbers count from 1, negative ones from the end, and others (`iv`, `F-3`) are only printed; a spread that is
    printed `14–15` answers to both of its numbers.
    """
    query = f"SELECT document, number, label FROM pages WHERE document {ANY} ORDER BY document, number"
    rows = connection.execute(query, (within,)).fetchall()
    found = []
    for document, pages in groupby(rows, key=itemgetter(0)):
        printed = [label.split("–") for _, _, label in pages]
        counted = {n if n > 0 else len(printed) + n + 1 for n in numbers if isinstance(n, int)}
        for number, label in enumerate(printed):
            if number + 1 in counted or any(str(n) in label for n in numbers):
                found.append(f"{document}/p{number}")
    return found


def _of_roles(connection: sqlite3.Connection, roles: Collection[StatementRole], within: str) -> list[str]:
    """Pages that are these statements by their title."""
    forms = " OR ".join(f"heading LIKE '%{word}%'" for word in TITLE_WORDS)
    query = f"SELECT id, heading FROM entries WHERE document {ANY} AND level = ? AND ({forms}) ORDER BY rowid"
    rows = connection.execute(query, (within, str(Level.PAGE)))
    return [identity for identity, heading in rows if statement_of(heading) in roles]


def _of_kinds(connection: sqlite3.Connection, kinds: Collection[Kind], within: str) -> list[str]:
    """Pages that hold a region of these kinds."""
    query = f"SELECT DISTINCT document, page FROM entries WHERE document {ANY} AND level = ? AND kind {ANY}"
    rows = connection.execute(query, (within, str(Level.ELEMENT), json.dumps(sorted(kinds))))
    return [f"{document}/p{page}" for document, page in rows]


def affinities(connection: sqlite3.Connection, names: Sequence[str], years: Sequence[int] = ()) -> dict[str, float]:
    """How far each document is about what the analysed `names` say, in [0, 1]; documents without them are left out.

    A name counts the more the fewer documents it runs through, in each by the share of the pages that it stands on;
    one that runs through none counts where no other does. Of the documents of a name, those of the `years` come first.
    """
    pages = dict(connection.execute("SELECT id, page_count FROM documents").fetchall())
    most = max(WIDE, sum(pages.values()) // 5)
    standing = frequencies(connection, names, Level.PAGE)
    shares = {name: _shares(connection, name, pages) for name in names if 0 < standing[name] <= most}
    running = {name: found for name, found in shares.items() if max(found.values(), default=0.0) >= MENTIONED}
    weights = {name: _rarity(found, len(pages)) for name, found in (running or shares).items() if found}
    total = sum(weights.values()) + YEAR * len(years)
    found: dict[str, float] = {}
    for name, weight in weights.items():
        for document, share in shares[name].items():
            found[document] = found.get(document, 0.0) + weight / total * min(1.0, share / ABOUT)
    for document in nlargest(NEAREST, found, key=found.__getitem__) if years else ():
        found[document] += sum(YEAR / total * share for share in _speaks_of(connection, document, years))
    return found


def _speaks_of(connection: sqlite3.Connection, document: str, years: Sequence[int]) -> list[float]:
    """How far each year is the one that a document speaks of most among those `AROUND` it, in [0, 1]."""
    query = "SELECT min(rowid), max(rowid) FROM entries WHERE document = ? AND level = ?"
    first, last = connection.execute(query, (document, str(Level.PAGE))).fetchone()
    query = "SELECT count(*) FROM page_words WHERE page_words MATCH ? AND rowid BETWEEN ? AND ?"

    standing = {
        year: int(connection.execute(query, (f'"{year}"', first, last)).fetchone()[0])
        for year in {year + n for year in years for n in AROUND}
    }
    return [standing[year] / max(1, *(standing[year + n] for n in AROUND)) for year in years]


def _shares(connection: sqlite3.Connection, name: str, pages: dict[str, int]) -> dict[str, float]:
    rows = connection.execute(
        "SELECT document, count(*) FROM page_words JOIN entries e ON e.rowid = page_words.rowid"
        " WHERE page_words MATCH ? GROUP BY document",
        (f'"{name}"',),
    )
    return {document: n / max(1, pages[document]) for document, n in rows}


def _rarity(shares: dict[str, float], documents: int) -> float:
    about = sum(share >= MENTIONED for share in shares.values())
    return idf(about, documents)

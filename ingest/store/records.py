"""Documents as rows of the library, and back."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from octavo.ingest.model import (
    READING,
    RUNNING,
    Box,
    Chunk,
    Document,
    Element,
    Kind,
    Line,
    Page,
    Region,
    TextSource,
)
from octavo.ingest.table import Cell, Table

DOCUMENT = "SELECT id, name, title, media_type, path, outline, problems FROM documents WHERE id = ?"


def save_document(connection: sqlite3.Connection, document: Document, added_at: str) -> None:
    """Writes a document with all of its pages, elements and chunks."""
    connection.execute(
        "INSERT INTO documents (id, name, title, media_type, path, page_count, outline, problems, added_at, reading)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            document.id,
            document.name,
            document.title,
            document.media_type,
            dump_path(document.path),
            len(document.pages),
            json.dumps(document.outline),
            json.dumps(document.problems),
            added_at,
            READING,
        ),
    )
    connection.executemany(
        "INSERT INTO pages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (_page_row(document.id, page) for page in document.pages),
    )
    connection.executemany(
        "INSERT INTO elements VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (_element_row(document.id, page.number, e) for page in document.pages for e in page.elements),
    )
    connection.executemany(
        "INSERT INTO chunks VALUES (?, ?, ?, ?, ?)",
        ((document.id, c.index, c.section, c.text, dump_regions(c.regions)) for c in document.chunks),
    )


def load_document(connection: sqlite3.Connection, row: tuple[Any, ...]) -> Document:
    """Returns the document of a row of `DOCUMENT`."""
    identity, name, title, media_type, path, outline, problems = row
    chunks = connection.execute(
        "SELECT number, section, text, regions FROM chunks WHERE document = ? ORDER BY number", (identity,)
    )
    return Document(
        id=identity,
        name=name,
        path=load_path(path),
        title=title,
        media_type=media_type,
        pages=load_pages(connection, identity),
        chunks=tuple(Chunk(number, section, text, load_regions(regions)) for number, section, text, regions in chunks),
        outline=tuple((level, heading, page) for level, heading, page in json.loads(outline)),
        problems=tuple(json.loads(problems)),
    )


def load_pages(connection: sqlite3.Connection, document: str, number: int | None = None) -> tuple[Page, ...]:
    """Returns all pages of a document, or the one with this number."""
    condition = "" if number is None else " AND {} = ?"
    key = (document,) if number is None else (document, number)
    elements: dict[int, list[Element]] = {}
    for row in connection.execute(
        f"SELECT * FROM elements WHERE document = ?{condition.format('page')} ORDER BY page, number",
        key,
    ):
        elements.setdefault(row[1], []).append(_element(row))
    pages = connection.execute(
        f"SELECT * FROM pages WHERE document = ?{condition.format('number')} ORDER BY number",
        key,
    )
    return tuple(
        Page(
            number=row[1],
            width=row[2],
            height=row[3],
            image=row[4],
            image_width=row[5],
            image_height=row[6],
            label=row[7],
            text=row[8],
            source=TextSource(row[9]),
            elements=tuple(elements.get(row[1], ())),
            notes=row[10],
            hidden=bool(row[11]),
            problem=row[12],
        )
        for row in pages
    )


def load_running_text(connection: sqlite3.Connection, document: str, number: int) -> str:
    """Returns what the running headers and footers of a page say, joined by spaces."""
    kinds = sorted(map(str, RUNNING))
    condition = f"document = ? AND page = ? AND kind IN ({', '.join('?' * len(kinds))})"
    rows = connection.execute(
        f"SELECT text FROM elements WHERE {condition} ORDER BY number", (document, number, *kinds)
    )
    return " ".join(text for (text,) in rows)


def dump_path(path: Path | str) -> str | bytes:
    r"""Returns a path as text, or its bytes where they are no UTF-8: most systems allow any bytes but `/` and 0.

    >>> dump_path("caf\u00e9") == "caf\u00e9", dump_path("caf\udce9")
    (True, b'caf\xe9')
    """
    name = str(path).encode("utf-8", "surrogateescape")
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        return name


def load_path(path: str | bytes) -> str:
    """Returns the path of `dump_path`, as `os.fsdecode` gives it."""
    return path if isinstance(path, str) else path.decode("utf-8", "surrogateescape")


def dump_regions(regions: tuple[Region, ...]) -> str:
    """Returns regions as JSON rows `[page, x0, y0, x1, y1, element]`."""
    return json.dumps([[r.page, *(round(v, 2) for v in r.box), r.element] for r in regions], separators=(",", ":"))


def load_regions(text: str) -> tuple[Region, ...]:
    """Returns the regions of `dump_regions`."""
    return tuple(Region(page, Box(*box), element) for page, *box, element in json.loads(text))


def _page_row(document: str, page: Page) -> tuple[Any, ...]:
    return (
        document,
        page.number,
        page.width,
        page.height,
        page.image,
        page.image_width,
        page.image_height,
        page.label,
        page.text,
        str(page.source),
        page.notes,
        page.hidden,
        page.problem,
    )


def _element_row(document: str, page: int, e: Element) -> tuple[Any, ...]:
    lines = json.dumps([[line.text, *(round(v, 2) for v in line.box)] for line in e.lines], separators=(",", ":"))
    cells = _dump_table(e.table) if e.table else ""
    return (document, page, e.index, str(e.kind), *e.box, e.text, lines, e.markdown, e.about, cells)


def _element(row: tuple[Any, ...]) -> Element:
    _, _, number, kind, x0, y0, x1, y1, text, lines, markdown, about, cells = row
    return Element(
        index=number,
        kind=Kind(kind),
        box=Box(x0, y0, x1, y1),
        text=text,
        lines=tuple(Line(line, Box(*box)) for line, *box in json.loads(lines)),
        markdown=markdown,
        about=about,
        table=_load_table(cells) if cells else None,
    )


def _dump_table(table: Table) -> str:
    """Returns a table as JSON, its cells as rows `[row, column, text, row_span, column_span, x0, y0, x1, y1]`."""
    cells = [[c.row, c.column, c.text, c.row_span, c.column_span, *(round(v, 2) for v in c.box)] for c in table.cells]
    fields = {"header_rows": table.header_rows, "continues": table.continues, "carried": table.carried}
    fields |= {"sheet": table.sheet, "at": table.at} if table.sheet else {}
    return json.dumps({**fields, "cells": cells}, separators=(",", ":"))


def _load_table(text: str) -> Table:
    fields = json.loads(text)
    cells = tuple(
        Cell(row, column, words, Box(*box), down, across) for row, column, words, down, across, *box in fields["cells"]
    )
    return Table(
        cells,
        fields["header_rows"],
        fields["continues"],
        tuple(map(tuple, fields["carried"])),
        fields.get("sheet", ""),
        tuple(fields.get("at", (0, 0))),
    )

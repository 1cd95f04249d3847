"""The documents in a library's database, for reading."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from octavo.ingest.errors import DocumentNotFoundError, LibraryError
from octavo.ingest.model import READING, Document, Page
from octavo.ingest.store import records
from octavo.ingest.store.database import Database
from octavo.ingest.store.documents import DocumentInfo

INSIDE = "./"
"""Begins a path that is kept relative to the library's folder."""


class Catalog:
    """Finds and loads the documents of the library in `folder`, by id, path or name, from any thread."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder, self._root, self._database = folder, folder.resolve(), database

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection, in autocommit mode: write within `transaction()`."""
        return self._database.connection

    def snapshot(self) -> AbstractContextManager[sqlite3.Connection]:
        """Opens several reads of this thread as of one moment."""
        return self._database.snapshot()

    def get(self, key: str) -> str | None:
        """Returns a small value that was stored under `key`."""
        row = self.connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    @property
    def generation(self) -> int:
        """A number that grows whenever documents appear or go."""
        return int(self.get("generation") or 0)

    def documents(self, limit: int | None = None, offset: int = 0) -> list[DocumentInfo]:
        """Returns all documents, by name, or `limit` of them after the first `offset`."""
        if limit is None and not offset:
            return self._infos("")
        part = "SELECT id FROM documents ORDER BY name, id LIMIT ? OFFSET ?"
        return self._infos(f"WHERE id IN ({part})", -1 if limit is None else limit, offset)

    def names(self, documents: Collection[str]) -> dict[str, tuple[str, str]]:
        """Returns the name and title of documents by id; those that are not there are left out."""
        query = "SELECT id, name, title FROM documents WHERE id IN (SELECT value FROM json_each(?))"
        rows = self.connection.execute(query, (json.dumps(list(documents)),))
        return {identity: (name, title) for identity, name, title in rows}

    def ids(self) -> Iterator[str]:
        """Yields the ids of all documents."""
        return (row[0] for row in self.connection.execute("SELECT id FROM documents"))

    def at(self, path: Path | str) -> str | None:
        """Returns the id of the document that a path holds, None where it holds none."""
        forms = self.path_forms(path)
        query = f"SELECT document FROM paths WHERE path IN ({', '.join('?' * len(forms))})"
        row = self.connection.execute(query, forms).fetchone()
        return row[0] if row else None

    def has(self, document: str) -> bool:
        """Returns whether a document is there."""
        return self.connection.execute("SELECT 1 FROM documents WHERE id = ?", (document,)).fetchone() is not None

    def find(self, name: str) -> DocumentInfo:
        """Returns the document with this id (or at least its first 6 digits), path or file name.

        Raises `LibraryError` when there is none, or several.
        """
        path = records.dump_path(name)
        forms = [*self.path_forms(name), *self.path_forms(Path(name).resolve())]
        with_path = f"SELECT document FROM paths WHERE path IN ({', '.join('?' * len(forms))})"
        tests: tuple[tuple[str, tuple[str | bytes, ...]], ...] = (
            (f"WHERE id = ? OR id IN ({with_path})", (path, *forms)),
            ("WHERE name = ?", (path,)),
            ("WHERE length(?1) >= 6 AND substr(id, 1, length(?1)) = ?1", (path,)),
        )
        for condition, parameters in tests:
            result = self._infos(condition, *parameters)
            if len(result) == 1:
                return result[0]
            if result:
                ids = ", ".join(info.id[:8] for info in result)
                raise LibraryError(f"Several documents are called {name}: name one by its id ({ids}).")
        raise DocumentNotFoundError(f"The library {self.folder.name} holds no document {name}.")

    def info(self, document: str) -> DocumentInfo:
        """Returns what `documents()` says of one document; raises `LibraryError` when it is not there."""
        for info in self._infos("WHERE id = ?", document):
            return info
        raise DocumentNotFoundError(f"The library {self.folder.name} holds no document {document}.")

    def _infos(self, where: str, *parameters: str | bytes | int) -> list[DocumentInfo]:
        rows = self.connection.execute(
            "SELECT id, name, title, media_type, page_count, added_at,"
            " (SELECT json_group_array(hex(path)) FROM (SELECT path FROM paths WHERE document = id ORDER BY path)),"
            " problems, reading, metadata"
            f" FROM documents {where} ORDER BY name, id",
            parameters,
        ).fetchall()
        paths, problems, metadata = (_load_all([row[column] for row in rows]) for column in (6, 7, 9))
        return [
            DocumentInfo(
                identity,
                name,
                title,
                media_type,
                pages,
                at,
                tuple(dict.fromkeys(self._path(bytes.fromhex(path)) for path in paths[n])),
                tuple(problems[n]),
                reading < READING,
                metadata[n],
            )
            for n, (identity, name, title, media_type, pages, at, _, _, reading, _) in enumerate(rows)
        ]

    def _path(self, stored: bytes) -> str:
        path = records.load_path(stored)
        return str(self._root / path) if path.startswith(INSIDE) else path

    def document(self, document: str) -> Document:
        """Returns a whole document with its pages and chunks; raises `LibraryError` when it is not there."""
        with self.snapshot() as connection:
            row = connection.execute(records.DOCUMENT, (document,)).fetchone()
            if row is None:
                raise DocumentNotFoundError(f"The library {self.folder.name} holds no document {document}.")
            return records.load_document(connection, row)

    def pages(self, document: str) -> tuple[Page, ...]:
        """Returns all pages of a document with their elements; none when it is not there."""
        with self.snapshot() as connection:
            return records.load_pages(connection, document)

    def page(self, document: str, number: int) -> Page:
        """Returns one page with its elements; raises `LibraryError` when there is none with this number (from 0)."""
        with self.snapshot() as connection:
            pages = records.load_pages(connection, document, number)
        if not pages:
            info = self.info(document)
            count = f"{info.pages} page{'s' if info.pages != 1 else ''}"
            raise LibraryError(f"There is no page {number + 1} of {info.name}, which has {count}.")
        return pages[0]

    def running_text(self, document: str, number: int) -> str:
        """Returns what the running headers and footers of a page say; nothing when the page is not there."""
        return records.load_running_text(self.connection, document, number)

    def path_forms(self, path: Path | str) -> list[str | bytes]:
        """Returns a path as it may be kept: as it is, and relative to the library where it lies inside."""
        forms = [str(path)]
        if Path(path).is_relative_to(self._root):
            forms.append(INSIDE + str(Path(path).relative_to(self._root)))
        return [records.dump_path(form) for form in forms]


def _load_all(texts: Sequence[str]) -> list[Any]:
    """Returns the values of JSON texts, read as one, which takes a fifth of the time."""
    result: list[Any] = json.loads(f"[{','.join(texts)}]")
    return result

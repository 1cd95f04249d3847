"""Where documents live: one folder with `library.sqlite` and the page screenshots in `pages/`.

A document is written as *pending*, becomes *ready* in one transaction, and is *removed* before its rows go: readers see
ready documents only, so that nothing is ever half visible. SQLite runs in WAL mode, where readers never wait for the
writer; `synchronous=FULL` makes a commit survive a power cut, at a cost that is small beside reading pages.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from . import records
from .document import Box, Document, Page
from .errors import LibraryError
from .schema import migrate

if TYPE_CHECKING:
    from PIL import Image

LOCK_WAIT = 10.0
"""Seconds that a writer waits for another."""


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """A document of the library, without its pages. `paths` are where its bytes were read from."""

    id: str
    name: str
    title: str
    media_type: str
    pages: int
    added_at: str
    paths: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


class Library:
    """A library folder; opened by many readers and one writer at a time, usable from several threads.

    Raises `LibraryError` where the folder cannot be a library.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self._file = self.folder / "library.sqlite"
        if not self._file.exists():
            self._refuse_foreign()
        try:
            (self.folder / "pages").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LibraryError(f"The library folder {self.folder} cannot be made: {error.strerror}.") from error
        self._lock = FileLock(self.folder / "library.lock", timeout=LOCK_WAIT, thread_local=False)
        self._threads = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        try:
            migrate(self.connection, self._file)
        except LibraryError:
            self.close()
            raise

    def _refuse_foreign(self) -> None:
        if self.folder.is_file():
            raise LibraryError(f"{self.folder} is a file: name a folder for the library.")
        known = {"library.lock", "pages", "chroma"}
        if self.folder.is_dir() and any(child.name not in known for child in self.folder.iterdir()):
            raise LibraryError(f"{self.folder} holds other files and no library: name an empty or a new folder.")

    def __enter__(self) -> Library:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections of all threads."""
        with self._guard:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
            self._threads = threading.local()

    # connections and transactions

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection, in autocommit mode; write within `writing()`."""
        existing: sqlite3.Connection | None = getattr(self._threads, "connection", None)
        if existing is not None:
            return existing
        try:
            connection = sqlite3.connect(self._file, isolation_level=None, timeout=30, check_same_thread=False)
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.Error as error:
            raise LibraryError(f"{self._file} cannot be opened as a library: {error}.") from error
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        with self._guard:
            self._connections.append(connection)
        self._threads.connection = connection
        return connection

    @contextmanager
    def writer(self) -> Iterator[None]:
        """Holds the one writer's place; re-entrant. Raises `LibraryError` when another process keeps it too long."""
        try:
            self._lock.acquire()
        except Timeout as error:
            raise LibraryError(
                f"Another process is writing into the library {self.folder}: wait for it to finish, then try again."
            ) from error
        try:
            yield
        finally:
            self._lock.release()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One write transaction: all of it or nothing."""
        connection = self.connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    # small values

    def get(self, key: str) -> str | None:
        """A value that was stored under `key`."""
        row = self.connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def set(self, key: str, value: str) -> None:
        """Stores a value; within a transaction, as part of it."""
        self.connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    @property
    def generation(self) -> int:
        """A number that grows with every change of what is visible."""
        return int(self.get("generation") or 0)

    # reading

    def documents(self) -> list[DocumentInfo]:
        """The ready documents, by name."""
        rows = self.connection.execute(
            "SELECT id, name, title, media_type, page_count, added_at, problems,"
            " (SELECT json_group_array(path) FROM paths WHERE document = id)"
            " FROM documents WHERE state = 'ready' ORDER BY name, id"
        )
        return [
            DocumentInfo(identity, name, title, kind, pages, added, tuple(json.loads(paths)), tuple(json.loads(problems)))
            for identity, name, title, kind, pages, added, problems, paths in rows
        ]

    def has(self, document: str) -> bool:
        """Whether a document is there and ready."""
        found = self.connection.execute("SELECT 1 FROM documents WHERE id = ? AND state = 'ready'", (document,))
        return found.fetchone() is not None

    def find(self, name: str) -> DocumentInfo:
        """The document with this id (or at least its first 6 digits), file name or path."""
        infos = self.documents()
        path = str(Path(name).resolve())
        for fits in (
            lambda i: i.id == name or path in i.paths,
            lambda i: i.name == name,
            lambda i: len(name) >= 6 and i.id.startswith(name),
        ):
            found = [info for info in infos if fits(info)]
            if len(found) == 1:
                return found[0]
            if found:
                ids = ", ".join(info.id[:8] for info in found)
                raise LibraryError(f"Several documents are called {name}: name one by its id ({ids}).")
        raise LibraryError(f"The library {self.folder} holds no document {name}: `octavo list` shows what it holds.")

    def document(self, document: str) -> Document:
        """A whole document with its pages and chunks; raises `LibraryError` when it is not there."""
        row = self.connection.execute(
            "SELECT * FROM documents WHERE id = ? AND state = 'ready'", (document,)
        ).fetchone()
        if row is None:
            raise LibraryError(f"The library {self.folder} holds no document {document}.")
        return records.load_document(self.connection, row)

    def page(self, document: str, number: int) -> Page:
        """One page with its elements; raises `LibraryError` when there is none with this number (from 0)."""
        pages = records.load_pages(self.connection, document, number)
        if not pages:
            raise LibraryError(f"The library {self.folder} holds no page {number + 1} of document {document}.")
        return pages[0]

    # screenshots

    def save_image(self, webp: bytes) -> str:
        """Stores a screenshot once by its content; returns its hash. An interrupted write leaves no broken file."""
        digest = hashlib.sha256(webp).hexdigest()[:40]
        path = self.image_path(digest)
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as part:
                part.write(webp)
                part.flush()
                os.fsync(part.fileno())
            os.replace(part.name, path)
        return digest

    def image_path(self, image: str) -> Path:
        """The file of a screenshot by its hash; a hash is 40 hex digits and nothing else."""
        if not re.fullmatch(r"[0-9a-f]{40}", image):
            raise LibraryError(f"{image!r} is not the hash of a screenshot.")
        return self.folder / "pages" / image[:2] / f"{image}.webp"

    def image(self, image: str) -> bytes:
        """The WebP bytes of a screenshot by its hash."""
        path = self.image_path(image)
        try:
            return path.read_bytes()
        except FileNotFoundError as error:
            raise LibraryError(f"The screenshot {path} is gone: ingest its document again with --force.") from error

    def screenshot(self, document: str, number: int) -> Image.Image:
        """The screenshot of a page, RGB."""
        from PIL import Image

        with Image.open(BytesIO(self.image(self.page(document, number).image))) as picture:
            return picture.convert("RGB")

    def crop(self, document: str, number: int, box: Box) -> Image.Image:
        """What a box on a page shows: `box` in PDF points, cut at the page's edge, at least one pixel."""
        page = self.page(document, number)
        picture = self.screenshot(document, number)
        x, y = picture.width / page.width, picture.height / page.height
        left, top = min(int(max(0, box.x0) * x), picture.width - 1), min(int(max(0, box.y0) * y), picture.height - 1)
        right = max(left + 1, min(picture.width, round(box.x1 * x)))
        bottom = max(top + 1, min(picture.height, round(box.y1 * y)))
        return picture.crop((left, top, right, bottom))

    # writing: steps that the index puts together (each within a transaction of the caller)

    def write(self, document: Document) -> None:
        """Writes a document as pending."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        records.save_document(self.connection, document, now)

    def publish(self, document: str, path: Path) -> list[str]:
        """Makes a document visible at `path`; returns the ids that this replaces, marked as removed."""
        self.connection.execute("UPDATE documents SET state = 'ready' WHERE id = ?", (document,))
        return self.alias(document, path)

    def alias(self, document: str, path: Path) -> list[str]:
        """Notes that `path` holds the document; returns the ids that no path holds any more, marked as removed."""
        self.connection.execute("INSERT OR REPLACE INTO paths VALUES (?, ?)", (str(path), document))
        return self._mark("id NOT IN (SELECT document FROM paths) AND state = 'ready'", ())

    def retire(self, document: str) -> list[str]:
        """Marks a document as removed: from now on nobody sees it. Returns its id, nothing where it is not there."""
        return self._mark("id = ? AND state = 'ready'", (document,))

    def _mark(self, where: str, parameters: Sequence[Any]) -> list[str]:
        found = self.connection.execute(
            f"UPDATE documents SET state = 'removed' WHERE {where} RETURNING id",
            parameters,
        ).fetchall()
        self.set("generation", str(self.generation + 1))
        return [row[0] for row in found]

    def unfinished(self) -> list[str]:
        """Ids of documents that a writer began and did not finish, or removed and did not purge."""
        rows = self.connection.execute("SELECT id FROM documents WHERE state != 'ready' ORDER BY id")
        return [row[0] for row in rows]

    def purge(self, document: str) -> list[str]:
        """Deletes the rows of a document that is not visible; returns the screenshots that nothing needs any more."""
        images = self.connection.execute(
            "SELECT DISTINCT image FROM pages WHERE document = ? AND image != ''", (document,)
        ).fetchall()
        self.connection.execute("DELETE FROM documents WHERE id = ? AND state != 'ready'", (document,))
        used = self.connection.execute
        return [i for (i,) in images if used("SELECT 1 FROM pages WHERE image = ? LIMIT 1", (i,)).fetchone() is None]

    def delete_images(self, images: Sequence[str]) -> None:
        """Deletes screenshots."""
        for image in images:
            self.image_path(image).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Deletes screenshots that no page has, and unfinished files; only when no ingest is under way."""
        used = {row[0] for row in self.connection.execute("SELECT DISTINCT image FROM pages")}
        for path in (self.folder / "pages").glob("*/*"):
            if path.suffix != ".webp" or path.stem not in used:
                path.unlink(missing_ok=True)

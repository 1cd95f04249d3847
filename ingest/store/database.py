"""SQLite as a library uses it: one connection for each thread, transactions that are whole or nothing.

WAL mode: readers never wait for the writer, and see the last commit until they ask again. `synchronous=FULL` makes a
commit survive a power cut too; its one `fsync` a document is small beside reading pages.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from octavo.ingest.errors import LibraryError

WAIT = 30.0
"""Seconds that a commit waits for another's."""


class Database:
    """The database in a file, for any number of threads. Raises `LibraryError` where the file cannot be opened."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._guard = threading.Lock()
        self._connections: dict[threading.Thread, sqlite3.Connection] = {}
        self._closed = False

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection, in autocommit mode: write within `transaction()`."""
        thread = threading.current_thread()
        found = self._connections.get(thread)
        if found is None:
            with self._guard:
                if self._closed:
                    raise LibraryError(f"The library {self._file.parent} is closed: open it again.")
                for gone in [other for other in self._connections if not other.is_alive()]:
                    self._connections.pop(gone).close()
                found = self._connections[thread] = self._open()
        return found

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One write transaction of this thread; raises `LibraryError` where it cannot be written (a full disk)."""
        connection = self.connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise LibraryError(f"The library {self._file.parent} cannot be written: {error}.") from error
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Several reads of this thread as of one moment."""
        connection = self.connection
        if connection.in_transaction:
            yield connection
            return
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("COMMIT")

    def close(self) -> None:
        """Closes the connections of all threads."""
        with self._guard:
            self._closed = True
            for connection in self._connections.values():
                connection.close()
            self._connections.clear()

    def _open(self) -> sqlite3.Connection:
        connection = None
        try:
            connection = sqlite3.connect(self._file, isolation_level=None, timeout=WAIT, check_same_thread=False)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("PRAGMA cache_size=-32000")
        except sqlite3.Error as error:
            if connection is not None:
                connection.close()
            raise LibraryError(f"{self._file} cannot be opened as a library: {error}{_way_out(error)}.") from error
        return connection


def _way_out(error: sqlite3.Error) -> str:
    read_only = getattr(error, "sqlite_errorname", "").startswith("SQLITE_READONLY")
    return "; readers leave marks beside it, so make the folder and its files writable, or copy it" if read_only else ""

"""SQLite as a library uses it: one connection for each thread, transactions that are whole or nothing.

WAL mode: readers never wait for the writer, and see the last commit until they ask again. `synchronous=FULL` makes a
commit survive a power cut too; its one `fsync` a document is small beside reading pages.

Where the file or its folder cannot be written, it is opened for reading alone: with the marks of other readers and
writers where SQLite can see them, else as a file that nobody changes.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from octavo.ingest.errors import LibraryError
from octavo.ingest.store.migrations import migrate
from octavo.ingest.store.reserve import Reserve
from octavo.ingest.store.rows import ConstraintError

WAIT = 30.0
"""Seconds that a commit waits for another's."""
_NO_ROOM = {"SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"}


class Database:
    """The database in a file, for any number of threads. Raises `LibraryError` where the file cannot be opened."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._reserve = Reserve(file.parent)
        self._guard, self._exclusive = threading.Lock(), threading.Lock()
        self._connections: dict[threading.Thread, sqlite3.Connection] = {}
        self._closed = False

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection, in autocommit mode: write within `transaction()`."""
        thread = threading.current_thread()
        result = self._connections.get(thread)
        if result is None:
            with self._guard:
                if self._closed:
                    raise LibraryError(f"The library {self._file.parent} is closed: open it again.")
                for ended in [other for other in self._connections if not other.is_alive()]:
                    self._connections.pop(ended).close()
                result = self._connections[thread] = self._open()
        return result

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Opens one write transaction of this thread.

        Raises `ConstraintError`, and `LibraryError` where it cannot write (a full disk).
        """
        connection = self.connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except sqlite3.IntegrityError as error:
            raise ConstraintError(str(error)) from error
        except sqlite3.ProgrammingError:
            raise
        except sqlite3.DatabaseError as error:
            raise LibraryError(f"The library {self._file.parent} cannot be written: {error}.") from error
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Opens several reads of this thread as of one moment."""
        connection = self.connection
        if connection.in_transaction:
            yield connection
            return
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("COMMIT")

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keeps out all others that would be exclusive, in every process, beside what they read and write."""
        from filelock import FileLock  # who reads does not need it

        with self._exclusive, FileLock(self._file.with_suffix(".lock"), mode=0o600):
            yield

    def migrate(self, name: str, scripts: Sequence[str]) -> None:
        """Brings the database, which holds the tables of `name` alone, to the version that has all `scripts`."""
        migrate(self.connection, self._file, scripts)

    def close(self) -> None:
        """Closes the connections of all threads."""
        with self._guard:
            self._closed = True
            for connection in self._connections.values():
                connection.close()
            self._connections.clear()

    def _open(self) -> sqlite3.Connection:
        try:
            try:
                return self._connect()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorname in _NO_ROOM and self._reserve.release():
                    return self._connect()
                raise
        except sqlite3.Error as error:
            raise LibraryError(f"{self._file} cannot be opened as a library: {error}.") from error

    def _connect(self) -> sqlite3.Connection:
        if self._file.exists() and not (os.access(self._file, os.W_OK) and os.access(self._file.parent, os.W_OK)):
            return self._connect_to_read()
        connection = self._serve_connection("rwc")
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("PRAGMA cache_size=-8000")
        except BaseException:
            connection.close()
            raise
        return connection

    def _connect_to_read(self) -> sqlite3.Connection:
        connection = self._serve_connection("ro")
        try:
            connection.execute("SELECT count(*) FROM sqlite_schema")
        except sqlite3.OperationalError as error:
            connection.close()
            log = self._file.with_name(f"{self._file.name}-wal")
            if log.exists() and log.stat().st_size:
                raise LibraryError(
                    f"{self._file} cannot be opened where nothing can be written, as its last writer was cut off: "
                    "make its folder writable, or copy it."
                ) from error
            return self._serve_connection("ro&immutable=1")
        return connection

    def _serve_connection(self, mode: str) -> sqlite3.Connection:
        address = f"{self._file.absolute().as_uri()}?mode={mode}"
        return sqlite3.connect(address, uri=True, isolation_level=None, timeout=WAIT, check_same_thread=False)

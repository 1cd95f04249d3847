"""Files of the shared library: who uploaded each, and which are put aside until someone chooses about them."""

from __future__ import annotations

import json
import secrets
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from octavo.ingest.store.metadata import Metadata, dump_metadata
from octavo.ingest.store.rows import RowStore

SCHEMA = """
CREATE TABLE IF NOT EXISTS owners (path TEXT PRIMARY KEY, user TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS set_aside (
    id TEXT PRIMARY KEY, reason TEXT NOT NULL, path TEXT NOT NULL, name TEXT NOT NULL, collection TEXT NOT NULL,
    owner TEXT NOT NULL, at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS set_aside_metadata (
    id TEXT PRIMARY KEY REFERENCES set_aside ON DELETE CASCADE, metadata TEXT NOT NULL
) WITHOUT ROWID;
"""
WAITING, REMOVED = "taken", "removed"
"""Why a file was put aside: its name was taken in its collection, or it was removed."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """A file that was put aside: why, where it lies now (see `LibraryFileRecords`), and where it belongs; `at` is UTC.

    `metadata` is what was noted with its document.
    """

    id: str
    reason: str
    path: str
    name: str
    collection: str
    owner: str
    at: str
    metadata: Metadata = field(default_factory=dict)


class LibraryFileRecords:
    """Owners and files put aside, by their paths relative to the library's folder, or absolute outside of it."""

    def __init__(self, database: RowStore) -> None:
        self._database = database

    def exclusive(self) -> AbstractContextManager[None]:
        """Keeps out all others that would be exclusive, in every process, while files are moved."""
        return self._database.exclusive()

    def owner(self, path: str) -> str | None:
        """Returns the user who uploaded a file, or `None`."""
        row = self._database.connection.execute("SELECT user FROM owners WHERE path = ?", (path,)).fetchone()
        return row[0] if row else None

    def owners(self) -> dict[str, str]:
        """Returns the user who uploaded each file."""
        return dict(self._database.connection.execute("SELECT path, user FROM owners"))

    def set_owner(self, path: str, user: str) -> None:
        """Stores the user who uploaded a file."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO owners VALUES (?, ?) ON CONFLICT (path) DO UPDATE SET user = excluded.user", (path, user)
            )

    def put(
        self, reason: str, path: str, name: str, collection: str, owner: str, metadata: Metadata | None = None
    ) -> SetAside:
        """Notes that a file was put aside."""
        at = datetime.now(UTC).isoformat(timespec="microseconds")
        record = SetAside(secrets.token_hex(8), reason, path, name, collection, owner, at, metadata or {})
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO set_aside VALUES (?, ?, ?, ?, ?, ?, ?)",
                (record.id, record.reason, record.path, record.name, record.collection, record.owner, record.at),
            )
            connection.execute(
                "INSERT INTO set_aside_metadata VALUES (?, ?)", (record.id, dump_metadata(record.metadata))
            )
        return record

    def all(self) -> list[SetAside]:
        """Returns all files put aside, the latest first."""
        rows = self._database.connection.execute(
            "SELECT set_aside.*, coalesce(metadata, '{}') FROM set_aside LEFT JOIN set_aside_metadata USING (id)"
            " ORDER BY at DESC, id"
        )
        return [
            SetAside(identity, reason, path, name, collection, owner, at, json.loads(metadata))
            for identity, reason, path, name, collection, owner, at, metadata in rows
        ]

    def older(self, days: float) -> list[SetAside]:
        """Returns files that were removed so many days ago."""
        until = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="microseconds")
        return [one for one in self.all() if one.reason == REMOVED and one.at <= until]

    def forget(self, identity: str) -> None:
        """Notes that a file is not put aside any more."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM set_aside WHERE id = ?", (identity,))

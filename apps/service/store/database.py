"""The service's own tables: users, keys, sessions, collections, jobs, feedback, usage, audit.

They are in `service.sqlite` beside the library, and where machines share their documents, in the PostgreSQL database of
these."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from octavo.ingest.store.opening import open_rows
from octavo.ingest.store.rows import RowStore

MIGRATIONS = (
    """
    CREATE TABLE users (
        name TEXT PRIMARY KEY, password TEXT NOT NULL, is_admin INTEGER NOT NULL, created_at TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE keys (
        id TEXT PRIMARY KEY, user TEXT NOT NULL REFERENCES users ON DELETE CASCADE, digest TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL, role TEXT NOT NULL, created_at TEXT NOT NULL, expires_at TEXT, revoked_at TEXT
    ) WITHOUT ROWID;
    CREATE TABLE collections (
        name TEXT PRIMARY KEY, title TEXT NOT NULL, metadata TEXT NOT NULL, created_at TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE members (
        collection TEXT NOT NULL REFERENCES collections ON DELETE CASCADE,
        user TEXT NOT NULL REFERENCES users ON DELETE CASCADE,
        role TEXT NOT NULL, PRIMARY KEY (collection, user)
    ) WITHOUT ROWID;
    CREATE TABLE files (
        user TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, path TEXT NOT NULL, bytes INTEGER NOT NULL,
        purpose TEXT NOT NULL, created_at TEXT NOT NULL, PRIMARY KEY (user, id)
    ) WITHOUT ROWID;
    CREATE TABLE uploads (path TEXT PRIMARY KEY, user TEXT NOT NULL, bytes INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE jobs (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, collection TEXT NOT NULL, user TEXT NOT NULL,
        path TEXT NOT NULL, name TEXT NOT NULL, metadata TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL,
        document TEXT NOT NULL, attempts INTEGER NOT NULL, created_at TEXT NOT NULL, changed_at TEXT NOT NULL
    );
    CREATE INDEX jobs_by_state ON jobs (state, number);
    CREATE TABLE IF NOT EXISTS feedback (
        id TEXT PRIMARY KEY, collection TEXT NOT NULL, user TEXT NOT NULL, content TEXT NOT NULL,
        created_at TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE audit (
        number INTEGER PRIMARY KEY, at TEXT NOT NULL, user TEXT NOT NULL, action TEXT NOT NULL,
        collection TEXT NOT NULL, subject TEXT NOT NULL
    );
    CREATE TABLE replies (
        user TEXT NOT NULL, key TEXT NOT NULL, request TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL,
        created_at TEXT NOT NULL, PRIMARY KEY (user, key)
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE sessions (
        digest TEXT PRIMARY KEY, user TEXT NOT NULL REFERENCES users ON DELETE CASCADE, created_at TEXT NOT NULL,
        expires_at TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE identities (
        issuer TEXT NOT NULL, subject TEXT NOT NULL, user TEXT NOT NULL UNIQUE REFERENCES users ON DELETE CASCADE,
        PRIMARY KEY (issuer, subject)
    ) WITHOUT ROWID;
    ALTER TABLE uploads ADD COLUMN pages INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE usage (
        user TEXT NOT NULL, day TEXT NOT NULL, tokens INTEGER NOT NULL,
        PRIMARY KEY (user, day)
    ) WITHOUT ROWID;
    CREATE TABLE batches (
        id TEXT PRIMARY KEY, collection TEXT NOT NULL REFERENCES collections ON DELETE CASCADE,
        jobs TEXT NOT NULL, created_at TEXT NOT NULL
    ) WITHOUT ROWID;
    """,
    """
    ALTER TABLE jobs ADD COLUMN force INTEGER NOT NULL DEFAULT 0;
    """,
    # What processes share: `worker` has a job until `leased_until`; times are seconds since 1970.
    """
    ALTER TABLE jobs ADD COLUMN worker TEXT NOT NULL DEFAULT '';
    ALTER TABLE jobs ADD COLUMN leased_until REAL NOT NULL DEFAULT 0;
    ALTER TABLE jobs ADD COLUMN is_canceled INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE jobs ADD COLUMN stage TEXT NOT NULL DEFAULT '';
    ALTER TABLE jobs ADD COLUMN page INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE jobs ADD COLUMN pages INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE requests (user TEXT NOT NULL, at REAL NOT NULL);
    CREATE INDEX requests_by_user ON requests (user, at);
    CREATE TABLE wrong_passwords (
        kind TEXT NOT NULL, name TEXT NOT NULL, wrong INTEGER NOT NULL, last REAL NOT NULL, until REAL NOT NULL,
        PRIMARY KEY (kind, name)
    ) WITHOUT ROWID;
    CREATE TABLE logins (digest TEXT PRIMARY KEY, content TEXT NOT NULL, until REAL NOT NULL) WITHOUT ROWID;
    CREATE TABLE secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    """,
)
"""Each brings the database one version further."""


def now() -> str:
    """Returns the time in UTC, as text that sorts by time."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def open_database(folder: Path, documents_uri: str = "") -> RowStore:
    """Opens, makes or migrates the database; raises `LibraryError` for one that a newer Octavo made."""
    database = open_rows(folder / "service.sqlite", documents_uri)
    try:
        database.migrate("service", MIGRATIONS)
    except BaseException:
        database.close()
        raise
    return database

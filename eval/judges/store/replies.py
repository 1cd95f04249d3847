"""Replies of models by the content of what they were asked, so that a rerun costs nothing."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import NamedTuple

from octavo.ingest import OctavoError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS replies (
    key TEXT PRIMARY KEY,
    text TEXT NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    seconds REAL NOT NULL
) WITHOUT ROWID
"""


class CachedReply(NamedTuple):
    """A reply, and what it cost when it was given."""

    text: str
    prompt_tokens: int
    completion_tokens: int
    seconds: float


class ReplyCache:
    """Replies in one SQLite file, for many threads and processes; what was put is there after a kill.

    `ReplyCache(None)` keeps them in memory. Raises `OctavoError` when the file is no such cache.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.Lock()
        try:
            if path:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                path or ":memory:", timeout=60, check_same_thread=False, isolation_level=None
            )
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.execute(_SCHEMA)
        except (sqlite3.Error, OSError) as error:
            raise OctavoError(f"{path} cannot be opened as a cache of replies ({error}): name another file.") from error

    def get(self, key: str) -> CachedReply | None:
        with self._lock:
            row = self._connection.execute(
                "SELECT text, prompt_tokens, completion_tokens, seconds FROM replies WHERE key = ?", (key,)
            ).fetchone()
        return CachedReply(*row) if row else None

    def put(self, key: str, reply: CachedReply) -> None:
        """Keeps a reply; the first one for a key stays."""
        with self._lock:
            self._connection.execute("INSERT OR IGNORE INTO replies VALUES (?, ?, ?, ?, ?)", (key, *reply))

    def __len__(self) -> int:
        with self._lock:
            return int(self._connection.execute("SELECT count(*) FROM replies").fetchone()[0])

    def close(self) -> None:
        with self._lock:
            self._connection.close()

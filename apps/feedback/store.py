"""Users' verdicts on answers as rows of the database of the chat or of the service."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from typing import Any

from octavo.ingest.store.rows import RowStore

FEEDBACK = """
CREATE TABLE IF NOT EXISTS feedback (
    id TEXT PRIMARY KEY, collection TEXT NOT NULL, user TEXT NOT NULL, content TEXT NOT NULL, created_at TEXT NOT NULL
) WITHOUT ROWID;
"""
"""The table, as a migration makes it."""
_COLUMNS = "id, user, content, created_at"


class FeedbackRecords:
    """The rows of feedback in a database that has their table."""

    def __init__(self, database: RowStore) -> None:
        self._database = database

    def keep(self, collection: str, user: str, content: dict[str, Any], identity: str = "") -> str:
        """Keeps a verdict and returns its id; one of the same `identity` is replaced."""
        identity = identity or f"fb-{secrets.token_hex(8)}"
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO feedback VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
                " collection = excluded.collection, user = excluded.user, content = excluded.content,"
                " created_at = excluded.created_at",
                (identity, collection, user, json.dumps(content, ensure_ascii=False), _now()),
            )
        return identity

    def get(self, identity: str) -> dict[str, Any] | None:
        """Returns a verdict, or `None`."""
        row = self._database.connection.execute(f"SELECT {_COLUMNS} FROM feedback WHERE id = ?", (identity,)).fetchone()
        return _verdict(row) if row else None

    def forget(self, identity: str) -> None:
        """Deletes a verdict, if it is there."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM feedback WHERE id = ?", (identity,))

    def forget_all(self, prefix: str) -> None:
        """Deletes the verdicts whose ids begin alike."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM feedback WHERE substr(id, 1, ?) = ?", (len(prefix), prefix))

    def of(self, collection: str) -> list[dict[str, Any]]:
        """Returns the verdicts on answers of a collection, the oldest first."""
        rows = self._database.connection.execute(
            f"SELECT {_COLUMNS} FROM feedback WHERE collection = ? ORDER BY created_at", (collection,)
        )
        return [_verdict(row) for row in rows]


def _verdict(row: tuple[str, str, str, str]) -> dict[str, Any]:
    identity, user, content, created_at = row
    return {"id": identity, "user": user, "created_at": created_at, **json.loads(content)}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")

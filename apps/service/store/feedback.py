"""Users' verdicts on answers as rows."""

from __future__ import annotations

import json
import secrets
from typing import Any

from octavo.apps.service.store.database import now
from octavo.ingest.store.database import Database


class FeedbackRecords:
    """The rows of feedback."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, collection: str, user: str, content: dict[str, Any]) -> str:
        """Keeps a verdict and returns its id."""
        identity = f"fb-{secrets.token_hex(8)}"
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO feedback VALUES (?, ?, ?, ?, ?)",
                (identity, collection, user, json.dumps(content, ensure_ascii=False), now()),
            )
        return identity

    def of(self, collection: str) -> list[dict[str, Any]]:
        """The verdicts on answers of a collection, the oldest first."""
        rows = self._database.connection.execute(
            "SELECT id, user, content, created_at FROM feedback WHERE collection = ? ORDER BY created_at", (collection,)
        )
        return [{"id": i, "user": user, "created_at": at, **json.loads(text)} for i, user, text, at in rows]

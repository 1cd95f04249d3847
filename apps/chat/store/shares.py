"""Links under which conversations are shown to others, read-only."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from octavo.ingest.store.rows import RowStore

SHARES = """
CREATE TABLE IF NOT EXISTS shares (
    token TEXT PRIMARY KEY, conversation TEXT NOT NULL UNIQUE REFERENCES conversations ON DELETE CASCADE,
    at TEXT NOT NULL
) WITHOUT ROWID;
"""


class Shares:
    """The links, one for each shared conversation: its secret token is what opens it."""

    def __init__(self, database: RowStore) -> None:
        self._database = database

    def make(self, conversation: str) -> str:
        """Returns the token of a conversation, made where it has none."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO shares VALUES (?, ?, ?) ON CONFLICT (conversation) DO NOTHING",
                (secrets.token_urlsafe(24), conversation, at),
            )
            (token,) = connection.execute("SELECT token FROM shares WHERE conversation = ?", (conversation,)).fetchone()
        return str(token)

    def revoke(self, conversation: str) -> None:
        """Deletes the token of a conversation: its link opens nothing any more."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM shares WHERE conversation = ?", (conversation,))

    def find(self, token: str) -> tuple[str, str] | None:
        """Returns the user and the id of the conversation that a token opens, or `None`."""
        row = self._database.connection.execute(
            "SELECT user, id FROM shares JOIN conversations ON id = conversation WHERE token = ?", (token,)
        ).fetchone()
        return (row[0], row[1]) if row else None

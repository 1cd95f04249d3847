"""Replies that are given again: a request with an `Idempotency-Key` that was served takes no effect twice."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from octavo.apps.service.errors import ConflictError
from octavo.apps.service.rights import Caller
from octavo.apps.service.store.database import now
from octavo.ingest.store.database import Database

KEPT = 10_000
"""Replies that are kept; older ones go first."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A response that was given."""

    status: int
    body: str


class Replies:
    """The replies of the last requests with a key, for each user."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, caller: Caller, key: str, request: str) -> Reply | None:
        """Returns the reply to the same request; raises `ConflictError` where the key came with another one."""
        if not key:
            return None
        row = self._database.connection.execute(
            "SELECT request, status, body FROM replies WHERE user = ? AND key = ?", (caller.user, key)
        ).fetchone()
        if row is None:
            return None
        if row[0] != _digest(request):
            raise ConflictError("This Idempotency-Key was used for another request.")
        return Reply(row[1], row[2])

    def keep(self, caller: Caller, key: str, request: str, status: int, body: str) -> None:
        """Keeps a reply."""
        if not key:
            return
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO replies VALUES (?, ?, ?, ?, ?, ?)",
                (caller.user, key, _digest(request), status, body, now()),
            )
            connection.execute(
                "DELETE FROM replies WHERE created_at <"
                " (SELECT created_at FROM replies ORDER BY created_at DESC LIMIT 1 OFFSET ?)",
                (KEPT,),
            )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

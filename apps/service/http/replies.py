"""Replies that are given again: a request with an `Idempotency-Key` that was served takes no effect twice."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from fastapi import Request

from octavo.apps.service.database import now
from octavo.apps.service.errors import ConflictError, ServiceError
from octavo.apps.service.rights import Caller
from octavo.ingest.store.database import Database

KEPT = 10_000
"""Replies that are kept; older ones go first."""
_KEY = re.compile(r"[\w.:-]{1,128}")


@dataclass(frozen=True, slots=True)
class Reply:
    """A response that was given."""

    status: int
    body: str


def reply_key(request: Request) -> str:
    """The request's `Idempotency-Key`, empty where it has none; raises `ServiceError` for one that is not valid."""
    key = request.headers.get("idempotency-key", "")
    if key and not _KEY.fullmatch(key):
        raise ServiceError(
            "An Idempotency-Key has 1 to 128 letters, digits and . _ : - only.", setting="idempotency-key"
        )
    return key


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

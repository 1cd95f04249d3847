"""Replies that are given again: a request with an `Idempotency-Key` that was served takes no effect twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from octavo.apps.service.errors import ConflictError
from octavo.apps.service.rights import Caller
from octavo.apps.service.store.database import now
from octavo.ingest.store.rows import RowStore

KEPT = 10_000
"""Replies that are kept; older ones go first."""
UNDER_WAY = timedelta(minutes=10)
"""The time after which a request that has no reply yet counts as lost, as when the service was killed."""
_NONE_YET = 0


@dataclass(frozen=True, slots=True)
class StoredReply:
    """A response: its HTTP status and its JSON."""

    status: int
    body: str


class Replies:
    """The replies to the last requests with a key, for each user."""

    def __init__(self, database: RowStore) -> None:
        self._database = database

    def once(self, caller: Caller, key: str, request: str, serve: Callable[[], StoredReply]) -> StoredReply:
        """Serves a request, or returns the reply that the same request with this key got before.

        What fails may be tried again. Raises `ConflictError` where the key came with another request, or where the
        first one is still under way; without a key, the request is always served.
        """
        if not key:
            return serve()
        earlier = self._begin(caller.user, key, _digest(request))
        if earlier is not None:
            return earlier
        try:
            reply = serve()
        except BaseException:
            with self._database.transaction() as connection:
                connection.execute("DELETE FROM replies WHERE user = ? AND key = ?", (caller.user, key))
            raise
        self._keep(caller.user, key, reply)
        return reply

    def _begin(self, user: str, key: str, digest: str) -> StoredReply | None:
        """Notes that a request is under way; returns the reply that it got before, if any."""
        lost = (datetime.now(UTC) - UNDER_WAY).isoformat(timespec="microseconds")
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM replies WHERE user = ? AND key = ? AND status = ? AND created_at < ?",
                (user, key, _NONE_YET, lost),
            )
            is_first = connection.execute(
                "INSERT INTO replies VALUES (?, ?, ?, ?, '', ?) ON CONFLICT DO NOTHING",
                (user, key, digest, _NONE_YET, now()),
            ).rowcount
            if is_first:
                return None
            request, status, body = connection.execute(
                "SELECT request, status, body FROM replies WHERE user = ? AND key = ?", (user, key)
            ).fetchone()
        if request != digest:
            raise ConflictError("This Idempotency-Key was used for another request.")
        if status == _NONE_YET:
            raise ConflictError("The first request with this Idempotency-Key is still under way: try again later.")
        return StoredReply(status, body)

    def _keep(self, user: str, key: str, reply: StoredReply) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE replies SET status = ?, body = ? WHERE user = ? AND key = ?",
                (reply.status, reply.body, user, key),
            )
            connection.execute(
                "DELETE FROM replies WHERE created_at <"
                " (SELECT created_at FROM replies ORDER BY created_at DESC LIMIT 1 OFFSET ?)",
                (KEPT,),
            )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

"""The audit log: who changed what."""

from __future__ import annotations

from typing import Any

from octavo.apps.service.store.database import now
from octavo.ingest.store.rows import RowStore

ROWS = 100_000
"""Entries that are kept; older ones go first."""
_LAST = 1 << 62
_COLUMNS = ("number", "at", "user", "action", "collection", "subject")


class AuditLog:
    """The entries of the audit log."""

    def __init__(self, database: RowStore) -> None:
        self._database = database

    def add(self, user: str, action: str, collection: str = "", subject: str = "") -> None:
        """Writes an entry."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO audit (at, user, action, collection, subject) VALUES (?, ?, ?, ?, ?)",
                (now(), user, action, collection, subject[:300]),
            )
            connection.execute("DELETE FROM audit WHERE number <= (SELECT max(number) FROM audit) - ?", (ROWS,))

    def entries(self, limit: int, before: int | None = None) -> list[dict[str, Any]]:
        """Returns the latest entries first; those with a number less than `before` where it is given."""
        rows = self._database.connection.execute(
            f"SELECT {', '.join(_COLUMNS)} FROM audit WHERE number < ? ORDER BY number DESC LIMIT ?",
            (_LAST if before is None else before, limit),
        )
        return [dict(zip(_COLUMNS, row, strict=True)) for row in rows]

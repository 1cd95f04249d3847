"""Usage of quotas by users, as rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from octavo.ingest.store.rows import RowStore

DAYS = 400
"""Days of which the tokens are kept."""
MINUTE = 60.0
"""Seconds in which requests are counted."""


@dataclass(frozen=True, slots=True)
class CountedUpload:
    """An upload that counts towards a quota: its user, and the pages of its document, 0 until it is read."""

    user: str
    pages: int


class UsageRecords:
    """The rows of usage: requests, tokens of models by user and day (UTC), and pages by uploaded file."""

    def __init__(self, database: RowStore) -> None:
        self._database = database

    def add_tokens(self, user: str, tokens: int) -> None:
        """Adds tokens to those that a user used today."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO usage VALUES (?, ?, ?)"
                " ON CONFLICT (user, day) DO UPDATE SET tokens = usage.tokens + excluded.tokens",
                (user, _today(), tokens),
            )
            connection.execute("DELETE FROM usage WHERE day < ?", (_day(DAYS),))

    def tokens(self, user: str) -> int:
        """Returns the tokens that a user used today."""
        row = self._database.connection.execute(
            "SELECT tokens FROM usage WHERE user = ? AND day = ?", (user, _today())
        ).fetchone()
        return int(row[0]) if row else 0

    def count_request(self, user: str, moment: float, limit: int) -> float | None:
        """Counts a request of a user at a time in seconds, unless there were `limit` in the `MINUTE` before it.

        Returns the time of the first of those, or `None` where the request is counted.
        """
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM requests WHERE user = ? AND at < ?", (user, moment - MINUTE))
            count, first = connection.execute(
                "SELECT count(*), min(at) FROM requests WHERE user = ?", (user,)
            ).fetchone()
            if count >= limit:
                return float(first)
            connection.execute("INSERT INTO requests VALUES (?, ?)", (user, moment))
        return None

    def requests(self, user: str, moment: float) -> int:
        """Returns the number of requests of a user in the `MINUTE` before a time."""
        (count,) = self._database.connection.execute(
            "SELECT count(*) FROM requests WHERE user = ? AND at >= ?", (user, moment - MINUTE)
        ).fetchone()
        return int(count)

    def upload(self, path: Path) -> CountedUpload | None:
        """Returns the upload that a file is, or `None` for another file."""
        row = self._database.connection.execute(
            "SELECT user, pages FROM uploads WHERE path = ?", (str(path),)
        ).fetchone()
        return CountedUpload(*row) if row else None

    def set_pages(self, path: Path, pages: int) -> None:
        """Notes the pages of the document that an uploaded file became."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE uploads SET pages = ? WHERE path = ?", (pages, str(path)))

    def pages(self, user: str) -> dict[str, int]:
        """Returns the pages of each file that a user uploaded, by its path, also where it is gone by now."""
        return dict(self._database.connection.execute("SELECT path, pages FROM uploads WHERE user = ?", (user,)))


def _today() -> str:
    return _day(0)


def _day(ago: int) -> str:
    return (datetime.now(UTC).date() - timedelta(days=ago)).isoformat()

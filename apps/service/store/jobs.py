"""Jobs as rows: files on their way into collections."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from octavo.apps.service.store.database import now
from octavo.ingest.store.database import Database
from octavo.ingest.store.metadata import Metadata, dump_metadata

_COLUMNS = (
    "id, collection, user, path, name, metadata, state, reason, document, attempts, created_at, changed_at, force"
)


@dataclass(frozen=True, slots=True)
class Job:
    """One file on its way. `state` is queued, running, done, failed or canceled; `reason` says why for the last two.

    With `force` the file is read also where its document is there. While it is running, `stage` is opening, reading or
    embedding, and `page` of `pages` are read. `document` is the
    id of the document that it becomes. Times are UTC.
    """

    id: str
    collection: str
    user: str
    path: str = field(repr=False)
    name: str
    metadata: Metadata
    state: str
    reason: str
    document: str
    attempts: int
    created_at: str
    changed_at: str
    force: bool = False
    stage: str = ""
    page: int = 0
    pages: int = 0

    @property
    def is_over(self) -> bool:
        return self.state in ("done", "failed", "canceled")


class JobRecords:
    """The rows of jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, collection: str, user: str, path: Path, metadata: Metadata, document: str, *, force: bool) -> str:
        """Adds a queued job and returns its id."""
        identity = f"job-{secrets.token_hex(8)}"
        with self._database.transaction() as connection:
            connection.execute(
                f"INSERT INTO jobs ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, 'queued', '', ?, 0, ?, ?, ?)",
                (
                    identity,
                    collection,
                    user,
                    str(path),
                    path.name,
                    dump_metadata(metadata),
                    document,
                    now(),
                    now(),
                    force,
                ),
            )
        return identity

    def get(self, collection: str, job: str) -> Job | None:
        """Returns a job of a collection, or `None`."""
        return next(iter(self._select("collection = ? AND id = ?", collection, job)), None)

    def of(self, collection: str, state: str, limit: int, offset: int) -> list[Job]:
        """The jobs of a collection, the latest first; those in one state where one is named."""
        where = "collection = ? AND (? = '' OR state = ?) ORDER BY number DESC LIMIT ? OFFSET ?"
        return self._select(where, collection, state, state, limit, offset)

    def queued(self, limit: int) -> list[Job]:
        """The jobs that wait, in the order in which they came."""
        return self._select("state = 'queued' ORDER BY number LIMIT ?", limit)

    def waiting(self) -> int:
        """Returns the number of files that are queued or being read."""
        (count,) = self._database.connection.execute(
            "SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')"
        ).fetchone()
        return int(count)

    def requeue_running(self) -> None:
        """Queues what was being read when the service ended."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE jobs SET state = 'queued' WHERE state = 'running'")

    def cancel_queued(self, job: str) -> None:
        """Cancels a job where it still waits."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE jobs SET state = 'canceled', reason = 'canceled', changed_at = ?"
                " WHERE id = ? AND state = 'queued'",
                (now(), job),
            )

    def set_state(
        self, job: str, state: str, reason: str = "", document: str = "", attempts: int | None = None
    ) -> None:
        """Notes what became of a job; an empty `document` and `attempts=None` leave what is stored."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE jobs SET state = ?, reason = ?, document = coalesce(nullif(?, ''), document),"
                " attempts = coalesce(?, attempts), changed_at = ?"
                " WHERE id = ?",
                (state, reason, document, attempts, now(), job),
            )

    def _select(self, where: str, *values: object) -> list[Job]:
        rows = self._database.connection.execute(f"SELECT {_COLUMNS} FROM jobs WHERE {where}", values)
        names = _COLUMNS.split(", ")
        results = [dict(zip(names, row, strict=True)) for row in rows]
        return [Job(**row | {"metadata": json.loads(row["metadata"]), "force": bool(row["force"])}) for row in results]

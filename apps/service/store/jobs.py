"""Jobs as rows: files on their way into collections, each run by one process at a time.

A process leases the jobs that it runs, and renews its leases as long as it lives. A job whose lease is over may be
taken by any process.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from octavo.apps.service.store.database import now
from octavo.ingest.store.metadata import Metadata, dump_metadata
from octavo.ingest.store.rows import RowStore

_COLUMNS = (
    "id, collection, user, path, name, metadata, state, reason, document, attempts, created_at, changed_at,"
    " force, stage, page, pages"
)
_FREE = (
    "(state = 'queued' AND (worker IN ('', :worker) OR leased_until <= :now)"
    " OR state = 'running' AND leased_until <= :now)"
)


@dataclass(frozen=True, slots=True)
class Job:
    """A file that is being ingested. `state` is queued, running, done, failed or canceled.

    `reason` says why a job failed or was canceled. With `force` the file is read also where its document is there.
    While it is running, `stage` is opening, reading or embedding, and `page` of `pages` are read. `document` is the id
    of the document that it becomes. Times are UTC.
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
    force: bool
    stage: str
    page: int
    pages: int

    @property
    def is_over(self) -> bool:
        return self.state in ("done", "failed", "canceled")


class JobRecords:
    """The rows of jobs."""

    def __init__(self, database: RowStore) -> None:
        self._database = database

    def add(self, collection: str, user: str, path: Path, metadata: Metadata, document: str, *, force: bool) -> str:
        """Adds a queued job and returns its id."""
        identity = f"job-{secrets.token_hex(8)}"
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO jobs (id, collection, user, path, name, metadata, state, reason, document, attempts,"
                " created_at, changed_at, force) VALUES (?, ?, ?, ?, ?, ?, 'queued', '', ?, 0, ?, ?, ?)",
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
        return next(iter(self._select("collection = ? AND id = ?", (collection, job))), None)

    def of(self, collection: str, state: str, limit: int, offset: int) -> list[Job]:
        """Returns the jobs of a collection, the latest first; those in one state where one is named."""
        where = "collection = ? AND (? = '' OR state = ?) ORDER BY number DESC LIMIT ? OFFSET ?"
        return self._select(where, (collection, state, state, limit, offset))

    def waiting(self) -> int:
        """Returns the number of files that are queued or being read."""
        (count,) = self._database.connection.execute(
            "SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')"
        ).fetchone()
        return int(count)

    def is_running(self, collection: str, moment: float) -> bool:
        """Returns whether any process reads files of a collection."""
        return self._reader(collection, moment) is not None

    def _reader(self, collection: str, moment: float) -> str | None:
        row = self._database.connection.execute(
            "SELECT worker FROM jobs WHERE collection = ? AND state = 'running' AND leased_until > ? LIMIT 1",
            (collection, moment),
        ).fetchone()
        return None if row is None else str(row[0])

    def cancel(self, job: str) -> None:
        """Cancels a job where it still waits; notes for the process that runs it that it is to be broken off."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE jobs SET is_canceled = 1, changed_at = :now,"
                " reason = CASE state WHEN 'queued' THEN 'canceled' ELSE reason END,"
                " state = CASE state WHEN 'queued' THEN 'canceled' ELSE state END"
                " WHERE id = :job AND state IN ('queued', 'running')",
                {"job": job, "now": now()},
            )

    def requeue(self, job: str) -> None:
        """Queues a job again that is over."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE jobs SET state = 'queued', reason = '', is_canceled = 0, changed_at = ? WHERE id = ?",
                (now(), job),
            )

    def forget(self, job: str) -> bool:
        """Deletes a job that is over; returns whether it was."""
        with self._database.transaction() as connection:
            return bool(
                connection.execute(
                    "DELETE FROM jobs WHERE id = ? AND state NOT IN ('queued', 'running')", (job,)
                ).rowcount
            )

    def paths(self, collection: str) -> frozenset[str]:
        """Returns the paths of the files of a collection's jobs that are not done."""
        rows = self._database.connection.execute(
            "SELECT path FROM jobs WHERE collection = ? AND state != 'done'", (collection,)
        )
        return frozenset(path for (path,) in rows)

    # leases; `moment` and `until` are seconds since 1970

    def free(self, worker: str, moment: float, limit: int) -> list[Job]:
        """Returns the jobs that a process may take, oldest first: none of collections that other processes read."""
        return self._select(
            f"{_FREE} AND collection NOT IN (SELECT collection FROM jobs WHERE state = 'running'"
            " AND worker != :worker AND leased_until > :now) ORDER BY number LIMIT :limit",
            {"worker": worker, "now": moment, "limit": limit},
        )

    def reserve(self, job: str, worker: str, until: float) -> None:
        """Leaves a job that waits to one process, which alone has its password."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE jobs SET worker = ?, leased_until = ? WHERE id = ? AND state = 'queued'", (worker, until, job)
            )

    def take(self, jobs: Sequence[Job], worker: str, moment: float, until: float) -> list[Job]:
        """Leases jobs of one collection; returns those that no other process has taken since they were free."""
        with self._database.transaction() as connection:
            if self._reader(jobs[0].collection, moment) not in (None, worker):
                return []
            return [
                job
                for job in jobs
                if connection.execute(
                    "UPDATE jobs SET state = 'running', worker = :worker, leased_until = :until, is_canceled = 0,"
                    f" attempts = attempts + 1, changed_at = :at WHERE id = :job AND {_FREE}",
                    {"worker": worker, "until": until, "now": moment, "at": now(), "job": job.id},
                ).rowcount
            ]

    def renew(self, worker: str, until: float) -> None:
        """Renews the leases of a process."""
        mine = "worker = ? AND state IN ('queued', 'running')"
        if self._database.connection.execute(f"SELECT 1 FROM jobs WHERE {mine} LIMIT 1", (worker,)).fetchone():
            with self._database.transaction() as connection:
                connection.execute(f"UPDATE jobs SET leased_until = ? WHERE {mine}", (until, worker))

    def release(self, worker: str) -> None:
        """Gives up what a process has not begun."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE jobs SET worker = '', leased_until = 0 WHERE worker = ? AND state = 'queued'", (worker,)
            )

    def note_progress(self, job: str, worker: str, stage: str, page: int, pages: int) -> bool:
        """Notes how far a job is; returns whether its process is to go on: it has the job, which is not canceled."""
        with self._database.transaction() as connection:
            row = connection.execute(
                "UPDATE jobs SET stage = ?, page = ?, pages = ? WHERE id = ? AND worker = ? AND state = 'running'"
                " RETURNING is_canceled",
                (stage, page, pages, job, worker),
            ).fetchone()
        return row == (0,)

    def is_canceled(self, job: str) -> bool:
        """Returns whether a job is canceled, or to be broken off."""
        row = self._database.connection.execute("SELECT is_canceled FROM jobs WHERE id = ?", (job,)).fetchone()
        return row == (1,)

    def finish(self, job: str, worker: str, state: str, reason: str = "", document: str = "") -> None:
        """Notes what became of a job that a process has; an empty `document` leaves what is stored."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE jobs SET state = ?, reason = ?, document = coalesce(nullif(?, ''), document), worker = '',"
                " leased_until = 0, stage = '', page = 0, pages = 0, changed_at = ?"
                " WHERE id = ? AND worker = ? AND state = 'running'",
                (state, reason, document, now(), job, worker),
            )

    def _select(self, where: str, values: Sequence[object] | Mapping[str, object]) -> list[Job]:
        rows = self._database.connection.execute(f"SELECT {_COLUMNS} FROM jobs WHERE {where}", values)
        names = _COLUMNS.split(", ")
        results = [dict(zip(names, row, strict=True)) for row in rows]
        return [Job(**row | {"metadata": json.loads(row["metadata"]), "force": bool(row["force"])}) for row in results]

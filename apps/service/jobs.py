"""Files on their way into collections: a queue that all processes of a service share, and one thread that reads.

A job is run by the process that leases it. Where a process dies, another takes its jobs over when their leases end.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from octavo.apps.service.collections import Collections
from octavo.apps.service.errors import ConflictError, NotFoundError, TooLargeError
from octavo.apps.service.quotas import Quotas
from octavo.apps.service.store.jobs import Job, JobRecords
from octavo.ingest import LibraryError, OctavoError
from octavo.ingest.reading import Progress
from octavo.ingest.store.metadata import Metadata
from octavo.ingest.store.rows import RowStore
from octavo.rag import Ingested, Pipeline

logger = logging.getLogger(__name__)

TOGETHER = 16
"""Files of one collection that are read together, so that all processors have work."""
BROKEN = "The reader broke; the server's log says how."
"""The reason of a failure that the user cannot mend."""
PROGRESS_SECONDS = 0.5
"""Seconds between two notes of how far a job is, at least."""


class Stopped(BaseException):
    """Reading is broken off: a job was canceled, or the service ends."""


class JobQueue:
    """The queue, as one process sees it that leases jobs for `lease` seconds at a time.

    Jobs of a service that ended run when it starts again; those of a process that was killed, when their leases end.
    """

    def __init__(self, database: RowStore, collections: Collections, quotas: Quotas, lease: float) -> None:
        self._records, self._collections, self._quotas = JobRecords(database), collections, quotas
        self._lease, self._worker = lease, f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._noted: dict[str, float] = {}
        self._passwords: dict[str, str] = {}
        self.changed = threading.Condition()
        """Notified when a job is queued or over."""
        self.is_parked, self._closed = False, threading.Event()
        self._thread = threading.Thread(target=self._run, name="octavo-jobs", daemon=True)
        self._renewer = threading.Thread(target=self._renew, name="octavo-leases", daemon=True)

    def start(self) -> None:
        """Begins to work on the queue, once."""
        if self._thread.ident is None:
            self._thread.start()
            self._renewer.start()

    def park(self) -> None:
        """Begins to break off what is being read, which goes on at the next start; a signal handler may call it."""
        self.is_parked = True

    def close(self) -> None:
        """Breaks off what is being read and parks it; nothing of it is half visible."""
        self.park()
        self._notify()
        if self._thread.is_alive():
            self._thread.join()
            self._closed.set()
            self._renewer.join()
        self._records.release(self._worker)

    # what users do

    def add(
        self,
        collection: str,
        user: str,
        path: Path,
        metadata: Metadata,
        document: str,
        password: str = "",
        *,
        force: bool = False,
    ) -> Job:
        """Queues a file that becomes `document`; `password` opens an encrypted one, and is kept in memory alone.

        With `force` it is read also where its document is there.
        """
        identity = self._records.add(collection, user, path, metadata, document, force=force)
        self._keep_password(identity, password)
        self._notify()
        return self.get(collection, identity)

    def get(self, collection: str, job: str) -> Job:
        """Returns a job of a collection; raises `NotFoundError`."""
        result = self._records.get(collection, job)
        if result is None:
            raise NotFoundError(f"There is no job {job[:40]!r} in {collection}.")
        return result

    def among(self, collection: str, jobs: Iterable[str]) -> list[Job]:
        """Returns those jobs of a collection, given by id, that were not forgotten."""
        return [job for identity in jobs if (job := self._records.get(collection, identity)) is not None]

    def of(self, collection: str, state: str = "", limit: int = 100, offset: int = 0) -> list[Job]:
        """Returns the jobs of a collection, the latest first; those in one state where one is named."""
        return self._records.of(collection, state, limit, offset)

    def waiting(self) -> int:
        """Returns the number of files that are queued or being read."""
        return self._records.waiting()

    def cancel(self, collection: str, job: str) -> Job:
        """Takes a job out of the queue, or breaks it off; raises `ConflictError` for one that is over."""
        current = self.get(collection, job)
        if current.is_over:
            raise ConflictError(f"{current.name} is {current.state} already.")
        self._records.cancel(job)
        return self.get(collection, job)

    def retry(self, collection: str, job: str, password: str = "") -> Job:
        """Queues a failed or canceled job again; raises `ConflictError` for another, or where its file is gone."""
        failed = self.get(collection, job)
        if failed.state not in ("failed", "canceled"):
            raise ConflictError(
                f"{failed.name} is {failed.state}: only what failed or was canceled can be tried again."
            )
        if not Path(failed.path).is_file():
            raise ConflictError(f"The file {failed.name} is gone: upload it again.")
        self._records.requeue(job)
        self._keep_password(job, password)
        self._notify()
        return self.get(collection, job)

    def forget(self, collection: str, job: str) -> Job:
        """Takes a job that is over off the list; raises `ConflictError` for another."""
        over = self.get(collection, job)
        if not (over.is_over and self._records.forget(job)):
            raise ConflictError(f"{over.name} is {over.state}: cancel it first.")
        return over

    def paths(self, collection: str) -> frozenset[str]:
        """Returns the paths of files that are no documents yet: of jobs that wait, run, failed or were canceled."""
        return self._records.paths(collection)

    def _keep_password(self, job: str, password: str) -> None:
        if password:
            self._passwords[job] = password
            self._records.reserve(job, self._worker, self._lease_end())

    # the threads

    def _renew(self) -> None:
        while not self._closed.wait(self._lease / 3):
            self._records.renew(self._worker, self._lease_end())

    def _lease_end(self) -> float:
        return time.time() + self._lease

    def _run(self) -> None:
        while not self.is_parked:
            batch = self._next()
            if batch:
                try:
                    self._read(batch)
                except Exception:
                    logger.exception("Files of %s could not be read", batch[0].collection)
                    for job in batch:
                        self._finish(job, "failed", BROKEN)
            else:
                with self.changed:
                    if not self.is_parked:
                        self.changed.wait(2.0)

    def _next(self) -> list[Job]:
        free = self._records.free(self._worker, time.time(), 200)
        if not free:
            return []
        first, password = free[0], self._passwords.get(free[0].id, "")
        batch = [
            job
            for job in free
            if (job.collection, job.metadata, job.force, self._passwords.get(job.id, ""))
            == (first.collection, first.metadata, first.force, password)
        ]
        return self._records.take(batch[:TOGETHER], self._worker, time.time(), self._lease_end())

    def _read(self, batch: list[Job]) -> None:
        jobs = {job.path: job for job in batch}
        self._noted.clear()

        def progress(step: Progress) -> None:
            if self.is_parked:
                raise Stopped("The service ends.")
            if (job := jobs.get(str(step.path))) is not None:
                self._note_progress(job, step)

        reason = BROKEN
        try:
            with self._collections.opened(batch[0].collection) as pipeline:
                for result in pipeline.ingest_each(
                    [Path(path) for path in jobs],
                    password=self._passwords.get(batch[0].id, ""),
                    force=batch[0].force,
                    metadata=batch[0].metadata,
                    progress=progress,
                ):
                    if str(result.path) in jobs:
                        self._keep(pipeline, jobs.pop(str(result.path)), result)
        except Stopped:
            for job in jobs.values():
                is_canceled = self._records.is_canceled(job.id)
                self._finish(job, *(("canceled", "canceled") if is_canceled else ("queued", "")))
                self._keep_password(job.id, self._passwords.get(job.id, ""))
            jobs.clear()
        except LibraryError:  # names folders of the server
            logger.exception("Files of %s could not be kept", batch[0].collection)
        except OctavoError as error:
            reason = str(error)
        for job in jobs.values():
            self._finish(job, "failed", reason)

    def _note_progress(self, job: Job, step: Progress) -> None:
        """Notes how far a job is, now and then; raises `Stopped` where it is canceled, or another process has it."""
        moment = time.monotonic()
        if moment - self._noted.get(job.id, -PROGRESS_SECONDS) < PROGRESS_SECONDS:
            return
        self._noted[job.id] = moment
        stage = "embedding" if step.stage == "done" else step.stage
        if not self._records.note_progress(job.id, self._worker, stage, step.page, step.pages):
            raise Stopped(f"{job.name} was canceled, or taken over.")

    def _keep(self, pipeline: Pipeline, job: Job, result: Ingested) -> None:
        if result.status in ("failed", "unsupported"):
            self._finish(job, "failed", result.reason)
        else:
            try:
                if result.pages:
                    self._quotas.count_pages(Path(job.path), result.pages)
            except TooLargeError as error:
                pipeline.index.remove_path(job.path)
                Path(job.path).unlink(missing_ok=True)
                self._finish(job, "failed", str(error))
            else:
                self._finish(job, "done", document=result.document)
        self._passwords.pop(job.id, None)

    def _finish(self, job: Job, state: str, reason: str = "", document: str = "") -> None:
        self._records.finish(job.id, self._worker, state, reason, document)
        self._notify()

    def _notify(self) -> None:
        with self.changed:
            self.changed.notify_all()

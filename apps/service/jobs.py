"""Files on their way into collections: a queue that outlives the process, and one thread that reads."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from pathlib import Path

from octavo.apps.service.collections import Collections
from octavo.apps.service.errors import ConflictError, NotFoundError, TooLargeError
from octavo.apps.service.quotas import Quotas
from octavo.apps.service.store.jobs import Job, JobRecords
from octavo.ingest import LibraryError, OctavoError
from octavo.ingest.reading import Progress
from octavo.ingest.store.database import Database
from octavo.ingest.store.metadata import Metadata
from octavo.rag import Ingested, Pipeline

logger = logging.getLogger(__name__)

TOGETHER = 16
"""Files of one collection that are read together, so that all processors have work."""
BROKEN = "The reader broke; the server's log says how."
"""The reason of a failure that the user cannot mend."""


class Stopped(BaseException):
    """Reading is broken off: a job was canceled, or the service ends."""


class Jobs:
    """The queue. Jobs of a service that ended, or was killed, run when it starts again."""

    def __init__(self, database: Database, collections: Collections, quotas: Quotas) -> None:
        self._records, self._collections, self._quotas = JobRecords(database), collections, quotas
        self._progress: dict[str, Progress] = {}
        self._passwords: dict[str, str] = {}
        self._canceled: set[str] = set()
        self.changed = threading.Condition()
        """Notified when a job is queued or over."""
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="octavo-jobs", daemon=True)

    def start(self) -> None:
        """Begins to work on the queue, once."""
        if self._thread.ident is None:
            self._records.requeue_running()
            self._thread.start()

    def close(self) -> None:
        """Breaks off what is being read and parks it; nothing of it is half visible."""
        with self.changed:
            self._closing = True
            self.changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

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
        if password:
            self._passwords[identity] = password
        self._notify()
        return self.get(collection, identity)

    def get(self, collection: str, job: str) -> Job:
        """Returns a job of a collection; raises `NotFoundError`."""
        result = self._records.get(collection, job)
        if result is None:
            raise NotFoundError(f"There is no job {job[:40]!r} in {collection}.")
        return self._with_progress(result)

    def of(self, collection: str, state: str = "", limit: int = 100, offset: int = 0) -> list[Job]:
        """The jobs of a collection, the latest first; those in one state where one is named."""
        return [self._with_progress(job) for job in self._records.of(collection, state, limit, offset)]

    def waiting(self) -> int:
        """Returns the number of files that are queued or being read."""
        return self._records.waiting()

    def cancel(self, collection: str, job: str) -> Job:
        """Takes a job out of the queue, or breaks it off; raises `ConflictError` for one that is over."""
        found = self.get(collection, job)
        if found.is_over:
            raise ConflictError(f"{found.name} is {found.state} already.")
        self._canceled.add(job)
        self._records.cancel_queued(job)
        return self.get(collection, job)

    def retry(self, collection: str, job: str, password: str = "") -> Job:
        """Queues a failed or canceled job again; raises `ConflictError` for another, or where its file is gone."""
        found = self.get(collection, job)
        if found.state not in ("failed", "canceled"):
            raise ConflictError(f"{found.name} is {found.state}: only what failed or was canceled can be tried again.")
        if not Path(found.path).is_file():
            raise ConflictError(f"The file {found.name} is gone: upload it again.")
        if password:
            self._passwords[job] = password
        self._canceled.discard(job)
        self._set(job, "queued")
        return self.get(collection, job)

    # the thread

    def _run(self) -> None:
        while not self._closing:
            batch = self._next()
            if batch:
                try:
                    self._read(batch)
                except Exception:
                    logger.exception("Files of %s could not be read", batch[0].collection)
                    for job in batch:
                        if self.get(job.collection, job.id).state == "running":
                            self._set(job.id, "failed", BROKEN)
            else:
                with self.changed:
                    if not self._closing:
                        self.changed.wait(2.0)

    def _next(self) -> list[Job]:
        queued = self._records.queued(200)
        if not queued:
            return []
        first = queued[0]
        password = self._passwords.get(first.id, "")
        return [
            job
            for job in queued
            if (job.collection, job.metadata, job.force, self._passwords.get(job.id, ""))
            == (first.collection, first.metadata, first.force, password)
        ][:TOGETHER]

    def _read(self, batch: list[Job]) -> None:
        jobs = {job.path: job for job in batch}
        for job in batch:
            self._set(job.id, "running", attempts=job.attempts + 1)

        def progress(step: Progress) -> None:
            job = jobs.get(str(step.path))
            if self._closing:
                raise Stopped("The service ends.")
            if job is not None:
                self._progress[job.id] = step
                if job.id in self._canceled:
                    raise Stopped(f"{job.name} was canceled.")

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
                        self._finish(pipeline, jobs.pop(str(result.path)), result)
        except Stopped:
            for job in jobs.values():
                self._set(job.id, *(("canceled", "canceled") if job.id in self._canceled else ("queued", "")))
            jobs.clear()
        except LibraryError:  # names folders of the server
            logger.exception("Files of %s could not be kept", batch[0].collection)
        except OctavoError as error:
            reason = str(error)
        for job in jobs.values():
            self._set(job.id, "failed", reason)

    def _finish(self, pipeline: Pipeline, job: Job, result: Ingested) -> None:
        if result.status in ("failed", "unsupported"):
            self._set(job.id, "failed", result.reason)
        else:
            try:
                if result.pages:
                    self._quotas.count_pages(job.user, Path(job.path), result.pages)
            except TooLargeError as error:
                pipeline.remove(result.document)
                self._set(job.id, "failed", str(error))
            else:
                self._set(job.id, "done", document=result.document)
        self._passwords.pop(job.id, None)

    def _set(self, job: str, state: str, reason: str = "", document: str = "", attempts: int | None = None) -> None:
        if state != "running":
            self._progress.pop(job, None)
        self._records.set_state(job, state, reason, document, attempts)
        self._notify()

    def _notify(self) -> None:
        with self.changed:
            self.changed.notify_all()

    def _with_progress(self, job: Job) -> Job:
        step = self._progress.get(job.id)
        if job.state != "running" or step is None:
            return job
        stage = "embedding" if step.stage == "done" else step.stage
        return replace(job, stage=stage, page=step.page, pages=step.pages)

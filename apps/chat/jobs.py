"""Ingestion in the background: a queue of files and one thread that writes, while questions go on."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from octavo.apps.chat.host import UploadQuotas
from octavo.ingest import OctavoError, PasswordError
from octavo.ingest.readers.base import content_id
from octavo.ingest.reading import Progress
from octavo.ingest.store.metadata import Metadata
from octavo.rag import Ingested, Pipeline

logger = logging.getLogger(__name__)

ENCRYPTED = "This file is encrypted: type the password that opens it."
STILL_ENCRYPTED = "This password does not open the file: type another."
_BROKEN = "The reader broke; the server's log says how."
MAX_FINISHED = 50
"""Jobs that are over and still listed."""


@dataclass(frozen=True, slots=True)
class IngestJob:
    """A file that is being ingested.

    `stage` is queued, opening, reading, embedding, done or failed; `page` of `pages` are read, `ocr` of them by OCR.
    `note` is the reason of a failure, or what became of the file; `code` names the kind of failure. `document` is its
    id once it is done. `remaining` are the seconds that its reading may still take, 0 where that is not known yet.
    """

    path: Path
    stage: str = "queued"
    page: int = 0
    pages: int = 0
    ocr: int = 0
    note: str = ""
    document: str = ""
    seconds: float = 0.0
    code: str = ""
    remaining: float = 0.0

    @property
    def key(self) -> str:
        """Collection and name, which tell it apart for people."""
        return f"{self.path.parent.name}/{self.path.name}"

    @property
    def needs_password(self) -> bool:
        """Returns whether the file is encrypted, and no password or a wrong one was given."""
        return self.stage == "failed" and self.code == PasswordError.code

    @property
    def over(self) -> bool:
        return self.stage in ("done", "failed")

    @property
    def fraction(self) -> float:
        """The completed part of the reading, in [0, 1]."""
        return 1.0 if self.stage in ("embedding", "done") else self.page / self.pages if self.pages else 0.0

    def __str__(self) -> str:
        """Returns the state in words.

        >>> print(IngestJob(Path("a.pdf"), "reading", 3, 9, 1, remaining=130))
        reading page 3 of 9, 1 by OCR, about 3 min left
        """
        if self.stage == "reading":
            ocr = f", {self.ocr} by OCR" if self.ocr else ""
            return f"reading page {self.page} of {self.pages}{ocr}{_left_in_words(self.remaining)}"
        return self.note or self.stage


class StoppedError(OctavoError):
    """The chat ends while a file is being read; it is read again at the next start."""


class CancelledError(OctavoError):
    """A user took a file off the queue while it was being read."""


class IngestQueue:
    """The queue and its thread. Files that come together are read together, so that all processors have work."""

    def __init__(self, pipeline: Pipeline, quotas: UploadQuotas) -> None:
        self._pipeline, self._quotas = pipeline, quotas
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="octavo-writer")
        self._guard = threading.Lock()
        self._jobs: dict[Path, IngestJob] = {}
        self._cancelled: set[Path] = set()
        self._began: dict[Path, tuple[float, int]] = {}
        self.closing = False
        self.version = self.progress = 0

    def park(self) -> None:
        """Begins to break off what is being read, which is read again at the next start."""
        self.closing = True

    def close(self) -> None:
        """Breaks off what is being read and forgets what waits; nothing of it is half visible in the library."""
        self.park()
        self._writer.shutdown(wait=True, cancel_futures=True)

    def add(
        self, paths: Iterable[Path], *, force: bool = False, password: str = "", metadata: Metadata | None = None
    ) -> None:
        """Queues files; `force` reads again what is there. One that is on its way already is left alone.

        `password` opens encrypted files; it is kept nowhere. `metadata` is noted with each document.
        """
        with self._guard:
            new = [path for path in paths if path not in self._jobs or self._jobs[path].over]
        for path in new:
            self._set(IngestJob(path))
        if new:
            self._writer.submit(self._ingest, new, force, password, metadata).add_done_callback(_log)

    def restore(self, path: Path, metadata: Metadata) -> None:
        """Queues the file of a removed document, which comes back as it was read while the library keeps that."""
        self._set(IngestJob(path))
        self._writer.submit(self._restore, path, metadata).add_done_callback(_log)

    def run(self, task: Callable[[], None]) -> None:
        """Queues other work that writes into the library."""
        self._writer.submit(task).add_done_callback(_log)

    def changed(self) -> None:
        """Notes that there is something new to show in the list of documents."""
        with self._guard:
            self.version += 1

    def progressed(self) -> None:
        """Notes that there is something new to show of what is being read or embedded."""
        with self._guard:
            self.progress += 1

    def all(self) -> list[IngestJob]:
        """Returns all jobs, the latest last; of those that are over, the last `MAX_FINISHED`."""
        with self._guard:
            return list(self._jobs.values())

    @property
    def busy(self) -> bool:
        """Returns whether files wait or are being read."""
        return any(not job.over for job in self.all())

    def cancel(self, key: str) -> Path | None:
        """Takes a file that waits or is being read off the queue; returns it, or `None` where it is over.

        Its reading ends within a second or two, and nothing of it stays in the library.
        """
        with self._guard:
            job = next((job for job in self._jobs.values() if not job.over and job.key == key), None)
            if job is None:
                return None
            self._cancelled.add(job.path)
            del self._jobs[job.path]
            self._began.pop(job.path, None)
            self.version += 1
        return job.path

    def forget(self, key: str) -> list[Path]:
        """Takes a job that is over off the list; returns its file when it failed."""
        with self._guard:
            gone = [job for job in self._jobs.values() if job.over and job.key == key]
            for job in gone:
                del self._jobs[job.path]
            self.version += 1
        return [job.path for job in gone if job.stage == "failed"]

    def _set(self, job: IngestJob) -> None:
        with self._guard:
            is_new = job.path not in self._jobs or self._jobs[job.path].over
            self._jobs[job.path] = job
            over = [path for path, one in self._jobs.items() if one.over]
            for old in over[: max(0, len(over) - MAX_FINISHED)]:
                del self._jobs[old]
            if is_new or job.over:
                self.version += 1
            self.progress += 1

    def _ingest(self, paths: list[Path], force: bool, password: str, metadata: Metadata | None) -> None:
        started, remaining = time.monotonic(), list(paths)
        reason = _BROKEN
        try:
            while remaining := [path for path in remaining if path not in self._cancelled]:
                with suppress(CancelledError):  # the others go on where they were
                    for result in self._pipeline.ingest_each(
                        list(remaining), password=password, force=force, metadata=metadata, progress=self._progress
                    ):
                        remaining.remove(Path(str(result.path)))
                        self._finish(result, time.monotonic() - started, had_password=bool(password))
        except OctavoError as error:
            reason = str(error)
        finally:
            for path in remaining:
                self._set(IngestJob(path, "failed", note=reason))
            self._cancelled.difference_update(paths)

    def _restore(self, path: Path, metadata: Metadata) -> None:
        started = time.monotonic()
        document = self._pipeline.library.removed.get(content_id(path), str(path)) if path.is_file() else None
        if document is None:
            self._ingest([path], False, "", metadata)
            return
        pages = len(document.pages)
        self._set(IngestJob(path, "embedding", pages, pages))
        result = Ingested(path, "failed", reason=_BROKEN)
        try:
            self._pipeline.index.add(document, path, metadata=metadata)
            result = Ingested(path, "added", document.id, pages)
        except OctavoError as error:
            result = Ingested(path, "failed", reason=str(error))
        finally:
            self._finish(result, time.monotonic() - started, had_password=False)

    def _finish(self, result: Ingested, seconds: float, *, had_password: bool) -> None:
        path = Path(str(result.path))
        self._began.pop(path, None)
        if path not in self._cancelled:
            self._set(_finished_job(self._counted(path, result), seconds, had_password=had_password))
        elif result.status == "added":  # it was done before its reading could end
            self._pipeline.remove(result.document)

    def _counted(self, path: Path, result: Ingested) -> Ingested:
        """Returns the result of a file; where its pages are too many, it is a failure, and the file goes."""
        try:
            if result.pages:
                self._quotas.count_pages(path, result.pages)
        except OctavoError as error:
            self._pipeline.index.remove_path(path)
            path.unlink(missing_ok=True)
            return Ingested(path, "failed", reason=str(error))
        return result

    def _progress(self, step: Progress) -> None:
        path = Path(str(step.path))
        if self.closing:
            raise StoppedError("The chat was closed before this file was read.")
        if path in self._cancelled:
            raise CancelledError(f"{path.name} was taken off the queue.")
        stage = "embedding" if step.stage == "done" else step.stage
        before = self._jobs.get(path)
        if before is not None and (before.stage, before.page, before.ocr) == (stage, step.page, step.ocr):
            return  # told again while nothing happens: there is nothing new to show
        remaining = self._remaining(path, step) if stage == "reading" else 0.0
        self._set(IngestJob(path, stage, step.page, step.pages, step.ocr, remaining=remaining))

    def _remaining(self, path: Path, step: Progress) -> float:
        """Returns seconds that the pages of a file still take, at the pace of those that were seen being read."""
        now = time.monotonic()
        began, first = self._began.setdefault(path, (now, step.page))
        return (now - began) / (step.page - first) * (step.pages - step.page) if step.page > first else 0.0


def _left_in_words(seconds: float) -> str:
    """Returns how long something may still take; nothing where it is soon over.

    >>> _left_in_words(4), _left_in_words(35), _left_in_words(130)
    ('', ', about 40 s left', ', about 3 min left')
    """
    if seconds < 10:
        return ""
    tens, minutes = -int(-seconds // 10) * 10, -int(-seconds // 60)
    return f", about {tens} s left" if seconds <= 90 else f", about {minutes} min left"


def _finished_job(result: Ingested, seconds: float, *, had_password: bool) -> IngestJob:
    path = Path(str(result.path))
    if result.status == "failed":
        locked = STILL_ENCRYPTED if had_password else ENCRYPTED
        note = locked if result.code == PasswordError.code else result.reason
        return IngestJob(path, "failed", note=note, code=result.code)
    note = f"already here ({result.reason})" if result.status == "skipped" else "done"
    if result.problems:
        note += f"; problems on {len(result.problems)} pages, the first: {result.problems[0]}"
    return IngestJob(path, "done", result.pages, result.pages, 0, note, result.document, round(seconds, 1))


def _log(future: Future[None]) -> None:
    if not future.cancelled() and (error := future.exception()):
        logger.error("Files could not be read", exc_info=error)

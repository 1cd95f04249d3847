"""Reading by processes of this machine, page by page."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import repeat
from pathlib import Path
from typing import Any

from octavo.ingest.chunking.chunker import chunk
from octavo.ingest.engines.base import BEAT, Checkpoints, Progress, Result, Skipped, failure_of
from octavo.ingest.errors import LibraryError, OctavoError, ReadError
from octavo.ingest.hyphens import join_words
from octavo.ingest.layout.continued import join_continued_tables
from octavo.ingest.layout.page_numbers import assign_labels
from octavo.ingest.model import READING, Document, Page, TextSource
from octavo.ingest.options import OcrMode, ReadOptions
from octavo.ingest.readers import SUFFIXES, Source, admit, content_id
from octavo.ingest.readers.kinds import OFFICE, VIDEOS
from octavo.ingest.remote import File, RemoteFile, download
from octavo.ingest.titles import title_of
from octavo.ingest.workers import tasks
from octavo.ingest.workers.pool import WorkerPool
from octavo.ingest.workers.process import WorkerLostError

logger = logging.getLogger(__name__)
GIVE_UP = 2
"""Pages of a file that may run out of time before the rest of it is given up."""
MAX_WORKERS = 8
FEW_TASKS = 3
"""Pages and files that one worker reads in about the time in which a second one starts."""
MAX_TOGETHER = 8
"""Office files that LibreOffice converts in one run."""
MAX_WAITING = MAX_WORKERS * MAX_TOGETHER
"""Files that wait for a worker; further ones are not drawn."""
DOWNLOADS = 4
"""Files of a store that are fetched at a time, and lie on this disk before they are read."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A file that waits for a worker, and where it lies."""

    file: File
    path: Path


@dataclass(eq=False)
class _Job:
    """A file on its way: what it is called, and where it lies."""

    file: File
    path: Path
    id: str
    source: Source | None = None
    unread: deque[int] = field(default_factory=deque)
    alone: bool = True
    pages: dict[int, Page] = field(default_factory=dict)
    again: set[int] = field(default_factory=set)
    timeouts: int = 0
    reading: str = ""


class PoolEngine:
    """Reads files by worker processes of this machine, several pages of a file at a time.

    `skip(file, content id)` gives a reason not to read a file, or None. `save_image` stores the WebP bytes of a
    screenshot and returns its hash. `checkpoints` keep pages as they are read, and give those of an earlier run that
    was stopped. Workers go on reading while the caller handles a result. A `pool` that is given serves further engines.
    """

    def __init__(
        self,
        options: ReadOptions,
        *,
        password: str = "",
        skip: Callable[[File, str], str | None] = lambda file, content: None,
        save_image: Callable[[bytes], str],
        progress: Callable[[Progress], None] = lambda step: None,
        checkpoints: Checkpoints | None = None,
        pool: WorkerPool | None = None,
    ) -> None:
        self._options, self._password, self._skip = options, password, skip
        self._save_image, self._progress, self._checkpoints = save_image, progress, checkpoints
        self._given_pool = pool
        self._workers = options.workers or min(MAX_WORKERS, os.cpu_count() or 1)
        self._files: deque[_Waiting] = deque()
        self._fetching: dict[Future[Path], RemoteFile] = {}
        self._jobs: list[_Job] = []
        self._running: dict[Future[Any], tuple[tuple[_Job, ...], int | None]] = {}
        self._uses_all, self._told = False, time.monotonic()

    def __enter__(self) -> PoolEngine:
        with ExitStack() as stack:
            self._workdir = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="octavo-")))
            self._downloads = stack.enter_context(ThreadPoolExecutor(DOWNLOADS, thread_name_prefix="octavo-fetch"))
            self._pool = self._given_pool or stack.enter_context(WorkerPool(self._workers, self._options.worker_memory))
            self._resources = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        for future in self._fetching:
            future.cancel()
        self._resources.close()

    @property
    def has_room(self) -> bool:
        remote = len(self._fetching) + sum(isinstance(waiting.file, RemoteFile) for waiting in self._files)
        return remote < DOWNLOADS and len(self._files) + len(self._fetching) < MAX_WAITING

    @property
    def is_idle(self) -> bool:
        return not (self._files or self._fetching or self._jobs)

    def submit(self, file: File) -> None:
        if isinstance(file, RemoteFile):
            self._fetching[self._downloads.submit(self._fetch, file)] = file
        else:
            self._files.append(_Waiting(file, file))

    def completed(self) -> Iterator[Result]:
        yield from self._fill()
        done, _ = wait([*self._running, *self._fetching], BEAT, return_when=FIRST_COMPLETED)
        self._tell_again()
        for future in done:
            if future in self._fetching:
                yield from self._take_download(future)
                continue
            jobs, number = self._running.pop(future)
            for job, outcome in zip(jobs, _outcomes(future, number), strict=False):
                if job not in self._jobs:  # another of its pages made the whole file a failure
                    continue
                result = self._step(job, number, outcome)
                if result is not None:
                    self._jobs.remove(job)
                    if job.source is not None and job.source.pdf != job.path:
                        job.source.pdf.unlink(missing_ok=True)
                    self._discard(job.file, job.path)
                    self._fill_pages()
                    yield result

    def _tell_again(self) -> None:
        """Tells the last step of each file again where that is due."""
        moment = time.monotonic()
        if moment - self._told >= BEAT:
            self._told = moment
            for job in self._jobs:
                self._progress(_last_step(job))

    def _fetch(self, file: RemoteFile) -> Path:
        """Copies a file of a store to this disk, into a folder of its own."""
        return download(file, Path(tempfile.mkdtemp(dir=self._workdir)), self._options)

    def _discard(self, file: File, path: Path) -> None:
        """Deletes the copy of a file of a store."""
        if isinstance(file, RemoteFile):
            shutil.rmtree(self._workdir / path.relative_to(self._workdir).parts[0])

    def _take_download(self, future: Future[Path]) -> Iterator[Result]:
        file = self._fetching.pop(future)
        try:
            self._files.append(_Waiting(file, future.result()))
        except OctavoError as error:
            yield failure_of(file, error)

    def _fill(self) -> Iterator[Result]:
        """Gives the workers enough to do: pages of files that are open, then further files."""
        self._fill_pages()
        while self._files and self._has_idle_worker():
            begun: list[_Job] = []
            twins: list[_Waiting] = []
            for waiting in self._next_files():
                try:
                    admit(waiting.path, self._options)
                    content = content_id(waiting.path)
                except (ReadError, OSError) as error:
                    self._discard(waiting.file, waiting.path)
                    yield failure_of(waiting.file, error)
                    continue
                if any(job.id == content for job in self._jobs):
                    twins.append(waiting)
                elif reason := self._skip(waiting.file, content):
                    self._discard(waiting.file, waiting.path)
                    yield Skipped(waiting.file, content, reason)
                else:
                    begun.append(_Job(waiting.file, waiting.path, content))
                    self._jobs.append(begun[-1])
                    self._progress(Progress(waiting.file, "opening"))
            self._open(begun)
            if twins:
                self._files.extend(twins)
                return

    def _next_files(self) -> list[_Waiting]:
        """Returns the next file, or several office files, which LibreOffice converts in one run."""
        if not _is_office(self._files[0].file):
            return [self._files.popleft()]
        office = [waiting for waiting in self._files if _is_office(waiting.file)]
        batch = office[: min(MAX_TOGETHER, -(-len(office) // self._workers))]
        for waiting in batch:
            self._files.remove(waiting)
        return batch

    def _open(self, jobs: Sequence[_Job]) -> None:
        if not jobs:
            return
        for job in jobs:
            job.alone = len(jobs) == 1
        videos = sum(SUFFIXES.get(job.path.suffix.lower()) in VIDEOS for job in jobs)
        timeout = 2 * self._options.convert_timeout * (len(jobs) + 1) + 10 + 2 * self._options.video_timeout * videos
        paths = [job.path for job in jobs]
        future = self._pool.submit(timeout, tasks.open_sources, paths, self._options, self._workdir, self._password)
        self._running[future] = (tuple(jobs), None)

    def _fill_pages(self) -> None:
        for job in self._jobs:
            while job.source and job.unread and self._has_idle_worker():
                self._submit(job, job.source, job.unread.popleft(), tasks.read)

    def _has_idle_worker(self) -> bool:
        """Returns whether a task may be handed out; all workers start once there are more than `FEW_TASKS`."""
        if not self._uses_all:
            tasks_left = len(self._running) + len(self._files) + sum(len(job.unread) for job in self._jobs)
            self._uses_all = tasks_left > FEW_TASKS
        return len(self._running) < (2 * self._workers if self._uses_all else 1)

    def _submit(self, job: _Job, source: Source, number: int, task: Callable[..., Any], *more: object) -> None:
        future = self._pool.submit(
            self._options.page_timeout, task, source.for_page(number), number, self._options, *more
        )
        self._running[future] = ((job,), number)

    def _step(self, job: _Job, number: int | None, outcome: Any) -> Result | None:
        """Takes what a worker made of a file, or of one of its pages; whatever goes wrong is this file's failure."""
        try:
            return self._open_document(job, outcome) if number is None else self._page_read(job, number, outcome)
        except LibraryError:
            raise
        except Exception as error:
            if not isinstance(error, OctavoError | OSError):
                logger.exception("Reading %s failed", job.file)
            return failure_of(job.file, error)

    def _open_document(self, job: _Job, outcome: Source | Exception) -> Result | None:
        if isinstance(outcome, WorkerLostError) and not job.alone:
            self._open([job])
            return None
        if isinstance(outcome, WorkerLostError):
            raise ReadError(f"{job.path.name} cannot be opened: it {outcome}.") from outcome
        if isinstance(outcome, Exception):
            raise outcome
        job.source = outcome
        if self._checkpoints is not None:
            job.reading = _reading(job.source, self._options)
            job.pages.update(self._checkpoints.pages(job.id, job.reading))
        job.unread.extend(number for number in range(job.source.page_count) if number not in job.pages)
        return self._advance(job) if job.pages else None

    def _page_read(self, job: _Job, number: int, outcome: tuple[Page, bytes] | Exception) -> Result | None:
        assert job.source is not None
        try:
            if isinstance(outcome, Exception):
                raise outcome
            page, webp = outcome
            if webp:
                page = replace(page, image=self._save_image(webp))
        except WorkerLostError as error:
            if self._options.ocr is OcrMode.AUTO and not error.timed_out and number not in job.again:
                job.again.add(number)
                self._submit(job, job.source, number, tasks.without_pictures, f"they {error}")
                return None
            job.timeouts += error.timed_out
            page = tasks.lost_page(job.source, number, f"it {error}")
        job.pages[number] = page
        if self._checkpoints is not None and job.source.page_count > 1 and not page.problem:
            self._checkpoints.save(job.id, job.reading, page)
        if job.timeouts >= GIVE_UP and job.unread:
            for unread in job.unread:
                job.pages[unread] = tasks.lost_page(job.source, unread, "other pages of this file took too long")
            job.unread.clear()
        return self._advance(job)

    def _advance(self, job: _Job) -> Result | None:
        """Tells how far a file is, and returns its document once all of its pages are read."""
        assert job.source is not None
        count = job.source.page_count
        self._progress(_last_step(job))
        if len(job.pages) < count:
            return None
        self._progress(Progress(job.file, "done", count, count))
        if content_id(job.path) != job.id or job.source.id != job.id:
            raise ReadError(f"{job.path.name} changed while it was read: ingest it again.")
        document = _document(job.source, [job.pages[n] for n in range(count)], self._options)
        return replace(document, path=str(job.file)) if isinstance(job.file, RemoteFile) else document


def _last_step(job: _Job) -> Progress:
    """Returns how far a file is."""
    if job.source is None or not job.pages:
        return Progress(job.file, "opening")
    by_ocr = sum(page.source in (TextSource.OCR, TextSource.MIXED) for page in job.pages.values())
    return Progress(job.file, "reading", len(job.pages), job.source.page_count, by_ocr)


def _outcomes(future: Future[Any], number: int | None) -> Iterable[Any]:
    """Returns the worker's result for each file that it opened, or for a page; a fault counts for all."""
    error = future.exception()
    if isinstance(error, Exception):
        return repeat(error)
    result = future.result()
    return result if number is None else [result]


def _is_office(file: File) -> bool:
    return SUFFIXES.get(file.suffix.lower()) in OFFICE


def _reading(source: Source, options: ReadOptions) -> str:
    """Returns what the pages of a file depend on beside its bytes, as a hash."""
    fields = options.model_dump(mode="json", exclude={"workers", "worker_memory", "page_timeout", "chunk_words"})
    parts = json.dumps([READING, source.page_count, fields], sort_keys=True)
    return hashlib.sha256(parts.encode()).hexdigest()[:16]


def _document(source: Source, pages: list[Page], options: ReadOptions) -> Document:
    problems = tuple(page.problem for page in pages if page.problem)
    if len(problems) == len(pages) and not any(page.image for page in pages):
        raise ReadError(f"{source.name} cannot be read: {problems[0]}.")
    pages = join_continued_tables(join_words(assign_labels(pages)))
    return Document(
        id=source.id,
        name=source.name,
        path=str(source.path),
        title=title_of(source.title, Path(source.name), pages),
        media_type=source.media_type,
        pages=tuple(pages),
        chunks=chunk(pages, options.chunk_words),
        outline=source.outline,
        problems=(*source.problems, *problems),
    )

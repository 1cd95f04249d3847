"""The ingest loop: many files, read by worker processes page by page, each ending in a document or one sentence."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from itertools import repeat
from pathlib import Path
from typing import Any, Protocol

from octavo.ingest.chunking.chunker import chunk
from octavo.ingest.errors import LibraryError, OctavoError, ReadError
from octavo.ingest.hyphens import join_words
from octavo.ingest.layout.continued import continued
from octavo.ingest.layout.page_numbers import assign_labels
from octavo.ingest.model import READING, Document, Page, TextSource
from octavo.ingest.options import OcrMode, ReadOptions
from octavo.ingest.readers import SUFFIXES, Source, admit, content_id, printable
from octavo.ingest.readers.kinds import OFFICE
from octavo.ingest.store.images import MemoryImages
from octavo.ingest.titles import title_of
from octavo.ingest.workers import tasks
from octavo.ingest.workers.process import Worker, WorkerLostError

logger = logging.getLogger(__name__)
GIVE_UP = 2
"""Pages of a file that may run out of time before the rest of it is given up."""
MAX_WORKERS = 8
MAX_TOGETHER = 8
"""Office files that LibreOffice converts in one run."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be read, with one sentence that says why, and the `code` of the error."""

    path: Path
    reason: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was not read because its content, `id`, is there already."""

    path: Path
    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of reading: `stage` is opening, reading or done; `page` of `pages` are read, `ocr` of them by OCR."""

    path: Path
    stage: str
    page: int = 0
    pages: int = 0
    ocr: int = 0


class Checkpoints(Protocol):
    """Keeps pages of documents that are still being read, so that a reader which is killed goes on where it was.

    `document` is the id of a document's content, and `reading` tells by what options its pages are read.
    """

    def pages(self, document: str, reading: str) -> dict[int, Page]:
        """Returns the pages that were read so far, by number."""
        ...

    def save(self, document: str, reading: str, page: Page) -> None:
        """Keeps a page that was read; its screenshot is saved already."""
        ...


@dataclass(eq=False)
class _Job:
    """A file on its way."""

    path: Path
    id: str
    source: Source | None = None
    unread: deque[int] = field(default_factory=deque)
    alone: bool = True
    pages: dict[int, Page] = field(default_factory=dict)
    again: set[int] = field(default_factory=set)
    timeouts: int = 0
    reading: str = ""


Result = Document | Failure | Skipped


def read(
    paths: Iterable[Path],
    options: ReadOptions,
    *,
    password: str = "",
    skip: Callable[[Path, str], str | None] = lambda path, content: None,
    save_image: Callable[[bytes], str],
    progress: Callable[[Progress], None] = lambda step: None,
    checkpoints: Checkpoints | None = None,
) -> Iterator[Result]:
    """Reads files; yields each result as soon as it is whole, so that memory holds a few documents, never all.

    A file of which anything goes wrong, or that changes while it is read, is a `Failure`; the others go on.

    `skip(path, content id)` gives a reason not to read a file, or None. `save_image` stores the WebP bytes of a
    screenshot and returns its hash. `checkpoints` keep pages as they are read, and give those of an earlier run that
    was stopped. Workers go on reading while the caller handles a result.
    """
    workers = options.workers or min(MAX_WORKERS, os.cpu_count() or 1)
    with tempfile.TemporaryDirectory(prefix="octavo-") as workdir, _Pool(workers, options) as pool:
        yield from _Loop(
            deque(paths), options, Path(workdir), password, skip, save_image, progress, checkpoints, pool, workers
        ).run()


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A document with its page screenshots: WebP bytes by the hash that its pages name them by."""

    document: Document
    images: dict[str, bytes]


def read_document(
    file: bytes | str | Path, options: ReadOptions | None = None, *, name: str = "", password: str = ""
) -> ReadDocument:
    """Reads one file without a library: the same document comes from the same bytes and options, on any machine.

    What it returns can be pickled, so that files can be read wherever there are processors, and put into a library
    elsewhere: save the images there, then add the document.

    Parameters
    ----------
    file
        A path, or the bytes of a file; then `name` is its file name, whose suffix may tell its format.
    options
        How it is read; the reading processes are its own.

    Raises
    ------
    ReadError
        In one sentence that names the file, also where it is encrypted or of a kind that is not read.

    >>> read = read_document(b"Revenue grew in 2018.", name="note.txt")
    >>> read.document.pages[0].text, list(read.images) == [read.document.pages[0].image]
    ('Revenue grew in 2018.', True)
    """
    if isinstance(file, bytes):
        if not name or Path(name).name != name:
            raise ReadError(f"Bytes need a file name without folders, not {name!r}: pass name='report.pdf'.")
        with tempfile.TemporaryDirectory(prefix="octavo-") as folder:
            path = Path(folder, name)
            path.write_bytes(file)
            outcome = read_document(path, options, password=password)
        return replace(outcome, document=replace(outcome.document, path=name))
    images = MemoryImages()
    [result] = read([Path(file)], options or ReadOptions(), password=password, save_image=images.save)
    if not isinstance(result, Document):
        raise ReadError(result.reason, path=Path(file))
    used = {page.image for page in result.pages}
    images.sweep(used)
    return ReadDocument(result, images.images)


class _Pool:
    """Threads that each own a worker process."""

    def __init__(self, size: int, options: ReadOptions) -> None:
        self._memory = options.worker_memory
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="octavo-reader")
        self._own = threading.local()
        self._workers: list[Worker] = []

    def __enter__(self) -> _Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._workers:
            worker.stop()
        self._threads.shutdown(wait=True)
        for worker in self._workers:
            worker.stop()

    def submit(self, timeout: float, task: Callable[..., Any], *arguments: object) -> Future[Any]:
        return self._threads.submit(self._call, timeout, task, *arguments)

    def _call(self, timeout: float, task: Callable[..., Any], *arguments: object) -> Any:
        if not hasattr(self._own, "worker"):
            self._own.worker = Worker(self._memory)
            self._workers.append(self._own.worker)
        return self._own.worker.call(task, *arguments, timeout=timeout)


@dataclass
class _Loop:
    files: deque[Path]
    options: ReadOptions
    workdir: Path
    password: str
    skip: Callable[[Path, str], str | None]
    save_image: Callable[[bytes], str]
    progress: Callable[[Progress], None]
    checkpoints: Checkpoints | None
    pool: _Pool
    workers: int
    jobs: list[_Job] = field(default_factory=list)
    running: dict[Future[Any], tuple[tuple[_Job, ...], int | None]] = field(default_factory=dict)

    def run(self) -> Iterator[Result]:
        while self.files or self.jobs:
            yield from self._fill()
            done, _ = wait(self.running, return_when=FIRST_COMPLETED)
            for future in done:
                jobs, number = self.running.pop(future)
                for job, outcome in zip(jobs, _outcomes(future, number), strict=False):
                    if job not in self.jobs:  # another of its pages made the whole file a failure
                        continue
                    result = self._step(job, number, outcome)
                    if result is not None:
                        self.jobs.remove(job)
                        if job.source is not None and job.source.pdf != job.path:
                            job.source.pdf.unlink(missing_ok=True)
                        self._fill_pages()
                        yield result

    def _fill(self) -> Iterator[Result]:
        """Gives the workers enough to do: pages of files that are open, then further files."""
        self._fill_pages()
        while self.files and len(self.running) < 2 * self.workers:
            begun: list[_Job] = []
            waiting: list[Path] = []
            for path in self._next_files():
                try:
                    admit(path, self.options)
                    content = content_id(path)
                except (ReadError, OSError) as error:
                    yield _failed(path, error)
                    continue
                if any(job.id == content for job in self.jobs):
                    waiting.append(path)
                elif reason := self.skip(path, content):
                    yield Skipped(path, content, reason)
                else:
                    begun.append(_Job(path, content))
                    self.jobs.append(begun[-1])
                    self.progress(Progress(path, "opening"))
            self._open(begun)
            if waiting:
                self.files.extend(waiting)
                return

    def _next_files(self) -> list[Path]:
        """The next file, or several office files, which LibreOffice converts in one run."""
        if not _is_office(self.files[0]):
            return [self.files.popleft()]
        office = [path for path in self.files if _is_office(path)]
        taken = office[: min(MAX_TOGETHER, -(-len(office) // self.workers))]
        for path in taken:
            self.files.remove(path)
        return taken

    def _open(self, jobs: Sequence[_Job]) -> None:
        if not jobs:
            return
        for job in jobs:
            job.alone = len(jobs) == 1
        timeout = 2 * self.options.convert_timeout * (len(jobs) + 1) + 10
        paths = [job.path for job in jobs]
        future = self.pool.submit(timeout, tasks.open_sources, paths, self.options, self.workdir, self.password)
        self.running[future] = (tuple(jobs), None)

    def _fill_pages(self) -> None:
        for job in self.jobs:
            while job.source and job.unread and len(self.running) < 2 * self.workers:
                self._submit(job, job.source, job.unread.popleft(), tasks.read)

    def _submit(self, job: _Job, source: Source, number: int, task: Callable[..., Any], *more: object) -> None:
        future = self.pool.submit(self.options.page_timeout, task, source.for_page(number), number, self.options, *more)
        self.running[future] = ((job,), number)

    def _step(self, job: _Job, number: int | None, outcome: Any) -> Result | None:
        """Takes what a worker made of a file, or of one of its pages; whatever goes wrong is this file's failure."""
        try:
            return self._opened(job, outcome) if number is None else self._page_read(job, number, outcome)
        except LibraryError:
            raise
        except Exception as error:
            if not isinstance(error, OctavoError | OSError):
                logger.exception("Reading %s failed", job.path)
            return _failed(job.path, error)

    def _opened(self, job: _Job, outcome: Source | Exception) -> Result | None:
        if isinstance(outcome, WorkerLostError) and not job.alone:
            self._open([job])
            return None
        if isinstance(outcome, WorkerLostError):
            raise ReadError(f"{job.path.name} cannot be opened: it {outcome}.") from outcome
        if isinstance(outcome, Exception):
            raise outcome
        job.source = outcome
        if self.checkpoints is not None:
            job.reading = _reading(job.source, self.options)
            job.pages.update(self.checkpoints.pages(job.id, job.reading))
        job.unread.extend(number for number in range(job.source.page_count) if number not in job.pages)
        return self._advanced(job) if job.pages else None

    def _page_read(self, job: _Job, number: int, outcome: tuple[Page, bytes] | Exception) -> Result | None:
        assert job.source is not None
        try:
            if isinstance(outcome, Exception):
                raise outcome
            page, webp = outcome
            if webp:
                page = replace(page, image=self.save_image(webp))
        except WorkerLostError as error:
            if self.options.ocr is OcrMode.AUTO and not error.timed_out and number not in job.again:
                job.again.add(number)
                self._submit(job, job.source, number, tasks.without_pictures, f"they {error}")
                return None
            job.timeouts += error.timed_out
            page = tasks.lost_page(job.source, number, f"it {error}")
        job.pages[number] = page
        if self.checkpoints is not None and job.source.page_count > 1 and not page.problem:
            self.checkpoints.save(job.id, job.reading, page)
        if job.timeouts >= GIVE_UP and job.unread:
            for left in job.unread:
                job.pages[left] = tasks.lost_page(job.source, left, "other pages of this file took too long")
            job.unread.clear()
        return self._advanced(job)

    def _advanced(self, job: _Job) -> Result | None:
        """Tells how far a file is, and returns its document once all of its pages are read."""
        assert job.source is not None
        count = job.source.page_count
        by_ocr = sum(page.source in (TextSource.OCR, TextSource.MIXED) for page in job.pages.values())
        self.progress(Progress(job.path, "reading", len(job.pages), count, by_ocr))
        if len(job.pages) < count:
            return None
        self.progress(Progress(job.path, "done", count, count))
        if content_id(job.path) != job.id or job.source.id != job.id:
            raise ReadError(f"{job.path.name} changed while it was read: ingest it again.")
        return _document(job.source, [job.pages[n] for n in range(count)], self.options)


def _outcomes(future: Future[Any], number: int | None) -> Iterable[Any]:
    """The worker's result for each file that it opened, or for a page; a fault counts for all."""
    error = future.exception()
    if isinstance(error, Exception):
        return repeat(error)
    result = future.result()
    return result if number is None else [result]


def _is_office(path: Path) -> bool:
    return SUFFIXES.get(path.suffix.lower()) in OFFICE


def _reading(source: Source, options: ReadOptions) -> str:
    """Returns what the pages of a file depend on beside its bytes, as a hash."""
    told = options.model_dump(mode="json", exclude={"workers", "worker_memory", "page_timeout", "chunk_words"})
    parts = json.dumps([READING, source.page_count, told], sort_keys=True)
    return hashlib.sha256(parts.encode()).hexdigest()[:16]


def _failed(path: Path, error: Exception) -> Failure:
    """The failure of one file, in one sentence that names it."""
    if isinstance(error, OctavoError):
        return Failure(path, printable(str(error)), getattr(error, "code", ""))
    said = error.strerror if isinstance(error, OSError) else str(error).partition("\n")[0].rstrip(".")
    return Failure(path, printable(f"{path.name} cannot be read: {said or type(error).__name__}."))


def _document(source: Source, pages: list[Page], options: ReadOptions) -> Document:
    problems = tuple(page.problem for page in pages if page.problem)
    if len(problems) == len(pages) and not any(page.image for page in pages):
        raise ReadError(f"{source.name} cannot be read: {problems[0]}.")
    pages = continued(join_words(assign_labels(pages)))
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

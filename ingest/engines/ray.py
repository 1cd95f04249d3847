"""Reading by the workers of a Ray cluster, a file at a time; one process, the caller, takes the documents."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from octavo.ingest.engines.base import (
    BEAT,
    Checkpoints,
    Descriptions,
    Failure,
    Prepared,
    Progress,
    Result,
    Skipped,
    failure_of,
    read_files,
)
from octavo.ingest.engines.pool import PoolEngine
from octavo.ingest.engines.ray_checkpoints import CheckpointServer, WorkerCheckpoints, WorkerDescriptions
from octavo.ingest.errors import MissingToolError, OctavoError, ReadError
from octavo.ingest.model import Document, TextSource
from octavo.ingest.options import RayEngineOptions, ReadOptions
from octavo.ingest.readers import admit, content_id
from octavo.ingest.readers.discover import subtitles_of
from octavo.ingest.readers.kinds import VIDEOS, media_type
from octavo.ingest.remote import File, RemoteFile
from octavo.ingest.store.images import MemoryImages
from octavo.ingest.workers.pool import WorkerPool

if TYPE_CHECKING:
    import ray

logger = logging.getLogger(__name__)
Prepare = Callable[[Document, Mapping[str, bytes], Descriptions], Any]
"""Makes more of a document, and its screenshots by their hash, where it is read, with the descriptions of the run."""
_REMOTE_BYTES = 10_000_000
"""The bytes that a file of a store is taken to have, before it is fetched."""


class ClusterError(OctavoError):
    """A cluster cannot be reached, or has no room for a worker."""

    code = "engine"


@dataclass(frozen=True, slots=True)
class _Task:
    """A file that a worker reads. `content` are its bytes where it lies on the caller's machine.

    `subtitles` are those beside a video there, by their names.
    """

    file: File
    content: bytes | None
    subtitles: dict[str, bytes]
    options: ReadOptions
    password: str
    prepare: Prepare | None


@dataclass(frozen=True, slots=True)
class _Outcome:
    """The result of reading a file, with those screenshots of its pages, by their hash, that were not sent before."""

    result: Result
    images: dict[str, bytes]
    prepared: Any = None


class RayEngine:
    """Reads files by tasks of Ray, each in a warm reading process with the bounds of `ReadOptions`.

    A file of this machine is sent to its worker, a video with the subtitles beside it; one of a store (`s3://…`,
    `gs://…`, `file://…`) is fetched there. Files are taken while fewer than `in_flight` for each processor, and fewer
    than `memory` bytes, are under way. A file whose worker or machine is lost is read again elsewhere, at most
    `retries` times.

    `skip(file, content id)` gives a reason not to read a file, or None; `known` are the ids for which a worker that
    has fetched a file asks it before it reads. `prepare` runs in the worker, and what it returns comes with the
    document. Screenshots are given to `save_image` before their document is yielded. `checkpoints` keep pages as they
    are read, so that a file goes on where its worker or an earlier run was lost; `load_image` gives their screenshots.
    `descriptions` are those that `prepare` may use and add to.
    """

    def __init__(
        self,
        engine: RayEngineOptions,
        options: ReadOptions,
        *,
        password: str = "",
        skip: Callable[[File, str], str | None] = lambda file, content: None,
        library_ids: Callable[[], Iterator[str]] = lambda: iter(()),
        save_image: Callable[[bytes], str],
        load_image: Callable[[str], bytes],
        progress: Callable[[Progress], None] = lambda step: None,
        prepare: Prepare | None = None,
        checkpoints: Checkpoints,
        descriptions: Descriptions,
    ) -> None:
        self._engine, self._options, self._password, self._prepare = engine, options, password, prepare
        self._skip, self._known, self._save_image, self._progress = skip, library_ids, save_image, progress
        self._load_image, self._checkpoints, self._descriptions = load_image, checkpoints, descriptions
        self._ready: list[Result] = []
        self._running: dict[ray.ObjectRef, tuple[File, str, int]] = {}
        self._twins: list[tuple[Path, str]] = []
        self._bytes = 0
        self._is_local = False

    def __enter__(self) -> RayEngine:
        self._ray = _import_ray()
        self._own = not self._ray.is_initialized()
        if self._own:
            self._connect()
        need = {"num_cpus": 1, "memory": self._options.worker_memory * 1_000_000, "num_gpus": self._engine.gpus}
        self._task = self._ray.remote(_read).options(max_retries=self._engine.retries, **need)
        try:
            self._check_room()
        except ClusterError:
            self._ray.shutdown()
            raise
        self._ids = self._ray.put(_pack(self._known()))
        self._count_processors()
        self._server = CheckpointServer(
            self._ray, self._checkpoints, self._save_image, self._load_image, self._descriptions
        )
        return self

    def _check_room(self) -> None:
        """Raises `ClusterError` where this machine has no room for a worker; of a cluster, which may grow, it warns."""
        memory, gpus = self._options.worker_memory, self._engine.gpus
        need = {"CPU": 1, "memory": memory * 1_000_000, "GPU": gpus}
        machines = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
        if any(all(machine.get(name, 0) >= amount for name, amount in need.items()) for machine in machines):
            return
        worker = f"a processor with {memory:,} MB of memory" + (f" and {gpus:g} GPU" if gpus else "")
        if not self._is_local:
            logger.warning("No machine of the Ray cluster has %s: files wait until one joins that has.", worker)
            return
        has_gpus = gpus <= max(machine.get("GPU", 0) for machine in machines)
        setting = "reading.worker_memory" if has_gpus else "engine.gpus"
        raise ClusterError(f"Ray finds no room for a worker here, {worker}: lower {setting}.", setting=setting)

    def _count_processors(self) -> None:
        """Takes note of machines that came or went."""
        self._capacity = self._engine.in_flight * max(1, int(self._ray.cluster_resources().get("CPU", 1)))

    def _connect(self) -> None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        address = self._engine.address or os.environ.get("RAY_ADDRESS") or "local"
        self._is_local = address == "local"
        local = {"num_cpus": self._options.workers or None, "include_dashboard": False} if self._is_local else {}
        try:
            self._ray.init(address=address, log_to_driver=False, logging_level="error", **local)
        except Exception as error:  # Ray raises a plain one where a node does not start in time
            reason = str(error).partition("\n")[0].rstrip(".")
            raise ClusterError(
                f"The Ray cluster {address} cannot be used: {reason}.", setting="engine.address"
            ) from error

    def __exit__(self, *_: object) -> None:
        for reference in self._running:
            self._ray.cancel(reference, force=True)
        self._server.close()
        if self._own:
            self._ray.shutdown()

    @property
    def has_room(self) -> bool:
        under_way = len(self._running) + len(self._ready) + len(self._twins)
        return not under_way or (under_way < self._capacity and self._bytes < self._engine.memory * 1_000_000)

    @property
    def is_idle(self) -> bool:
        return not (self._running or self._ready or self._twins)

    def submit(self, file: File) -> None:
        if isinstance(file, RemoteFile):
            self._start(file, "", None)
            return
        try:
            admit(file, self._options)
            content = content_id(file)
            if any(content == other for _, other, _ in self._running.values()):
                self._twins.append((file, content))
            elif reason := self._skip(file, content):
                self._ready.append(Skipped(file, content, reason))
            else:
                self._start(file, content, file.read_bytes())
        except (ReadError, OSError) as error:
            self._ready.append(failure_of(file, error))

    def _start(self, file: File, content: str, data: bytes | None) -> None:
        options = self._options.model_copy(update={"workers": 1})
        task = _Task(file, data, _subtitles_beside(file), options, self._password, self._prepare)
        size = _REMOTE_BYTES if data is None else len(data)
        self._running[self._task.remote(task, self._ids, self._server.exchange)] = (file, content, size)
        self._bytes += size
        self._progress(Progress(file, "opening"))

    def completed(self) -> Iterator[Result | Prepared]:
        ready, self._ready = self._ready, []
        yield from ready
        if self._running:
            reference = self._finish()
            file, content, size = self._running.pop(reference)
            self._bytes -= size
            self._count_processors()
            result = self._result_of(file, reference)
            del reference
            yield result
            self._resume(content)

    def _finish(self) -> ray.ObjectRef:
        """Waits for a file to be finished, and keeps the pages that come meanwhile."""
        while True:
            wait = {"num_returns": 1, "timeout": BEAT, "fetch_local": False}
            ready, _ = self._ray.wait([self._server.pending, *self._running], **wait)
            if not ready:
                for file, _, _ in self._running.values():
                    self._progress(Progress(file, "opening"))
            elif ready[0] in self._running:
                return ready[0]
            else:
                self._server.handle()

    def _resume(self, content: str) -> None:
        """Takes up the files that have the same content as one that is finished."""
        twins, self._twins = self._twins, []
        for file, other in twins:
            if other == content:
                self.submit(file)
            else:
                self._twins.append((file, other))

    def _result_of(self, file: File, reference: ray.ObjectRef) -> Result | Prepared:
        try:
            outcome: _Outcome = self._ray.get(reference)
        except self._ray.exceptions.RayTaskError as error:
            return failure_of(file, error.cause if isinstance(error.cause, Exception) else error)
        except self._ray.exceptions.RayError as error:
            times = f"{self._engine.retries + 1} times" if self._engine.retries else "once"
            text = f"{file.name} cannot be read: its worker was lost {times} ({type(error).__name__})."
            return Failure(file, text, "worker-lost")
        result = outcome.result
        if isinstance(result, Skipped):
            again = self._skip(file, result.id)
            return Skipped(file, result.id, again) if again else failure_of(file, _unreachable(file))
        if isinstance(result, Failure):
            return replace(result, path=file)
        if isinstance(file, RemoteFile) and (reason := self._skip(file, result.id)):  # it came twice in this run
            return Skipped(file, result.id, reason)
        for webp in outcome.images.values():
            self._save_image(webp)
        pages = len(result.pages)
        by_ocr = sum(page.source in (TextSource.OCR, TextSource.MIXED) for page in result.pages)
        self._progress(Progress(file, "done", pages, pages, by_ocr))
        document = replace(result, path=str(file))
        return document if self._prepare is None else Prepared(document, outcome.prepared)


@lru_cache(maxsize=1)
def _pool(memory: int) -> WorkerPool:
    """Returns the reading process of a worker of Ray, which stays warm from one task to the next."""
    return WorkerPool(1, memory)


def _read(task: _Task, library_ids: Any, exchange: Any) -> _Outcome:
    """Reads a file in a worker of Ray; `exchange` is the actor that takes its pages to the run."""
    images = MemoryImages()
    checkpoints = WorkerCheckpoints(exchange, images)
    with tempfile.TemporaryDirectory(prefix="octavo-") as folder:
        file = task.file
        if task.content is not None:
            file = Path(folder, file.name)
            file.write_bytes(task.content)
            for name, subtitles in task.subtitles.items():
                Path(folder, name).write_bytes(subtitles)
        engine = PoolEngine(
            task.options,
            password=task.password,
            skip=lambda file, content: (
                "known" if isinstance(file, RemoteFile) and _holds(library_ids, content) else None
            ),
            save_image=images.save,
            pool=_pool(task.options.worker_memory),
            checkpoints=checkpoints,
        )
        with engine:
            [result] = read_files([file], engine)
    checkpoints.settle()
    if not isinstance(result, Document):
        return _Outcome(result, {})
    images.sweep({page.image for page in result.pages})
    prepared = None if task.prepare is None else task.prepare(result, images.images, WorkerDescriptions(exchange))
    unsent = {image: webp for image, webp in images.images.items() if image not in checkpoints.sent}
    return _Outcome(result, unsent, prepared)


def _subtitles_beside(file: File) -> dict[str, bytes]:
    if isinstance(file, RemoteFile) or media_type(file) not in VIDEOS:
        return {}
    return {subtitles.name: subtitles.read_bytes() for subtitles in subtitles_of(file)}


def _pack(ids: Iterator[str]) -> Any:
    """Returns document ids as a sorted array of 16 bytes each, which workers of a machine share."""
    return np.sort(np.fromiter((bytes.fromhex(identity) for identity in ids), dtype="S16"))


def _holds(library_ids: Any, identity: str) -> bool:
    [packed] = _pack(iter([identity]))
    place = int(np.searchsorted(library_ids, packed))
    return place < len(library_ids) and bool(library_ids[place] == packed)


def _unreachable(file: File) -> ReadError:
    return ReadError(f"{file.name} was in the library when it began, and is not any more: ingest it again.")


def _import_ray() -> Any:
    try:
        import ray
    except ImportError as error:
        raise MissingToolError('Reading with Ray needs the package ray: pip install "octavo[ray]".') from error
    return ray

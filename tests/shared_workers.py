"""Reading processes that outlive the ingest or the question that started them: tests need not wait for new ones."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from octavo.ingest import ReadOptions, picture_words
from octavo.ingest.engines import pool
from octavo.ingest.workers.pool import WorkerPool
from octavo.ingest.workers.spare import SpareWorkers
from tests.working_folder import run_in

IDLE = 3_600.0
"""Seconds for which a process that reads the pictures of questions waits for another one."""
KEPT = 3
"""Pools that wait for an ingest; the one that has waited longest ends where there are more."""
SIZE = 2
"""The processes of a pool at most, so that several tests at a time fit into the memory of a small machine."""
UNREAD = ("GRADIO_", "HF_HUB_", "LD_LIBRARY_PATH", "OCTAVO", "PYTEST_CURRENT_TEST", "TMPDIR")
"""Beginnings of the names of environment variables that reading does not depend on; OpenCV sets the third."""


class SharedWorkers:
    """Lends the pools of earlier ingests; those of another size, memory, environment or path are left."""

    def __init__(self) -> None:
        self._idle: list[tuple[object, WorkerPool]] = []
        self._lock = threading.Lock()

    def lend(self, size: int, memory: int) -> LentPool:
        """Returns a pool, as `WorkerPool(size, memory)` would."""
        size = min(size, SIZE)
        environment = {name: value for name, value in os.environ.items() if not name.startswith(UNREAD)}
        like = (size, memory, environment, tuple(sys.path))
        with self._lock:
            for n, (other, idle) in enumerate(self._idle):
                if other == like:
                    del self._idle[n]
                    return LentPool(idle, partial(self._keep, like, idle))
        fresh = WorkerPool(size, memory)
        return LentPool(fresh, partial(self._keep, like, fresh))

    def close(self) -> None:
        """Ends the processes that wait."""
        with self._lock:
            idle, self._idle = self._idle, []
        for _, workers in idle:
            workers.close()

    def _keep(self, like: object, workers: WorkerPool) -> None:
        with self._lock:
            self._idle.append((like, workers))
            surplus = [old for _, old in self._idle[:-KEPT]]
            del self._idle[:-KEPT]
        for old in surplus:
            old.close()


class LentPool(WorkerPool):
    """A pool that is given back when it is closed, or ended where one of its tasks still runs."""

    def __init__(self, workers: WorkerPool, give_back: Callable[[], None]) -> None:
        self._lent, self._give_back = workers, give_back
        self._tasks: list[Future[Any]] = []

    def submit(self, timeout: float, task: Callable[..., Any], *arguments: object) -> Future[Any]:
        self._tasks.append(self._lent.submit(timeout, run_in, os.getcwd(), task, *arguments))
        return self._tasks[-1]

    def close(self) -> None:
        if all(task.done() for task in self._tasks):
            self._give_back()
        else:
            self._lent.close()


@contextmanager
def sharing_workers() -> Iterator[None]:
    """Lends the ingests of this process the same workers, one after the other."""
    shared, spare = SharedWorkers(), SpareWorkers(ReadOptions().worker_memory, IDLE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "WorkerPool", shared.lend)
        patch.setattr(picture_words, "_readers", lambda: spare)
        try:
            yield
        finally:
            shared.close()

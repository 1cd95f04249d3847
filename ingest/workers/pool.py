"""Threads that each own a reading process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from octavo.ingest.workers.process import Worker


class WorkerPool:
    """Threads that each own a worker process. Use it as a context manager, or call `close()`."""

    def __init__(self, size: int, memory: int) -> None:
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="octavo-reader")
        self._own = threading.local()
        self._workers = [Worker(memory) for _ in range(size)]
        self._unowned = list(self._workers)

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the processes at once, whatever they do."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._workers:
            worker.kill()
        self._threads.shutdown(wait=True)
        for worker in self._workers:
            worker.stop()

    def submit(self, timeout: float, task: Callable[..., Any], *arguments: object) -> Future[Any]:
        """Runs a task in one of the processes, as `Worker.call`."""
        return self._threads.submit(self._call, timeout, task, *arguments)

    def _call(self, timeout: float, task: Callable[..., Any], *arguments: object) -> Any:
        if not hasattr(self._own, "worker"):
            self._own.worker = self._unowned.pop()
        return self._own.worker.call(task, *arguments, timeout=timeout)

"""Reading processes for single tasks, such as the picture of a question: what they load is not kept for long."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from octavo.ingest.workers.process import Worker

T = TypeVar("T")
IDLE = 60.0
"""Seconds after which a process that has nothing to do ends."""


class SpareWorkers:
    """Lends processes of `memory` MB at most, as many at a time as there are processors.

    One that nobody has taken for `idle` seconds is ended at the next look, which is made as often.
    """

    def __init__(self, memory: int, idle: float = IDLE) -> None:
        self._memory, self.idle = memory, idle
        self._places = threading.BoundedSemaphore(os.cpu_count() or 1)
        self._spare: list[tuple[float, Worker]] = []
        self._look: threading.Timer | None = None
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Returns how many processes wait for a task."""
        return len(self._spare)

    def call(self, task: Callable[..., T], *arguments: object, timeout: float) -> T:
        """Runs `task(*arguments)` in a process, as `Worker.call`; a process whose task failed ends."""
        with self._places:
            with self._lock:
                worker = self._spare.pop()[1] if self._spare else Worker(self._memory)
            try:
                result = worker.call(task, *arguments, timeout=timeout)
            except BaseException:
                worker.stop()
                raise
            with self._lock:
                self._spare.append((time.monotonic(), worker))
                self._look_later()
            return result

    def end_unused(self) -> None:
        """Ends the processes that have waited too long."""
        with self._lock:
            self._look = None
            taken_last = time.monotonic() - self.idle
            unused = [worker for since, worker in self._spare if since <= taken_last]
            self._spare = [(since, worker) for since, worker in self._spare if since > taken_last]
            if self._spare:
                self._look_later()
        for worker in unused:
            worker.stop()

    def _look_later(self) -> None:
        if self._look is None:
            self._look = threading.Timer(self.idle, self.end_unused)
            self._look.daemon = True
            self._look.start()

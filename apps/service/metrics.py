"""Metrics for Prometheus: requests, answers and jobs, without any question, name or text.

Where several processes serve, the environment names a folder that they share, and each tells the sums of all.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from octavo.apps.turns import Turns

SHARED_METRICS = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names the folder; prometheus_client reads it when it is imported."""

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class Metrics:
    """The counters of one service, in a registry of their own."""

    def __init__(self, waiting: Callable[[], int], turns: Mapping[str, Turns]) -> None:
        self.registry = CollectorRegistry()
        self._own = CollectorRegistry()
        """The counters of this process alone."""
        ProcessCollector(registry=self._own)  # processor seconds, memory and open files of this process
        self._requests = Counter(
            "octavo_requests",
            "Requests by method, route and status.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "octavo_request_seconds",
            "Seconds of a request until its last byte.",
            ("route",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._answers = Counter(
            "octavo_answers",
            "Answers by how they came about: model, quoted or abstained.",
            ("kind",),
            registry=self.registry,
        )
        turns_waiting = Gauge(
            "octavo_turns_waiting",
            "Requests that wait for their turn, by kind: answers of the API, MCP and the chat, or searches.",
            ("kind",),
            multiprocess_mode="livesum",
            registry=self.registry,
        )
        for kind, queue in turns.items():
            queue.on_change = turns_waiting.labels(kind).set
        Gauge("octavo_jobs_waiting", "Files that are queued or being read.", registry=self._own).set_function(
            lambda: float(waiting())
        )

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Counts a request."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def answer(self, *, abstained: bool, model: str) -> None:
        """Counts an answer."""
        self._answers.labels("abstained" if abstained else "model" if model else "quoted").inc()

    def text(self) -> bytes:
        """Returns the state in Prometheus' text format."""
        registry = self.registry
        if os.environ.get(SHARED_METRICS):
            registry = CollectorRegistry()
            _forget_ended(Path(os.environ[SHARED_METRICS]))
            MultiProcessCollector(registry)
        return generate_latest(registry) + generate_latest(self._own)


def _forget_ended(folder: Path) -> None:
    """Deletes what processes that ended, or were killed, last told of their queues."""
    for file in folder.glob("gauge_livesum_*.db"):
        process = int(file.stem.rpartition("_")[2])
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            mark_process_dead(process, str(folder))

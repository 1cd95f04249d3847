"""Progress of an ingest: a bar with pages/s on a terminal, log lines on a pipe."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress as Bars, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from ingest.run import Progress
from rag import Ingested


class IngestProgress:
    """Shows what is being read, page n of m, and pages/s; `quiet` shows nothing. `seconds` is the time so far."""

    def __init__(self, files: int, *, quiet: bool = False) -> None:
        self._files, self._quiet = files, quiet
        self._started, self._logged, self._pages, self._done = time.monotonic(), 0.0, 0, 0
        self._console = Console(stderr=True, highlight=False)
        self._bars = Bars(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.completed}/{task.total}"),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
            disable=quiet or not sys.stderr.isatty(),
        )
        self._task: TaskID | None = None

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    def __enter__(self) -> IngestProgress:
        self._bars.start()
        self._task = self._bars.add_task("", total=self._files, rate="")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def update(self, progress: Progress) -> None:
        """Takes one step of the reading."""
        if self._quiet:
            return
        if progress.stage == "reading":
            self._pages += 1
        text = f"{progress.path.name}: {progress.stage}"
        if progress.pages:
            text += f" page {progress.page} of {progress.pages}"
        rate = f"{self._pages / self.seconds:.1f} pages/s" if self._pages else ""
        if self._bars.disable:
            if time.monotonic() - self._logged >= 2:
                self._logged = time.monotonic()
                print(f"{text} {rate}".rstrip(), file=sys.stderr, flush=True)
        elif self._task is not None:
            self._bars.update(self._task, description=text, rate=rate)

    def finished(self, result: Ingested) -> None:
        """Takes the end of one file."""
        self._done += 1
        if self._quiet:
            return
        if self._bars.disable:
            print(f"{result.path.name}: {result.status} ({self._done} of {self._files})", file=sys.stderr, flush=True)
        elif self._task is not None:
            self._bars.update(self._task, completed=self._done)

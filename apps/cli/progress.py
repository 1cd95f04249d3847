"""Progress of an ingest and of an evaluation: a bar on a terminal, log lines on a pipe."""

from __future__ import annotations

import sys
import time
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress as Bars,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Column

from octavo.ingest.reading import Progress
from octavo.rag import Ingested

EVERY = 5.0
"""Seconds between log lines of an evaluation; those of an ingest come every two."""


class IngestProgress:
    """Shows what is being read, page n of m, and pages/s; `quiet` shows nothing. `seconds` is the time so far.

    `files` is None where their number is not known before they are read.
    """

    def __init__(self, files: int | None, *, quiet: bool = False) -> None:
        self._files, self._quiet = files, quiet
        self._of = "" if files is None else f" of {files}"
        self._started, self._logged, self._pages, self._done = time.monotonic(), 0.0, 0, 0
        self._read: dict[str, int] = {}
        self._console = Console(stderr=True, highlight=False)
        fixed = Column(no_wrap=True, min_width=4)
        self._bars = Bars(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis")),
            BarColumn(bar_width=20),
            TextColumn("{task.completed}/{task.total}", table_column=fixed),
            TextColumn("{task.fields[rate]}", table_column=fixed),
            TimeElapsedColumn(table_column=fixed),
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

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._bars.stop()
        if kind is KeyboardInterrupt and not self._quiet:
            summary = f"stopped: {self._done}{self._of} done and kept; the same command goes on with the rest"
            print(summary, file=sys.stderr, flush=True)

    def update(self, progress: Progress) -> None:
        """Takes one step of the reading."""
        if self._quiet:
            return
        if progress.stage == "reading":
            name = str(progress.path)
            self._pages += progress.page - self._read.get(name, progress.page - 1)
            self._read[name] = progress.page
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
        self._read.pop(str(result.path), None)
        if self._quiet:
            return
        if self._bars.disable:
            print(f"{result.path.name}: {result.status} ({self._done}{self._of})", file=sys.stderr, flush=True)
        elif self._task is not None:
            self._bars.update(self._task, completed=self._done)


class RunProgress:
    """Shows each stage of a run, and what models have cost so far; `quiet` shows nothing."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet, self._logged, self._tokens, self._failed = quiet, 0.0, 0, 0
        self._started = time.monotonic()
        self._tasks: dict[str, TaskID] = {}
        self._bars = Bars(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[cost]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True, highlight=False),
            disable=quiet or not sys.stderr.isatty(),
        )

    def __enter__(self) -> RunProgress:
        self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._bars.stop()
        if kind is KeyboardInterrupt and not self._quiet:
            print("stopped: what is done is kept; the same command goes on with the rest", file=sys.stderr, flush=True)

    @property
    def cost(self) -> str:
        """Returns the time taken so far, in words."""
        failed = f", {self._failed} failed" if self._failed else ""
        return f"{self._tokens:,} tokens, {time.monotonic() - self._started:.0f} s{failed}"

    def __call__(self, stage: str, done: int, of: int, row: dict[str, Any]) -> None:
        """Takes one step of the run."""
        self._tokens += row.get("prompt_tokens", 0) + row.get("completion_tokens", 0)
        self._failed += bool(row.get("error"))
        if self._quiet:
            return
        if self._bars.disable:
            if done == of or time.monotonic() - self._logged >= EVERY:
                self._logged = time.monotonic()
                print(f"{stage}: {done} of {of}; {self.cost}", file=sys.stderr, flush=True)
            return
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage, total=of, cost="")
        self._bars.update(self._tasks[stage], completed=done, cost=self.cost)

"""Progress of an evaluation: a bar with tokens and seconds on a terminal, log lines on a pipe."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress as Bars, TaskID, TextColumn, TimeRemainingColumn

EVERY = 5.0
"""Seconds between log lines."""


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

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    @property
    def cost(self) -> str:
        """What it took so far, in words."""
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

"""A long manifest, read by the command as a user runs it: its memory, its speed, and that a killed run goes on.

Its lines name a few notes again and again, and between them files that are not there, so that what is measured is the
manifest and the loop over it, not reading.
"""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from octavo.eval.benchmarks.made_up_library import made_up_texts
from octavo.ingest.store.library import Library

LINES = 1_000_000
NOTES, EVERY = 1_000, 10
"""Notes that there are; one line of so many names a file that is not there."""
STEPS = 10
"""Times that memory is looked at in a run."""
_DONE = re.compile(r"\((\d+)\)$")


@dataclass(frozen=True)
class ManifestRun:
    """A run of the command: lines that were done, in how many seconds, and MB of its process at some of them."""

    done: int
    seconds: float
    memory: dict[int, int]
    summary: str

    def __str__(self) -> str:
        memory = ", ".join(f"{size} MB at {line:,}" for line, size in self.memory.items())
        rate = f"{self.done:,} lines in {self.seconds:.0f} s, {self.done / self.seconds:,.0f} a second"
        return f"{rate}; {memory}{self.summary and f'; {self.summary}'}"


def report(folder: Path, lines: int = LINES) -> None:
    """Kills a run after half of the lines, runs it again to its end, and prints what both did."""
    manifest, library = folder / "manifest.txt", folder / "library"
    _write(manifest, folder / "notes", lines)
    print(f"killed: {_ingest(manifest, library, lines, stop=lines // 2)}", flush=True)
    print(f"again: {_ingest(manifest, library, lines)}", flush=True)
    with Library(library, create=False) as opened:
        print(f"{sum(1 for _ in opened.ids()):,} documents for {NOTES:,} notes")


def _write(manifest: Path, notes: Path, lines: int) -> None:
    notes.mkdir(parents=True)
    for number, text in enumerate(made_up_texts(0)[:NOTES]):
        (notes / f"{number}.txt").write_text(text)
    numbers = itertools.cycle(range(NOTES))
    with manifest.open("w") as file:
        for line in range(lines):
            name = f"gone{line}" if line % EVERY == EVERY - 1 else str(next(numbers))
            print(notes / f"{name}.txt", file=file)


def _ingest(manifest: Path, library: Path, lines: int, stop: int | None = None) -> ManifestRun:
    command = [sys.executable, "-c", "from octavo.apps.cli.main import main; main()", "ingest"]
    command += ["--manifest", str(manifest), "--library", str(library), "--failures", str(library.with_name("failed"))]
    memory, done, started = dict[int, int](), 0, time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        assert run.stderr is not None
        for line in run.stderr:
            if (match := _DONE.search(line)) is None:
                continue
            done = int(match[1])
            if done % max(1, lines // STEPS) == 0:
                memory[done] = _memory(run.pid)
            if done == stop:
                run.kill()
                break
        out, _ = run.communicate()
    return ManifestRun(done, time.perf_counter() - started, memory, _last(out.splitlines()))


def _last(lines: Sequence[str]) -> str:
    return lines[-1] if lines else ""


def _memory(process: int) -> int:
    """Returns the MB that a process has in memory now."""
    [line] = [line for line in Path(f"/proc/{process}/status").read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) // 1024

"""A service of one process and of several on one library, under the same load, in turns."""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from octavo.client import Client
from octavo.eval.benchmarks.load import describe_times, measure_calls, questions_of
from octavo.rag import Pipeline

SECONDS, ROUNDS = 10.0, 3
"""Seconds of load, and how often each number of processes has it."""
_COMMAND = "from octavo.apps.cli.main import main; main()"
_WARM = 4


def report(library: Path, counts: Sequence[int] = (1, 2), clients: int = 8) -> str:
    """Returns the searches a second of each number of processes, and each one's ratio to the first.

    A library is copied, and searched by `clients` threads of this process over HTTP.
    """
    rates: dict[int, list[float]] = {count: [] for count in counts}
    times: dict[int, list[float]] = {count: [] for count in counts}
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "library")
        shutil.copytree(library, copy)
        with Pipeline(copy) as pipeline:
            questions = questions_of(pipeline)
        for _ in range(ROUNDS):
            for count in counts:
                with _serve(copy, count) as url:
                    seconds = _load(url, questions, clients)
                rates[count].append(len(seconds) / SECONDS)
                times[count] += seconds
    first = statistics.median(rates[counts[0]])
    return "\n".join(
        f"{count} processes: {', '.join(f'{rate:.1f}' for rate in rates[count])} searches/s, median "
        f"{statistics.median(rates[count]):.1f}, {statistics.median(rates[count]) / first:.2f} of {counts[0]}; "
        f"{describe_times(times[count])}"
        for count in counts
    )


def _load(url: str, questions: Sequence[str], clients: int) -> list[float]:
    """Returns the seconds of each search; a connection of its own for each, so that all processes have work."""

    def search(question: str) -> object:
        with Client(url) as client:
            return client.search(question, k=5)

    measure_calls(search, questions, clients, _WARM)
    return measure_calls(search, questions, clients, SECONDS)


@contextmanager
def _serve(library: Path, count: int) -> Iterator[str]:
    """Serves a library by so many processes; the address, once all of them answer."""
    options = ["serve", "--no-chat", "--workers", str(count), "--port", "0", "--library", str(library)]
    with subprocess.Popen([sys.executable, "-c", _COMMAND, *options], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = re.search(r"http://[\d.:]+", process.stdout.readline())
            assert address is not None
            for _ in range(4 * count):
                httpx.get(f"{address[0]}/readyz", timeout=120).raise_for_status()
            yield address[0]
        finally:
            process.terminate()

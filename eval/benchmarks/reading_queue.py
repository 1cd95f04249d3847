"""Simulates reading at scale: workers that read, one process that writes, files that arrive."""

from __future__ import annotations

import heapq
import random
import statistics
from dataclasses import dataclass

READ_SECONDS = 0.57
"""Seconds of a processor that reading a page takes (text pages, a warm reading process)."""
WRITE_SECONDS = 0.019
"""Seconds of a processor that the writing process takes for a page."""
PAGES = (2.2, 0.9)
"""Mean and deviation of the logarithm of a file's pages: a median of 9, a mean of 13."""
SPREAD = 0.5
"""Deviation of the logarithm of the time that a page takes."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The figures of a simulated run: pages a second, the share of time that each side works, seconds of waiting."""

    rate: float
    readers: float
    writer: float
    wait_p50: float
    wait_p95: float


def simulate(cores: int, files: int, in_flight: int = 2, arrivals: float = 0, seed: int = 3) -> Outcome:
    """Reads files by `cores` workers and writes them by one process, in the order in which they are read.

    At most `in_flight` files a core are under way: read, being read, or waiting to be written. `arrivals` is the rate
    of files a second that come in; 0: all are there.

    >>> one, ten, many = (simulate(cores, 2_000) for cores in (1, 10, 64))
    >>> f"{ten.rate / one.rate:.1f}, {many.rate / one.rate:.1f}"
    '9.8, 27.5'
    """
    draw = random.Random(seed)  # noqa: S311 - not for secrets
    pages = [max(1, round(draw.lognormvariate(*PAGES))) for _ in range(files)]
    took = [sum(READ_SECONDS * draw.lognormvariate(-(SPREAD**2) / 2, SPREAD) for _ in range(n)) for n in pages]
    came, clock = [], 0.0
    for _ in range(files):
        clock += draw.expovariate(arrivals) if arrivals else 0.0
        came.append(clock)
    free = [0.0] * cores
    written: list[float] = []  # of files under way, when they will be
    writer = read_seconds = wrote = 0.0
    waits: list[float] = []
    done: list[tuple[float, int]] = []
    for number in range(files):
        start = max(heapq.heappop(free), came[number])
        while len(done) + len(written) >= in_flight * cores:
            writer, wrote = _write(done, written, pages, waits, writer, wrote)
            start = max(start, heapq.heappop(written))
        heapq.heappush(done, (start + took[number], number))
        heapq.heappush(free, start + took[number])
        read_seconds += took[number]
    while done:
        writer, wrote = _write(done, written, pages, waits, writer, wrote)
    cuts = statistics.quantiles(waits, n=20)
    return Outcome(sum(pages) / writer, read_seconds / writer / cores, wrote / writer, cuts[9], cuts[18])


def _write(
    done: list[tuple[float, int]], written: list[float], pages: list[int], waits: list[float], at: float, wrote: float
) -> tuple[float, float]:
    """Writes the next file that is read; returns when the writer is free, and how long it has worked."""
    ready, number = heapq.heappop(done)
    took = WRITE_SECONDS * pages[number]
    end = max(at, ready) + took
    waits.append(end - took - ready)
    heapq.heappush(written, end)
    return end, wrote + took


def report(files: int = 5_000) -> str:
    """Returns the rate, use and waiting of one writer with more and more reading cores."""
    lines = ["cores  pages/s  readers busy  writer busy  waiting for the writer p50, p95 (s)"]
    for cores in (1, 2, 8, 16, 24, 30, 40, 64):
        run = simulate(cores, files)
        busy = f"{run.readers:12.2f}  {run.writer:11.2f}"
        lines.append(f"{cores:5}  {run.rate:7.1f}  {busy}  {run.wait_p50:.2f}, {run.wait_p95:.2f}")
    return "\n".join(lines)

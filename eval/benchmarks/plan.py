"""A plan for reading, keeping and searching many pages: arithmetic with measured, published and assumed constants."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from octavo.eval.benchmarks.reading_queue import READ_SECONDS, WRITE_SECONDS, simulate

SIZES = (10**7, 10**9)
WRITERS = {10**7: 4, 10**9: 40}
"""Writing processes for a number of pages, chosen for a run of a day and of a week."""
READERS = 24
"""Reading cores of a writer: beyond them, files wait for it."""
CORES = (1, 8, 16, 24, 30, 64)
"""Reading cores that are simulated."""
FILES = 5_000
"""Files that a simulation reads."""


class Constant(NamedTuple):
    """A figure that the plan rests on; `basis` is measured, published or assumed, with how."""

    value: float
    unit: str
    name: str
    basis: str


READ = Constant(READ_SECONDS, "s of a core", "reading a text page, warm", "measured")
WRITE = Constant(WRITE_SECONDS, "s of a core", "writing a page: entries, words, vectors", "measured")
READER_MEMORY = Constant(1.5, "GB", "memory bound of a reading process", "`reading.worker_memory`")
MESSAGE = Constant(120, "KB", "from a worker to the writer, a page at most", "measured")
SCREENSHOTS = Constant(244, "KB", "screenshots on disk, a page of a text PDF", "measured")
DATABASE = Constant(78, "KB", "database, a page of a text PDF", "measured")
ENTRIES = Constant(12.4, "", "entries of a page, at four levels", "measured: 9,993 on 805 pages of FinanceBench")
SHARD_ENTRIES = Constant(1.1e6, "", "entries of the largest shard that was filled and searched", "measured")
SHARD_MEMORY = Constant(2.2, "GB", "a process that searches such a shard in LanceDB", "measured")
FOLDER_MEMORY = Constant(0.47, "GB", "the same without an engine", "measured")
SHARD_SEARCH = Constant(0.097, "s of a core", "a search by words and a vector in such a shard", "measured")
ENGINE_ENTRY = Constant(4.3, "KB", "LanceDB on disk, an entry, with a week's older versions", "measured")
TOKENS = Constant(1_500, "", "tokens of a page embedded as text, at all levels", "assumed")
SLOW = Constant(
    212_000,
    "tokens/s",
    "text embedded by vLLM, one text a request",
    "[published](https://github.com/vllm-project/vllm/pull/23000), 109 million parameters",
)
FAST = Constant(516_000, "tokens/s", "the same, 16 texts a request", "published there")
PICTURE_TOKENS = Constant(
    1_270, "", "tokens of a page embedded as a picture of 1.3 megapixels", "assumed: 32 × 32 a token"
)
PICTURES = Constant(20_000, "tokens/s", "pictures embedded by vLLM", "assumed: no published rate was found")
READING_CORES = Constant(32, "", "cores of a reading machine: a writer, its readers, and Ray", "assumed")
SEARCHING_MEMORY = Constant(100, "GB", "memory for shards on a searching machine of 16 cores and 128 GB", "assumed")
CORE_HOUR = Constant(0.04, "$", "an hour of a core with 4 GB", "assumed")
SEARCHING_HOUR = Constant(0.9, "$", "an hour of a searching machine", "assumed")
GPU_HOUR = Constant(2.5, "$", "an hour of a GPU", "assumed")
STORE_TERABYTE = Constant(23, "$", "a TB of object storage a month", "assumed")
DISK_TERABYTE = Constant(80, "$", "a TB of disk a month", "assumed")
CONSTANTS = (
    *(READ, WRITE, READER_MEMORY, MESSAGE, SCREENSHOTS, DATABASE),
    *(ENTRIES, SHARD_ENTRIES, SHARD_MEMORY, FOLDER_MEMORY, SHARD_SEARCH, ENGINE_ENTRY),
    *(TOKENS, SLOW, FAST, PICTURE_TOKENS, PICTURES),
    *(READING_CORES, SEARCHING_MEMORY, CORE_HOUR, SEARCHING_HOUR, GPU_HOUR, STORE_TERABYTE, DISK_TERABYTE),
)


def report() -> str:
    """Returns the constants, the simulated queue of a writer and the plan for `SIZES`, as Markdown."""
    return "\n\n".join((_constants(), _queue(), _plan(SIZES)))


def _constants() -> str:
    rows = (
        (c.name, f"${c.value:g}" if c.unit == "$" else f"{c.value:,.10g} {c.unit}".strip(), c.basis) for c in CONSTANTS
    )
    return _table(("constant", "value", "basis"), rows)


def _queue() -> str:
    head = ("reading cores", "pages/s", "readers busy", "writer busy", "a file waits for the writer, p50, p95")
    runs = ((cores, simulate(cores, FILES)) for cores in CORES)
    rows = (
        (
            str(cores),
            f"{run.rate:.1f}",
            f"{run.readers:.2f}",
            f"{run.writer:.2f}",
            f"{run.wait_p50:.1f}, {run.wait_p95:.1f} s",
        )
        for cores, run in runs
    )
    return _table(head, rows)


def _plan(sizes: Sequence[int]) -> str:
    rate = simulate(READERS, FILES).rate
    columns = [_column(pages, WRITERS[pages], rate) for pages in sizes]
    head = ("", *(f"{pages:,} pages" for pages in sizes))
    return _table(head, ((name, *(column[name] for column in columns)) for name in columns[0]))


def _column(pages: int, writers: int, rate: float) -> dict[str, str]:
    seconds = pages / (writers * rate)
    shards = math.ceil(pages * ENTRIES.value / SHARD_ENTRIES.value)
    memory = shards * SHARD_MEMORY.value
    machines = math.ceil(memory / SEARCHING_MEMORY.value)
    screenshots, databases = pages * SCREENSHOTS.value, pages * DATABASE.value
    engine = pages * ENTRIES.value * ENGINE_ENTRY.value
    storage = ((screenshots + engine) * STORE_TERABYTE.value + databases * DISK_TERABYTE.value) / 1e9
    slow, fast = (pages * TOKENS.value / published.value / 3600 for published in (SLOW, FAST))
    pictures = pages * PICTURE_TOKENS.value / PICTURES.value / 3600
    hours = pages * READ.value / 3600
    return {
        "**Reading** by writers × cores": f"{writers} × {READERS}",
        f"machines of {READING_CORES.value} cores and {READERS * READER_MEMORY.value:.0f} GB for readers": str(writers),
        f"time: pages / (writers × {rate:.1f} a second)": _time(seconds),
        f"core hours: pages × {READ.value} s": _round(hours),
        "network, workers to writers": f"{writers * rate * MESSAGE.value / 1000:,.0f} MB/s",
        f"**Embedding** text: pages × {TOKENS.value:,} tokens, GPU hours": f"{_round(fast)}–{_round(slow)}",
        f"pictures: pages × {PICTURE_TOKENS.value:,} tokens, GPU hours": _round(pictures),
        "**Storage**: screenshots": _size(screenshots),
        "databases": _size(databases),
        f"LanceDB: pages × {ENTRIES.value} entries": _size(engine),
        "**Searching**: shards (collections) of 1.1 million entries": f"{shards:,}",
        "pages of a shard": f"{SHARD_ENTRIES.value / ENTRIES.value:,.0f}",
        "memory, LanceDB": _size(memory * 1e6),
        "memory, folders": _size(shards * FOLDER_MEMORY.value * 1e6),
        "machines of 16 cores and 128 GB": f"{machines:,}",
        "questions/s of one shard each, their cores 70 % busy": f"{machines * 16 * 0.7 / SHARD_SEARCH.value:,.0f}",
        "**Cost**: reading": f"${_round(hours * CORE_HOUR.value)}",
        "embedding text": f"${_round(fast * GPU_HOUR.value)}–{_round(slow * GPU_HOUR.value)}",
        "embedding pictures": f"${_round(pictures * GPU_HOUR.value)}",
        "storage, a month": f"${_round(storage)}",
        "searching, a month of 730 hours": f"${_round(machines * 730 * SEARCHING_HOUR.value)}",
    }


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _round(value: float) -> str:
    """Returns a number to two digits.

    >>> _round(8.07), _round(1583.3), _round(17638.9)
    ('8.1', '1,600', '18,000')
    """
    digits = 1 - math.floor(math.log10(value))
    return f"{round(value, digits):,.{max(0, digits)}f}"


def _size(kilobytes: float) -> str:
    """Returns a size in words.

    >>> _size(2.48e8), _size(2.48e10)
    ('248 GB', '25 TB')
    """
    return f"{_round(kilobytes / 1e9)} TB" if kilobytes >= 1e9 else f"{kilobytes / 1e6:.0f} GB"


def _time(seconds: float) -> str:
    """Returns a time in hours, or in days from two on.

    >>> _time(60_400), _time(604_000)
    ('17 hours', '7.0 days')
    """
    return f"{seconds / 3600:.0f} hours" if seconds < 172_800 else f"{seconds / 86_400:.1f} days"

"""Libraries of made-up pages at growing sizes, in a folder and with the index in LanceDB.

`report` builds each size in a folder, searches it, moves its index into the engine and searches again. `grow` fills one
library that has its index in the engine from the first page on, and `grow_folder` one whose index is in the folder;
both search it at each size. What is built already is not built again, so that a run may be stopped and repeated.
"""

from __future__ import annotations

import hashlib
import itertools
import multiprocessing
import os
import random
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from octavo.eval.benchmarks.engines import BATCH, DIMENSION, PAGES, made_up_vectors, nearest_exactly
from octavo.eval.benchmarks.made_up_library import MadeUpEmbedder, made_up_texts, write_pages
from octavo.eval.benchmarks.store import compact, truncate_log
from octavo.ingest import Document, Page
from octavo.ingest.store.library import Library
from octavo.rag.embedding import unit
from octavo.rag.entry import Level
from octavo.rag.index import Index
from octavo.rag.index.bm25 import ENGINE as IN_ENGINE, STATE
from octavo.rag.index.build import build_entries
from octavo.rag.index.embedding import EmbeddedDocument
from octavo.rag.index.engine_index import EngineIndex
from octavo.rag.index.moving import move_to_engine
from octavo.rag.index.store import codes
from octavo.rag.query import statements
from octavo.rag.settings import EMBEDDED_ENGINES, IndexOptions

SIZES = (10_000, 100_000)
SEARCHES, COLD, ADDED = 100, 10, 100
"""Searches, searches of files that no cache holds, and documents that a run adds."""
ELSEWHERE = 10**8
"""The page whose vector the first added one has; no size has it."""
K = 60
"""Pages that a search finds, as the first pass does."""
ENGINE: Final = "lancedb"


class Times(NamedTuple):
    """Median and 95th percentile of a call's milliseconds, by the clock and of the processor."""

    median: float
    p95: float
    processor: float
    processor_p95: float

    def __str__(self) -> str:
        return f"{self.median:.0f} / {self.p95:.0f} (processor {self.processor:.0f} / {self.processor_p95:.0f})"


@dataclass(frozen=True)
class SearchTimes:
    """Milliseconds of the clock and of the processor, each as median and 95th percentile.

    `cold` opens the library with its files in no cache and searches by words and by a vector; `first` is the same with
    them cached, once. `added` are processor milliseconds of a document of `PAGES` pages, `taking` those of its share of
    the engine's work. `recall` is that of the nearest ten; `memory` the peak in MB of the process that searches.
    """

    first: float
    cold: Times
    words: Times
    vectors: Times
    recall: float
    added: float
    taking: float
    memory: float

    def __str__(self) -> str:
        return "; ".join(f"{name} {_figures(value)}" for name, value in vars(self).items())


def _figures(value: float | Times) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def report(sizes: Sequence[int], folder: Path) -> None:
    """Builds and searches each size in folders of their own, and prints a line for each step as it is done."""
    for size in sizes:
        library, lance = folder / str(size), folder / f"{size}-lance"
        for name, step in (
            ("built in the folder", _build),
            ("searched in the folder", _search_folder),
            ("moved to LanceDB", _move),
            ("searched in LanceDB", _search_engine),
        ):
            _print(f"{size:,} pages {name}", step, library, lance, size)


def grow(sizes: Sequence[int], folder: Path) -> None:
    """Fills one library to each size and searches it there, and prints a line for each step as it is done."""
    library, lance = folder / "grown", folder / "grown-lance"
    for size in sorted(sizes):
        _print(f"{size:,} pages filled", _fill, library, lance, size)
        _print(f"{size:,} pages searched", _search_engine, library, lance, size)


def grow_folder(sizes: Sequence[int], folder: Path) -> None:
    """Fills one library without an engine to each size and searches it there, and prints a line for each step."""
    library = folder / "grown-folder"
    for size in sorted(sizes):
        _print(f"{size:,} pages filled", _build, library, library, size)
        _print(f"{size:,} pages searched", _search_folder, library, library, size)


def _print(name: str, step: Callable[[Path, Path, int], object], library: Path, lance: Path, size: int) -> None:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), max_tasks_per_child=1) as processes:
        print(f"{name}: {processes.submit(step, library, lance, size).result()}", flush=True)


def _fill(folder: Path, lance: Path, size: int) -> str:
    started, spent = time.perf_counter(), time.process_time()
    with (
        Library(folder) as library,
        closing(EngineIndex(library, ENGINE, str(lance), words=True)) as index,
        library.writer(),
    ):
        at = int(library.get("made-up pages") or 0)
        for first in range(at, size, BATCH):
            with library.transaction() as connection:
                write_pages(connection, first, count_words=True)
                _describe(library)
                library.set(STATE, IN_ENGINE)
                library.set("made-up pages", str(first + BATCH))
        rows, copying = time.process_time() - spent, time.process_time()
        index.build()
        copying = time.process_time() - copying
        truncate_log(library)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"{max(0, size - at):,} pages in {time.perf_counter() - started:.0f} s: {rows:.0f} s of the processor for "
        f"rows, {copying:.0f} s for the engine, {memory:.0f} MB; {_bytes(folder) / size:,.0f} bytes a page in the "
        f"database, {_bytes(lance) / size:,.0f} in the engine"
    )


def _describe(library: Library) -> None:
    library.set("codes", codes.FORMAT)
    library.set("roles", statements.RULES)
    library.set("embedding", f"{MadeUpEmbedder().model_name} ({DIMENSION} dimensions)")


def _build(folder: Path, lance: Path, size: int) -> str:
    started, spent = time.perf_counter(), time.process_time()
    with Library(folder) as library, library.writer():
        at = int(library.get("made-up pages") or 0)
        for first in range(at, size, BATCH):
            with library.transaction() as connection:
                write_pages(connection, first)
                _describe(library)
                library.set("made-up pages", str(first + BATCH))
        truncate_log(library)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"{max(0, size - at):,} pages in {time.perf_counter() - started:.0f} s: {time.process_time() - spent:.0f} s of "
        f"the processor, {memory:.0f} MB; {_bytes(folder) / size:,.0f} bytes a page"
    )


def _move(folder: Path, lance: Path, size: int) -> str:
    spent = time.process_time()
    with Library(folder) as library:
        moved = move_to_engine(library, ENGINE, str(lance), words=True)
        spent = time.process_time() - spent
        compact(library)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"{spent:.0f} s of the processor, {memory:.0f} MB; {_bytes(lance) / size:,.0f} bytes a page in the engine and "
        f"{_bytes(folder) / size:,.0f} in the database; {moved}"
    )


def _search_folder(folder: Path, lance: Path, size: int) -> SearchTimes:
    return _search([folder], folder, EMBEDDED_ENGINES, size)


def _search_engine(folder: Path, lance: Path, size: int) -> SearchTimes:
    return _search([folder, lance], folder, IndexOptions(ENGINE, ENGINE, str(lance)), size)


def _search(folders: Sequence[Path], folder: Path, options: IndexOptions, size: int) -> SearchTimes:
    from octavo.rag.index.engines.lance import waiting_rows

    source = np.random.default_rng(7)
    near = made_up_vectors(0)[source.integers(0, min(size, BATCH), size=SEARCHES)]
    queries = unit(near + 0.02 * source.normal(size=near.shape).astype(np.float32))
    texts = made_up_texts(0)
    queries_of_words = [random.Random(n).sample(texts[n].split(), 4) for n in range(SEARCHES)]  # noqa: S311 - not for secrets

    def cold(n: int) -> None:
        with Library(folder, create=False) as library, closing(Index(library, MadeUpEmbedder(), options)) as index:
            index.words(queries_of_words[n], Level.PAGE, K)
            index.vectors(queries[n], Level.PAGE, K)

    first, _ = _clock(lambda: cold(0))
    times = [_clock(lambda n=n: cold(n)) for n in range(COLD) if _forget(folders)]  # type: ignore[misc]
    with Library(folder, create=False) as library, closing(Index(library, MadeUpEmbedder(), options)) as index:
        results = [[identity for identity, _ in index.vectors(query, Level.PAGE, 10)] for query in queries]
        by_words = [_clock(lambda n=n: index.words(queries_of_words[n], Level.PAGE, K)) for n in range(SEARCHES)]  # type: ignore[misc]
        by_vector = [_clock(lambda n=n: index.vectors(queries[n], Level.PAGE, K)) for n in range(SEARCHES)]  # type: ignore[misc]
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        exact = nearest_exactly(queries, size)
        recall = statistics.mean(len({*a} & {*b}) / 10 for a, b in zip(results, exact, strict=True))
        added, taking = _add(index, f"{options.dense}-{size}", max(2, 1 + waiting_rows(size) // (PAGES * ADDED)))
    return SearchTimes(
        first=first,
        cold=_summary(times),
        words=_summary(by_words),
        vectors=_summary(by_vector),
        recall=recall,
        added=added,
        taking=taking,
        memory=memory,
    )


def _add(index: Index, name: str, runs: int) -> tuple[float, float]:
    """Adds documents in runs of ingest; returns processor milliseconds of one, and of its share of the rest."""
    added, rest, texts = list[float](), 0.0, made_up_texts(0)
    for run in range(runs):
        vectors = made_up_vectors(ELSEWHERE + run)
        with index.writing():
            for n in range(run * ADDED, (run + 1) * ADDED):
                pages = tuple(Page(p, 612, 792, text=texts[(PAGES * n + p) % BATCH]) for p in range(PAGES))
                identity = hashlib.sha256(f"{name} {n}".encode()).hexdigest()[:32]
                document = Document(identity, f"{n}.pdf", f"/{name}/{n}.pdf", "", "application/pdf", pages, ())
                entries = list(build_entries(document))
                spent = time.process_time()
                index.add(
                    document,
                    document.path,
                    embedded=EmbeddedDocument(entries, vectors[(PAGES + 1) * (n % ADDED) :][: len(entries)]),
                )
                added.append(time.process_time() - spent)
            spent = time.process_time()
        rest += time.process_time() - spent
    return 1000 * statistics.median(added), 1000 * rest / (runs * ADDED)


def _forget(folders: Sequence[Path]) -> bool:
    """Drops files from the system's cache."""
    for path in itertools.chain.from_iterable(folder.rglob("*") for folder in folders):
        if path.is_file():
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return True


def _clock(call: Callable[[], object]) -> tuple[float, float]:
    """Returns the milliseconds of a call, by the clock and of the processor."""
    started, spent = time.perf_counter(), time.process_time()
    call()
    return 1000 * (time.perf_counter() - started), 1000 * (time.process_time() - spent)


def _summary(times: Sequence[tuple[float, float]]) -> Times:
    clock, processor = np.quantile(times, (0.5, 0.95), axis=0).T.tolist()
    return Times(*clock, *processor)


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())

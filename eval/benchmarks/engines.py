"""LanceDB under made-up vectors: building, searching, adding a document, at several sizes."""

from __future__ import annotations

import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from octavo.rag.embedding import Vectors, unit
from octavo.rag.entry import EntryId
from octavo.rag.index.engines.base import EntryPlace, EntryRows

SIZES = (10_000, 100_000)
DIMENSION = 256
BATCH = 10_000
TOPICS = 2_000
"""Directions that vectors lie around."""
QUERIES = 100
K = 10
PAGES = 10
"""Pages of a document that is added."""


@dataclass(frozen=True)
class EngineFigures:
    """Figures of one size: processor seconds to build, bytes a page, and milliseconds of the clock and the processor.

    `first` is the first search after opening, in milliseconds of the clock; `added` processor milliseconds of adding a
    document of `PAGES` pages, without taking it up in the index; `memory` the peak of the searching process, MB.
    """

    pages: int
    build: float
    size: float
    first: float
    median: float
    p95: float
    processor: float
    recall: float
    added: float
    memory: float

    def __str__(self) -> str:
        return (
            f"engines: {self.pages:,} pages, built in {self.build:.0f} s of the processor, {self.size:,.0f} "
            f"bytes a page; "
            f"first search {self.first:.0f} ms, then p50 {self.median:.1f} ms, p95 {self.p95:.1f} ms "
            f"({self.processor:.1f} ms of the processor), recall@{K} {self.recall:.3f}; a document of {PAGES} pages "
            f"added in {self.added:.0f} ms of the processor; {self.memory:.0f} MB"
        )


def report(sizes: Sequence[int] = SIZES) -> str:
    """Returns a line for each size; each is built and searched in processes of their own."""
    with tempfile.TemporaryDirectory() as folder:
        return "\n".join(str(_apart(Path(folder, str(size)), size)) for size in sizes)


def _apart(folder: Path, pages: int) -> EngineFigures:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), max_tasks_per_child=1) as processes:
        built = processes.submit(_build, str(folder), pages).result()
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / pages
        return processes.submit(_search, str(folder), pages, built, size).result()


def _build(folder: str, pages: int) -> float:
    from octavo.rag.index.engines.lance import LanceEngine

    engine, spent = LanceEngine(folder), 0.0
    for at in range(0, pages, BATCH):
        rows = made_up_vectors(at)[: pages - at]
        started = time.process_time()
        engine.add("page", _rows(at, rows))
        spent += time.process_time() - started
    started = time.process_time()
    engine.finish("page")
    return spent + time.process_time() - started


def _search(folder: str, pages: int, built: float, size: float) -> EngineFigures:
    from octavo.rag.index.engines.lance import LanceEngine

    source = np.random.default_rng(7)
    near = [
        made_up_vectors(0)[n] + 0.02 * source.normal(size=DIMENSION) for n in source.integers(0, 10_000, size=QUERIES)
    ]
    queries = unit(np.array(near, dtype=np.float32))
    started = time.perf_counter()
    engine = LanceEngine(folder)
    engine.search("page", queries[0], K)
    first = time.perf_counter() - started
    clock, processor, results = list[float](), list[float](), list[list[str]]()
    for query in queries:
        started, spent = time.perf_counter(), time.process_time()
        results.append(engine.search("page", query, K))
        clock.append(time.perf_counter() - started)
        processor.append(time.process_time() - spent)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    added = list[float]()
    for n in range(5):
        spent = time.process_time()
        engine.add("page", _rows(pages + n * PAGES, made_up_vectors(0)[:PAGES]))
        added.append(time.process_time() - spent)
    exact = nearest_exactly(queries, pages)
    recall = statistics.mean(len({*a} & {*b}) / K for a, b in zip(results, exact, strict=True))
    return EngineFigures(
        pages=pages,
        build=built,
        size=size,
        first=1000 * first,
        median=1000 * statistics.median(clock),
        p95=1000 * float(np.quantile(clock, 0.95)),
        processor=1000 * statistics.mean(processor),
        recall=recall,
        added=1000 * statistics.median(added),
        memory=memory,
    )


def made_up_vectors(at: int) -> Vectors:
    """Returns the vectors of `BATCH` pages from page `at` on, the same for the same page."""
    topics = np.random.default_rng(0).normal(size=(TOPICS, DIMENSION)).astype(np.float32)
    source = np.random.default_rng(at + 1)
    rows = topics[source.integers(0, TOPICS, size=BATCH)]
    return unit(0.7 * rows + source.normal(size=(BATCH, DIMENSION)).astype(np.float32))


def _rows(at: int, vectors: Vectors) -> EntryRows:
    """Returns the pages from number `at` on as rows of an engine."""
    pages = range(at, at + len(vectors))
    return EntryRows(
        ids=[EntryId.of_page(f"{n // PAGES:032x}", n % PAGES) for n in pages],
        vectors=vectors,
        places=[EntryPlace(n, n % PAGES, n % PAGES, ()) for n in pages],
    )


def nearest_exactly(queries: Vectors, pages: int) -> list[list[str]]:
    """Returns the `K` nearest pages of each query, best first, by comparing all."""
    best: list[list[tuple[float, int]]] = [[] for _ in queries]
    for at in range(0, pages, BATCH):
        products: NDArray[np.float32] = queries @ made_up_vectors(at)[: pages - at].T
        for best_of_query, row in zip(best, products, strict=True):
            top = np.argpartition(row, -K)[-K:]
            best_of_query[:] = sorted([*best_of_query, *((float(row[n]), at + int(n)) for n in top)], reverse=True)[:K]
    return [[f"{n // PAGES:032x}/p{n % PAGES}" for _, n in best_of_query] for best_of_query in best]

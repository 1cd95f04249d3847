"""Searching and extending libraries of made-up documents of ten pages, by seconds of the processor."""

from __future__ import annotations

import multiprocessing
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from octavo.eval.benchmarks import synthetic
from octavo.rag import Pipeline

SIZES = (1_000, 10_000)
QUESTIONS = 40
ADDED = 5
"""Documents that are added, one by one."""


@dataclass(frozen=True)
class SearchFigures:
    """Milliseconds of the processor: the first search after opening, a usual search, and adding ten pages."""

    pages: int
    first: float
    search: float
    add: float

    def __str__(self) -> str:
        return (
            f"search: {self.search:.1f} ms a question over {self.pages:,} pages, {self.first:.0f} ms for the first "
            f"after opening, {self.add:.0f} ms to add ten pages"
        )


def report(sizes: Sequence[int] = SIZES, libraries: Path | None = None) -> str:
    """Returns medians for libraries of each size; `libraries` is where they are kept, to be used again."""
    with tempfile.TemporaryDirectory() as folder:
        return "\n".join(str(_apart(Path(libraries or folder, f"synthetic-{size}"), size)) for size in sizes)


def _apart(library: Path, pages: int) -> SearchFigures:
    """Measures in a process of its own, in which nothing is loaded yet."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), max_tasks_per_child=1) as processes:
        processes.submit(_fill, library, pages).result()
        return processes.submit(measure, library, pages).result()


def _fill(library: Path, pages: int) -> None:
    with Pipeline(library) as pipeline:
        synthetic.fill(pipeline, pages)


def measure(library: Path, pages: int) -> SearchFigures:
    """Searches and extends a library of made-up documents with that many pages."""
    source = random.Random(7)  # noqa: S311 - not for secrets
    started = time.process_time()
    with Pipeline(library) as pipeline:
        pipeline.search(synthetic.words(source, 8), k=5)
        first = time.process_time() - started
        searches = [_seconds_of(pipeline, synthetic.words(source, 8)) for _ in range(QUESTIONS)]
        added = []
        for n in range(ADDED):
            document = synthetic.document(time.time_ns() + n)
            started = time.process_time()
            pipeline.index.add(document, Path(document.path))
            added.append(time.process_time() - started)
            pipeline.remove(document.id)
    return SearchFigures(pages, first * 1000, statistics.median(searches) * 1000, statistics.median(added) * 1000)


def _seconds_of(pipeline: Pipeline, question: str) -> float:
    started = time.process_time()
    pipeline.search(question, k=5)
    return time.process_time() - started

"""Ingesting pages with a text layer, beside the bare calls that no ingest can do without."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from octavo.ingest import ReadOptions
from octavo.ingest.workers.process import Worker
from octavo.rag import Pipeline, Settings

ROUNDS = 3


def bare(files: Sequence[Path], dpi: int, first: int, step: int) -> int:
    """Renders, extracts and lays out every `step`th page from `first` on, and keeps nothing; returns how many."""
    import pymupdf
    import pymupdf.layout

    count = 0
    for file in files:
        with pymupdf.open(file) as document:
            for number in range(first, document.page_count, step):
                page = document[number]
                page.get_pixmap(dpi=dpi, alpha=False)
                page.get_text("dict")
                page.get_layout()
                count += 1
    return count


def report(files: Sequence[Path], workers: int = 2) -> str:
    """Returns the speed of `Pipeline.ingest` as a share of the bare calls', both on `workers` processes, in turns."""
    ratios, pages = [], 0
    files = [file.resolve() for file in files]
    for _ in range(ROUNDS):
        own, pages = _octavo(files, workers)
        ratios.append(_bare(files, workers) / own)
    spread = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    return f"ingest: {statistics.median(ratios):.2f} of the speed of the bare calls ({spread}; {pages} pages)"


def _octavo(files: Sequence[Path], workers: int) -> tuple[float, int]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(library=Path(folder), reading=ReadOptions(workers=workers))
        with Pipeline(settings) as pipeline:
            started = time.perf_counter()
            results = pipeline.ingest(*files)
            return time.perf_counter() - started, sum(result.pages for result in results)


def _bare(files: Sequence[Path], workers: int) -> float:
    readers = [Worker(memory=4_000) for _ in range(workers)]
    started = time.perf_counter()
    try:
        with ThreadPoolExecutor(workers) as threads:
            calls = [
                threads.submit(reader.call, bare, files, ReadOptions().dpi, n, workers, timeout=3_600)
                for n, reader in enumerate(readers)
            ]
            for call in calls:
                call.result()
        return time.perf_counter() - started
    finally:
        for reader in readers:
            reader.stop()

"""Searching libraries of 1,000 and 10,000 made-up pages."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from pathlib import Path

from octavo.eval.benchmarks import synthetic
from octavo.rag import Pipeline

SIZES = (1_000, 10_000)
QUESTIONS = 60


def report() -> str:
    """Median times of `Pipeline.search` at page level, and how they grow with the library."""
    with tempfile.TemporaryDirectory() as folder:
        pipelines = [Pipeline(Path(folder, str(size))) for size in SIZES]
        for pipeline, size in zip(pipelines, SIZES, strict=True):
            synthetic.fill(pipeline, size)
        source = random.Random(7)  # noqa: S311 - not for secrets
        times: list[list[float]] = [[] for _ in SIZES]
        for n in range(QUESTIONS + 5):
            question = synthetic.words(source, 8)
            for pipeline, taken in zip(pipelines, times, strict=True):
                started = time.perf_counter()
                pipeline.search(question, k=5)
                if n >= 5:
                    taken.append(time.perf_counter() - started)
        for pipeline in pipelines:
            pipeline.close()
    small, large = (statistics.median(taken) * 1000 for taken in times)
    grown = f"{large / small:.2f} times that over {SIZES[0]:,} ({small:.1f} ms)"
    return f"search: p50 {large:.1f} ms over {SIZES[1]:,} pages, {grown}"

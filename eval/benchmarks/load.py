"""Load on whatever answers questions: several callers for a while, and the times of their calls."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx

from octavo.rag import Pipeline

QUESTIONS = 60
WORDS = 6
"""Words of a question, taken from the documents."""


def questions_of(pipeline: Pipeline) -> list[str]:
    """Returns questions of words that stand in the first documents, the same ones each time."""
    draw = random.Random(3)  # noqa: S311 - not for secrets
    words = [
        word
        for info in pipeline.documents()[:20]
        for page in pipeline.document(info.id).pages[:20]
        for word in page.text.split()
        if word.isalpha()
    ]
    return [f"{' '.join(draw.choices(words, k=WORDS))}?" for _ in range(QUESTIONS)]


def measure_calls(ask: Callable[[str], object], questions: Sequence[str], clients: int, seconds: float) -> list[float]:
    """Returns the seconds of each call that ended within the time."""
    end = time.perf_counter() + seconds

    def work(number: int) -> list[float]:
        durations, place = [], number
        while (started := time.perf_counter()) < end:
            ask(questions[place % len(questions)])
            durations.append(time.perf_counter() - started)
            place += clients
        return durations

    with ThreadPoolExecutor(clients) as threads:
        return [duration for durations in threads.map(work, range(clients)) for duration in durations]


def describe_times(durations: Sequence[float]) -> str:
    """Returns the median and the 95th percentile of seconds, in words."""
    cuts = statistics.quantiles(durations, n=20)
    return f"p50 {cuts[9] * 1000:.0f} ms, p95 {cuts[18] * 1000:.0f} ms"


def read_gauge(url: str, name: str) -> float:
    """Returns a number of the metrics of the service at `url`."""
    text = httpx.get(f"{url}/metrics").text
    return float(next(line.split()[1] for line in text.splitlines() if line.startswith(f"{name} ")))

"""A running service under load, beside the same questions put to the library in this process."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from octavo.client import Client
from octavo.rag import Pipeline

SECONDS = 10.0
"""The seconds for which each part is measured."""
QUESTIONS = 60
WORDS = 6
"""Words of a question, taken from the documents."""


def report(url: str, library: Path, clients: int = 8) -> str:
    """Requests a second and times of search and ask through HTTP, and of the bare pipeline with as many threads.

    `library` is a copy of the service's collection `default`.
    """
    with Pipeline(library) as pipeline, Client(url) as client:
        questions = _questions(pipeline)
        parts: dict[str, tuple[Callable[[str], object], Callable[[str], object]]] = {
            "search": (lambda q: pipeline.search(q, k=5), lambda q: client.search(q, k=5)),
            "ask": (pipeline.ask, client.ask),
        }
        lines = [f"{clients} clients, {SECONDS:.0f} s each:"]
        for name, (bare, served) in parts.items():
            for question in questions[:5]:
                bare(question), served(question)
            alone, through = _load(bare, questions, clients), _load(served, questions, clients)
            lines.append(
                f"{name}: {_rate(through):.1f}/s, {_times(through)} through HTTP; {_rate(alone):.1f}/s, {_times(alone)}"
                f" bare; {_rate(through) / _rate(alone):.2f} of the bare rate"
            )
    return "\n".join(lines)


def _questions(pipeline: Pipeline) -> list[str]:
    draw = random.Random(3)  # noqa: S311 - not for secrets
    words = [
        word
        for info in pipeline.documents()[:20]
        for page in pipeline.document(info.id).pages[:20]
        for word in page.text.split()
        if word.isalpha()
    ]
    return [f"{' '.join(draw.choices(words, k=WORDS))}?" for _ in range(QUESTIONS)]


def _load(ask: Callable[[str], object], questions: Sequence[str], clients: int) -> list[float]:
    """Returns the seconds of each call that ended within the time."""
    end = time.perf_counter() + SECONDS

    def work(number: int) -> list[float]:
        taken, place = [], number
        while (started := time.perf_counter()) < end:
            ask(questions[place % len(questions)])
            taken.append(time.perf_counter() - started)
            place += clients
        return taken

    with ThreadPoolExecutor(clients) as threads:
        return [seconds for taken in threads.map(work, range(clients)) for seconds in taken]


def _rate(taken: Sequence[float]) -> float:
    return len(taken) / SECONDS


def _times(taken: Sequence[float]) -> str:
    cuts = statistics.quantiles(taken, n=20)
    return f"p50 {cuts[9] * 1000:.0f} ms, p95 {cuts[18] * 1000:.0f} ms"

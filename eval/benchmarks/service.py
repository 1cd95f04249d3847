"""A running service under load, beside the same questions put to the library in this process."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from octavo.client import Client
from octavo.rag import Pipeline

SECONDS = 10.0
"""The seconds for which each part is measured."""
QUESTIONS = 60
WORDS = 6
"""Words of a question, taken from the documents."""


CROWD = 100
"""Askers that ask at once, without a pause."""
CROWD_SECONDS = 120.0


def report(url: str, library: Path, clients: int = 8) -> str:
    """Requests a second and times of search, ask and streaming through HTTP, and of the bare pipeline.

    The pipeline is asked by as many threads. Then `CROWD` askers ask for `CROWD_SECONDS`: their answers are compared
    with those of the pipeline, and the memory of the service is read from `/metrics`. `library` is a copy of the
    service's collection `default`.
    """
    with Pipeline(library) as pipeline, Client(url) as client:
        questions = _questions(pipeline)
        parts: dict[str, tuple[Callable[[str], object], Callable[[str], object]]] = {
            "search": (lambda q: pipeline.search(q, k=5), lambda q: client.search(q, k=5)),
            "ask": (pipeline.ask, client.ask),
            "stream": (lambda q: list(pipeline.stream(q)), lambda q: list(client.stream(q))),
        }
        lines = [f"{clients} clients, {SECONDS:.0f} s each:"]
        for name, (bare, served) in parts.items():
            for question in questions[:5]:
                bare(question), served(question)
            started = time.process_time()
            alone = _load(bare, questions, clients)
            own = (time.process_time() - started) / len(alone)
            before = _gauge(url, "process_cpu_seconds_total")
            through = _load(served, questions, clients)
            spent = (_gauge(url, "process_cpu_seconds_total") - before) / len(through)
            lines.append(
                f"{name}: {_rate(through):.1f}/s, {_times(through)} through HTTP; {_rate(alone):.1f}/s, {_times(alone)}"
                f" bare; {_rate(through) / _rate(alone):.2f} of the bare rate; {spent * 1000:.1f} ms of the service's"
                f" processor each, {own * 1000:.1f} ms bare"
            )
        lines.append(_crowd(pipeline, client, url, questions))
    return "\n".join(lines)


def _crowd(pipeline: Pipeline, client: Client, url: str, questions: Sequence[str]) -> str:
    """Has many ask at once, and compares what they are told with what the pipeline says."""
    expected = {question: pipeline.ask(question).text for question in questions}
    wrong: list[str] = []

    def ask(question: str) -> None:
        if client.ask(question).text != expected[question]:
            wrong.append(question)

    memory = [_gauge(url, "process_resident_memory_bytes") / 1e6]
    answers = 0
    for _ in range(4):
        answers += len(_load(ask, questions, CROWD, CROWD_SECONDS / 4))
        memory.append(_gauge(url, "process_resident_memory_bytes") / 1e6)
    return (
        f"{CROWD} askers, {CROWD_SECONDS:.0f} s: {answers} answers, {len(wrong)} others than the pipeline's; "
        f"memory {', '.join(f'{value:.0f}' for value in memory)} MB"
    )


def _gauge(url: str, name: str) -> float:
    """Returns a number of the service's metrics."""
    text = httpx.get(f"{url}/metrics").text
    return float(next(line.split()[1] for line in text.splitlines() if line.startswith(f"{name} ")))


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


def _load(
    ask: Callable[[str], object], questions: Sequence[str], clients: int, seconds: float = SECONDS
) -> list[float]:
    """Returns the seconds of each call that ended within the time."""
    end = time.perf_counter() + seconds

    def work(number: int) -> list[float]:
        taken, place = [], number
        while (started := time.perf_counter()) < end:
            ask(questions[place % len(questions)])
            taken.append(time.perf_counter() - started)
            place += clients
        return taken

    with ThreadPoolExecutor(clients) as threads:
        return [one for taken in threads.map(work, range(clients)) for one in taken]


def _rate(taken: Sequence[float]) -> float:
    return len(taken) / SECONDS


def _times(taken: Sequence[float]) -> str:
    cuts = statistics.quantiles(taken, n=20)
    return f"p50 {cuts[9] * 1000:.0f} ms, p95 {cuts[18] * 1000:.0f} ms"

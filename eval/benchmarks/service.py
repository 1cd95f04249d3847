"""A running service under load, beside the same questions put to the library in this process."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from octavo.client import Client
from octavo.eval.benchmarks.load import describe_times, measure_calls, questions_of, read_gauge
from octavo.rag import Pipeline

SECONDS = 10.0
"""The seconds for which each part is measured."""
CROWD = 100
"""Askers that ask at once, without a pause."""
CROWD_SECONDS = 120.0


def report(url: str, library: Path, clients: int = 8) -> str:
    """Returns requests a second and times of search, ask and streaming through HTTP, and of the bare pipeline.

    The pipeline is asked by as many threads. Then `CROWD` askers ask for `CROWD_SECONDS`: their answers are compared
    with those of the pipeline, and the memory of the service is read from `/metrics`. `library` is a copy of the
    service's collection `default`.
    """
    with Pipeline(library) as pipeline, Client(url) as client:
        questions = questions_of(pipeline)
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
            alone = measure_calls(bare, questions, clients, SECONDS)
            own = (time.process_time() - started) / len(alone)
            before = read_gauge(url, "process_cpu_seconds_total")
            through = measure_calls(served, questions, clients, SECONDS)
            spent = (read_gauge(url, "process_cpu_seconds_total") - before) / len(through)
            lines.append(
                f"{name}: {len(through) / SECONDS:.1f}/s, {describe_times(through)} through HTTP; "
                f"{len(alone) / SECONDS:.1f}/s, {describe_times(alone)} bare; {len(through) / len(alone):.2f} of the "
                f"bare rate; {spent * 1000:.1f} ms of the service's processor each, {own * 1000:.1f} ms bare"
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

    memory = [read_gauge(url, "process_resident_memory_bytes") / 1e6]
    answers = 0
    for _ in range(4):
        answers += len(measure_calls(ask, questions, CROWD, CROWD_SECONDS / 4))
        memory.append(read_gauge(url, "process_resident_memory_bytes") / 1e6)
    return (
        f"{CROWD} askers, {CROWD_SECONDS:.0f} s: {answers} answers, {len(wrong)} others than the pipeline's; "
        f"memory {', '.join(f'{value:.0f}' for value in memory)} MB"
    )

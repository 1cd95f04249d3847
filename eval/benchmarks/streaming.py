"""Answers of a model that stream through the service, beside the same streams from the model's server itself."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from octavo.eval.benchmarks.load import describe_times, measure_calls, questions_of
from octavo.rag import Pipeline

ROUNDS = 3
SECONDS = 15.0
"""The seconds of a round for each of the two."""
_OPTIONS = {"OCTAVO_ANSWERING__STEPS": "0", "OCTAVO_LLM_IMAGES": "0", "OCTAVO_LLM_MODEL": "scripted"}
"""One request to the model for each question, without pictures, so that both streams are the same work for it."""


def report(library: Path, clients: int = 8) -> str:
    """Answers a second and their times through the service, beside those of a scripted model server alone.

    Both run as processes of their own, and are asked in turns by as many clients; `library` is served.
    """
    with Pipeline(library) as pipeline:
        questions = questions_of(pipeline)
    model = [sys.executable, "-m", "octavo.eval.benchmarks.scripted_model"]
    with _running(model) as bare:
        serve = [sys.executable, "-m", "octavo", "serve", "--no-chat", "--port", "0", "--library", str(library)]
        with _running([*serve, "--llm-url", bare]) as served, httpx.Client(timeout=120) as http:
            ways = {"the model's server": f"{bare}/chat/completions", "the service": f"{served}/v1/chat/completions"}
            taken: dict[str, list[float]] = {way: [] for way in ways}
            first: dict[str, list[float]] = {way: [] for way in ways}
            for url in ways.values():
                _Asked(http, url, [])(questions[0])  # what is loaded for the first question is no part of it
            for _ in range(ROUNDS):
                for way, url in ways.items():
                    work = _Asked(http, url, first[way])
                    taken[way] += measure_calls(work, questions, clients, SECONDS)
    return "\n".join(_lines(taken, first, clients))


def _lines(taken: dict[str, list[float]], first: dict[str, list[float]], clients: int) -> Iterator[str]:
    yield f"{clients} clients, {ROUNDS} rounds of {SECONDS:.0f} s each:"
    for way, times in taken.items():
        rate = len(times) / (ROUNDS * SECONDS)
        yield f"{way}: {rate:.2f} answers/s, {describe_times(times)}; first words {describe_times(first[way])}"
    alone, through = taken.values()
    yield f"{len(through) / len(alone):.3f} of the throughput of the model's server"


class _Asked:
    """Asks a question and reads the stream to its end; the seconds until the first words are added to `first`."""

    def __init__(self, http: httpx.Client, url: str, first: list[float]) -> None:
        self._http, self._url, self._first = http, url, first

    def __call__(self, question: str) -> None:
        started, text = time.perf_counter(), ""
        asked = {
            "model": "default",
            "messages": [{"role": "user", "content": question}],
            "stream": True,
            "threshold": 0,
        }
        with self._http.stream("POST", self._url, json=asked) as response:
            response.raise_for_status()
            for line in response.iter_lines():
                if not text and (said := re.search(r'"content": ?"([^"]+)"', line)):
                    text = said[1]
                    self._first.append(time.perf_counter() - started)


@contextmanager
def _running(command: Sequence[str]) -> Iterator[str]:
    """The address that a server prints when it is ready; it ends with the block."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **_OPTIONS}) as process:
        assert process.stdout is not None
        try:
            address = re.search(r"http://[\w.:/]+", process.stdout.readline())
            assert address is not None, f"{command[2]} did not start"
            yield address[0]
        finally:
            process.terminate()

"""Answers of a model that stream through the service, beside the same streams from the model's server itself."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from octavo.eval.benchmarks.load import describe_times, measure_calls, questions_of, read_gauge
from octavo.rag import Pipeline
from octavo.rag.answering.prompt import Budget, prompt

ROUNDS = 3
SECONDS = 15.0
"""The seconds of a round for each of the two."""
WARM_UP = 3.0
"""Seconds that each is asked before it is measured."""
MAX_TOKENS = 128
"""Tokens of an answer of a real model."""
_OPTIONS = {
    "OCTAVO_ANSWERING__STEPS": "0",
    "OCTAVO_LLM_IMAGES": "0",
    "OCTAVO_LLM_MAX_TOKENS": f"{MAX_TOKENS}",
    "OCTAVO_THRESHOLD": "0",
}
"""One request to the model for each question, without pictures, so that both streams are the same work for it."""
_CONTENT = re.compile(r'"content": ?"[^"]')
_MARGIN = 128
"""Tokens that a prompt leaves free."""

Messages = list[dict[str, str]]


def report(library: Path, clients: int = 8, *, url: str = "", batched: bool = False) -> str:
    """Answers a second and their times through the service, beside those of the model's server alone.

    Both are asked in turns by as many clients, the server with the prompts that the service makes; `library` is served.
    `url` is the base URL of a model's server, such as vLLM's. Without one a scripted server is started, whose answers
    take the same time each, or with `batched` longer the more of them it writes.
    """
    with ExitStack() as running:
        if not url:
            model = [sys.executable, "-m", "octavo.eval.benchmarks.scripted_model", *(["--batched"] if batched else [])]
            url = running.enter_context(_running(model))
        serve = [sys.executable, "-m", "octavo", "serve", "--no-chat", "--port", "0", "--library", str(library)]
        served = running.enter_context(_running([*serve, "--llm-url", url]))
        http = running.enter_context(httpx.Client(timeout=300))
        name, context = _model(http, url)
        with Pipeline(library) as pipeline:
            questions = questions_of(pipeline)
            prompts = {question: _prompt(pipeline, question, context) for question in questions}
        alone = _Way("the model's server", http, f"{url}/chat/completions", name, prompts)
        through = _Way("the service", http, f"{served}/v1/chat/completions", "default", {})
        for way in (alone, through):
            measure_calls(way, questions, clients, WARM_UP)  # what first questions load is no part of it
            way.until_first.clear()
        spent = 0.0
        for _ in range(ROUNDS):
            alone.durations += measure_calls(alone, questions, clients, SECONDS)
            before = read_gauge(served, "process_cpu_seconds_total")
            through.durations += measure_calls(through, questions, clients, SECONDS)
            spent += read_gauge(served, "process_cpu_seconds_total") - before
    return "\n".join(
        [
            f"{clients} clients, {ROUNDS} rounds of {SECONDS:.0f} s each:",
            *(way.describe(clients) for way in (alone, through)),
            f"{spent / len(through.durations) * 1000:.0f} ms of the service's processor for each answer",
            f"{through.rate(clients) / alone.rate(clients):.3f} of the throughput of the model's server",
        ]
    )


@dataclass(slots=True)
class _Way:
    """Asks a question at a URL and reads the stream to its end.

    `until_first` gains the seconds until the first words, `durations` are those of whole answers.
    """

    name: str
    http: httpx.Client
    url: str
    model: str
    prompts: dict[str, Messages]
    until_first: list[float] = field(default_factory=list)
    durations: list[float] = field(default_factory=list)

    def __call__(self, question: str) -> None:
        started, is_first = time.perf_counter(), True
        request: dict[str, Any] = {
            "model": self.model,
            "messages": self.prompts.get(question) or [{"role": "user", "content": question}],
            "stream": True,
            "max_tokens": MAX_TOKENS,
        }
        with self.http.stream("POST", self.url, json=request) as response:
            response.raise_for_status()
            for line in response.iter_lines():
                if is_first and _CONTENT.search(line):
                    is_first = False
                    self.until_first.append(time.perf_counter() - started)

    def rate(self, clients: int) -> float:
        """Returns the answers a second that a number of clients get."""
        return clients * len(self.durations) / sum(self.durations)

    def describe(self, clients: int) -> str:
        """Returns the answers a second and their times, in words."""
        first = describe_times(self.until_first)
        return f"{self.name}: {self.rate(clients):.2f} answers/s, {describe_times(self.durations)}; first words {first}"


def _model(http: httpx.Client, url: str) -> tuple[str, int]:
    """Returns the name of the model at a URL and its context in tokens."""
    model = http.get(f"{url}/models").json()["data"][0]
    return model["id"], model["max_model_len"]


def _prompt(pipeline: Pipeline, question: str, context: int) -> Messages:
    """Returns the messages that the service sends for a question."""
    evidence = pipeline.search(question, level="chunk")
    budget = Budget(context - MAX_TOKENS - _MARGIN, 0, 0)
    messages = prompt(question, evidence, pipeline.library, budget).messages
    return [{"role": message.role, "content": message.text} for message in messages]


@contextmanager
def _running(command: Sequence[str]) -> Iterator[str]:
    """Returns the address that a server prints when it is ready; it ends with the block."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **_OPTIONS}) as process:
        assert process.stdout is not None
        try:
            address = re.search(r"http://[\w.:/]+", process.stdout.readline())
            assert address is not None, f"{command[2]} did not start"
            yield address[0]
        finally:
            process.terminate()

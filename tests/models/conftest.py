"""Real vLLM servers with tiny models, for the tests that `make test-models` runs.

They need two environment variables, and skip, saying so, without them: `OCTAVO_TEST_VLLM` is a `vllm` program, and
`OCTAVO_TEST_MODELS` a folder with a tiny model of random weights in `qwen3vl/`, as `python -m tests.models.tiny_qwen`
makes it.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from octavo.rag.clients.errors import EndpointError
from octavo.rag.clients.http import Endpoint, SettingNames

RERANKER = (
    '{"architectures": ["Qwen3VLForSequenceClassification"], "classifier_from_token": ["no", "yes"],'
    ' "is_original_qwen3_reranker": true}'
)
KINDS = {
    "chat": (),
    "embedding": ("--runner", "pooling"),
    "tokens": ("--runner", "pooling", "--pooler-config", '{"task": "token_embed"}'),
    "reranker": ("--runner", "pooling", "--hf-overrides", RERANKER),
}
START = 600.0
"""Seconds that a server may take to start."""


@dataclass(frozen=True)
class Live:
    """A server that answers: its base URL, and the name of its model."""

    url: str
    model: str


@pytest.fixture(scope="session")
def vllm() -> str:
    """The vllm program."""
    program = os.environ.get("OCTAVO_TEST_VLLM", "")
    if not program:
        pytest.skip("OCTAVO_TEST_VLLM does not name a vllm program")
    return program


def tiny() -> Path:
    """The folder of a tiny Qwen3-VL."""
    folder = os.environ.get("OCTAVO_TEST_MODELS", "")
    if not folder:
        pytest.skip("OCTAVO_TEST_MODELS does not name a folder of tiny models")
    return Path(folder) / "qwen3vl"


@pytest.fixture(scope="session")
def live(vllm: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Live]]:
    """Gives the server of a kind, for the tiny model or one in a folder, which is started when first asked for."""
    started: dict[tuple[str, Path], tuple[Live, subprocess.Popen[bytes]]] = {}
    logs = tmp_path_factory.mktemp("vllm")

    def get(kind: str, folder: Path | None = None) -> Live:
        key = kind, folder or tiny()
        if key not in started:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
            command = [vllm, "serve", str(key[1]), "--port", str(port), "--served-model-name", "tiny"]
            command += ["--max-model-len", "2048", "--enforce-eager", *KINDS[kind]]
            log_file = logs / f"{kind}-{len(started)}.log"
            with log_file.open("wb") as log:
                process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
            started[key] = Live(f"http://127.0.0.1:{port}/v1", "tiny"), process
            _await(*started[key], log_file)
        server, process = started[key]
        assert process.poll() is None, f"vLLM ended by itself: {key}"
        return server

    yield get
    for _, process in started.values():
        process.terminate()
    for _, process in started.values():
        process.wait(60)


def _await(server: Live, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START
    while time.monotonic() < until and process.poll() is None:
        try:
            Endpoint(server.url, SettingNames.under("")).models()
            return
        except EndpointError:
            time.sleep(0.5)
    raise AssertionError(f"vLLM did not start: {log.read_text()[-3000:]}")

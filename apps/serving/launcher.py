"""Which vLLM servers a machine can bear, and how each is started: commands, containers, processes."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, NoReturn

from octavo.ingest import OctavoError
from octavo.rag.clients.http import Endpoint, EndpointError, SettingNames
from octavo.rag.model_cards import CHAT, EMBEDDERS, RERANKERS, TEMPLATES, ModelCard, ServedCard

PORTS = {"chat": 8000, "embedding": 8001, "reranker": 8002}
PROFILES = {
    "small": {
        "chat": "Qwen/Qwen3-VL-4B-Instruct Qwen/Qwen3-VL-2B-Instruct",
        "embedding": "Qwen/Qwen3-VL-Embedding-2B",
        "reranker": "Qwen/Qwen3-VL-Reranker-2B",
    },
    "large": {
        "chat": "Qwen/Qwen3-VL-32B-Instruct Qwen/Qwen3-VL-8B-Instruct Qwen/Qwen3-VL-4B-Instruct",
        "embedding": "Qwen/Qwen3-VL-Embedding-8B",
        "reranker": "Qwen/Qwen3-VL-Reranker-8B",
    },
}
"""Models by role; of several chat models, the first that fits is taken."""
ASSUMED = {"small": 24.0, "large": 80.0}
"""GiB of the GPU that commands are written for where there is none."""
_ROOM = {"chat": 4.0, "embedding": 2.5, "reranker": 2.5}
"""GiB that a server needs beside its weights: activations, CUDA graphs, a little cache."""
_PATIENCE = 30.0
"""Seconds that servers have to end."""
_USABLE = 0.92
"""The share of a GPU that servers may take together."""


class DoesNotFitError(OctavoError):
    """Models need more GPU memory than there is."""


@dataclass(frozen=True, slots=True)
class Server:
    """One vLLM server: what it is for, its model, and the share of a GPU that it may take (0: no GPU)."""

    role: str
    card: ModelCard | ServedCard
    model: str
    port: int
    gpu: int
    share: float

    def arguments(self, templates: str) -> list[str]:
        """The arguments of `vllm`, with the folder where its template lies."""
        template = ["--chat-template", f"{templates}/{self.card.template}"] if self.card.template else []
        share = ["--gpu-memory-utilization", f"{self.share:.2f}"] if self.share else []
        return ["serve", self.model, "--port", str(self.port), *share, *self.card.serve, *template]

    def settings(self) -> dict[str, str]:
        """The environment variables that make Octavo use it."""
        url = f"http://127.0.0.1:{self.port}/v1"
        if self.role == "chat":
            return {"OCTAVO_LLM_URL": url, "OCTAVO_LLM_MODEL": self.model}
        part, kind = ("EMBEDDING", "served") if self.role == "embedding" else ("RELEVANCY", "rerank")
        made = {"KIND": kind, "URL": url, "MODEL": self.model}
        if self.model != self.card.name and self.role == "embedding":
            made["CARD"] = self.card.name
        return {f"OCTAVO_{part}__{key}": value for key, value in made.items()}


def gpus() -> list[float]:
    """GiB of each GPU that `nvidia-smi` finds; none where it is absent, hangs, fails, or does not tell."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    command = [program, "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
        return [float(line) / 1024 for line in done.stdout.splitlines()]
    except (subprocess.SubprocessError, OSError, ValueError):
        return []


def plan(models: dict[str, str], memory: Sequence[float], *, cpu: bool = False) -> list[Server]:
    """Servers for models by role (names by spaces: the first that fits), spread over GPUs of `memory` GiB.

    The largest is placed first, where most is left; the chat model gets what is left of its GPU, for its cache.
    Raises `OctavoError` where they do not fit.
    """
    *larger, last = [dict(zip(models, names, strict=True)) for names in product(*map(str.split, models.values()))]
    for choice in larger:
        with suppress(DoesNotFitError):
            return _plan(choice, memory, cpu)
    return _plan(last, memory, cpu)


def _plan(models: dict[str, str], memory: Sequence[float], cpu: bool) -> list[Server]:
    cards = {role: _card(role, name) for role, name in models.items()}
    if cpu:
        return [Server(role, cards[role], models[role], PORTS[role], 0, 0.0) for role in models]
    left = {gpu: size * _USABLE for gpu, size in enumerate(memory)}
    placed: dict[str, tuple[int, float]] = {}
    for role in sorted(models, key=lambda role: -cards[role].memory):
        need, gpu = cards[role].memory + _ROOM[role], max(left, key=lambda gpu: left[gpu])
        if left[gpu] < need:
            wanted = sum(card.memory + _ROOM[role] for role, card in cards.items()) / _USABLE
            sizes = " + ".join(f"{size:.0f}" for size in memory)
            raise DoesNotFitError(
                f"{', '.join(models.values())} need about {wanted:.0f} GiB of GPU memory together, and there are "
                f"{sizes}: take --profile small, or some of them by --only, or others by --chat and --embedding."
            )
        left[gpu] -= need
        placed[role] = (gpu, need)
    if "chat" in placed:
        gpu, need = placed["chat"]
        placed["chat"] = (gpu, need + left[gpu])
    return [
        Server(role, cards[role], models[role], PORTS[role], gpu, int(need / memory[gpu] * 100) / 100)
        for role, (gpu, need) in sorted(placed.items(), key=lambda item: PORTS[item[0]])
    ]


def command(server: Server, several: bool) -> str:
    """A server's command for a shell; it names its GPU where there are `several`."""
    words = shlex.join(["vllm", *server.arguments(str(TEMPLATES))])
    return f"CUDA_VISIBLE_DEVICES={server.gpu} {words}" if several else words


def compose(servers: Sequence[Server]) -> dict[str, Any]:
    """The same servers as containers, for `docker compose`: each is started once the one before it answers."""
    services: dict[str, dict[str, Any]] = {}
    before = ""
    for server in servers:
        device = {"driver": "nvidia", "device_ids": [str(server.gpu)], "capabilities": ["gpu"]}
        services[server.role] = {
            "image": "vllm/vllm-openai:latest",
            "command": server.arguments("/templates")[1:],
            "ports": [f"127.0.0.1:{server.port}:{server.port}"],
            "environment": {"HF_HOME": "/models", "HF_TOKEN": "${HF_TOKEN:-}"},
            "volumes": ["models:/models", f"{TEMPLATES}:/templates:ro"],
            "ipc": "host",
            "deploy": {"resources": {"reservations": {"devices": [device]}}},
            "healthcheck": {
                "test": ["CMD", "curl", "-fs", f"http://127.0.0.1:{server.port}/health"],
                "interval": "5s",
                "start_period": "1h",
            },
        }
        if before:
            services[server.role]["depends_on"] = {before: {"condition": "service_healthy"}}
        before = server.role
    return {"services": services, "volumes": {"models": {}}}


def executable(folder: Path) -> str:
    """The `vllm` program of an environment of its own in `folder`, which is made, and vLLM installed, where need be."""
    program = folder / "bin" / "vllm"
    if not program.is_file():
        print(f"installing vLLM into {folder} (several GB, once)", file=sys.stderr, flush=True)
        pip = str(folder / "bin" / "pip")
        for step in ([sys.executable, "-P", "-m", "venv", str(folder)], [pip, "install", "-q", "vllm"]):
            if subprocess.run(step, check=False).returncode:
                raise OctavoError(f"vLLM cannot be installed into {folder}: see above, or name a program by --vllm.")
    return str(program)


Started = list[tuple[Server, "subprocess.Popen[bytes]", Path]]


@contextmanager
def running(servers: Sequence[Server], program: str, logs: Path, wait: float) -> Iterator[Started]:
    """The servers as processes, each with a log; yields when all answer, ends them and all they started in the end.

    They are started one after the other, as several that load at once on a GPU count each other's memory as their own.

    Raises `OctavoError` with the end of the log where one ends by itself, or is silent for `wait` seconds, and where
    something else listens at its port.
    """
    logs.mkdir(parents=True, exist_ok=True)
    for server in servers:
        _check_port(server)
    started: Started = []
    try:
        for server in servers:
            environment = {**os.environ, "CUDA_VISIBLE_DEVICES": str(server.gpu)} if server.share else None
            path = logs / f"{server.role}.log"
            with path.open("wb") as log:
                process = subprocess.Popen(
                    [program, *server.arguments(str(TEMPLATES))],
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=environment,
                    start_new_session=True,  # Ctrl-C is for this process, which then ends them
                )
            started.append((server, process, path))
            _await(server, process, path, time.monotonic() + wait)
        yield started
    finally:
        _end([process for _, process, _ in started])


def watch(started: Started) -> NoReturn:
    """Waits until one of the servers ends by itself, which raises `OctavoError`, or for Ctrl-C."""
    while True:
        for server, process, path in started:
            _check_alive(server, process, path)
        time.sleep(1)


def _check_port(server: Server) -> None:
    with socket.socket() as tried:
        tried.settimeout(2)
        if tried.connect_ex(("127.0.0.1", server.port)) == 0:
            raise OctavoError(
                f"Something listens at port {server.port} already, where the {server.role} server would: end it, or "
                "leave this server out by --only."
            )


def _check_alive(server: Server, process: subprocess.Popen[bytes], path: Path) -> None:
    if process.poll() is not None:
        lines = path.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-5:]
        raise OctavoError(f"The {server.role} server ended by itself, see {path}: {' / '.join(lines)[-600:]}")


def _await(server: Server, process: subprocess.Popen[bytes], path: Path, until: float) -> None:
    endpoint = Endpoint(f"http://127.0.0.1:{server.port}/v1", SettingNames.under(""), timeout=5)
    while True:
        _check_alive(server, process, path)
        with suppress(EndpointError):
            endpoint.models()
            return
        if time.monotonic() > until:
            raise OctavoError(f"The {server.role} server does not answer yet: see {path}, or raise --wait.")
        time.sleep(1)


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    until = time.monotonic() + _PATIENCE
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0.1, until - time.monotonic()))
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # what it started and did not end itself
        process.wait()


def _card(role: str, name: str) -> ModelCard | ServedCard:
    known: dict[str, Sequence[ModelCard | ServedCard]] = {"chat": CHAT, "embedding": EMBEDDERS, "reranker": RERANKERS}
    for card in known[role]:
        if name.rstrip("/").rpartition("/")[2].lower() == card.name.rpartition("/")[2].lower():
            return card
    names = ", ".join(card.name for card in known[role])
    raise OctavoError(f"{name} is no {role} model that Octavo knows how to serve; it knows {names}.")

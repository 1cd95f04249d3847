"""Fits vLLM servers to the memory of a machine, and starts them: as commands, containers or processes."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, NoReturn

from octavo.apps.serving.cards import card
from octavo.ingest import OctavoError
from octavo.rag.clients.errors import EndpointError
from octavo.rag.clients.http import Endpoint, SettingNames
from octavo.rag.model_cards import TEMPLATES, ModelCard, ServedCard

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
ASSUMED_MEMORY = {"small": 24.0, "large": 80.0}
"""GiB of the GPU that commands are written for where there is none."""
KEY = "VLLM_API_KEY"
"""The variable that holds the key which vLLM asks for; its value is passed on and never printed."""
_PARALLEL = (1, 2, 4, 8)
"""Numbers of GPUs that a model may be spread over."""
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
    """One vLLM server: what it is for, its model, its GPUs, and the share of each that it may take (0: no GPU).

    `extra` are further arguments of `vllm serve`, which come last and so count.
    """

    role: str
    card: ModelCard | ServedCard
    model: str
    port: int
    gpus: tuple[int, ...]
    share: float
    extra: tuple[str, ...] = ()

    @property
    def gpu(self) -> int:
        """The first of its GPUs."""
        return self.gpus[0]

    @property
    def devices(self) -> str:
        """Its GPUs as `CUDA_VISIBLE_DEVICES` names them."""
        return ",".join(map(str, self.gpus))

    def arguments(self, templates: str) -> list[str]:
        """Returns the arguments of `vllm`, with the folder where its template lies."""
        template = ["--chat-template", f"{templates}/{self.card.template}"] if self.card.template else []
        share = ["--gpu-memory-utilization", f"{self.share:.2f}"] if self.share else []
        parallel = ["--tensor-parallel-size", str(len(self.gpus))] if len(self.gpus) > 1 else []
        own = [*share, *parallel, *self.card.serve, *template, *self.extra]
        return ["serve", self.model, "--port", str(self.port), *own]

    def settings(self) -> dict[str, str]:
        """Returns the environment variables that make Octavo use it."""
        url = f"http://127.0.0.1:{self.port}/v1"
        key = f"${KEY}" if os.environ.get(KEY) else ""
        if self.role == "chat":
            values = {"OCTAVO_LLM_URL": url, "OCTAVO_LLM_MODEL": self.model}
            return values | ({"OCTAVO_LLM_KEY": key} if key else {})
        part, kind = ("EMBEDDING", "served") if self.role == "embedding" else ("RELEVANCY", "rerank")
        values = {"KIND": kind, "URL": url, "MODEL": self.model} | ({"KEY": key} if key else {})
        if self.model != self.card.name and self.role == "embedding":
            values["CARD"] = self.card.name
        return {f"OCTAVO_{part}__{key}": value for key, value in values.items()}


def gpus() -> list[float]:
    """Returns GiB of each GPU that `nvidia-smi` finds; none where it is absent, hangs, fails, or does not tell."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    command = [program, "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
        return [float(line) / 1024 for line in done.stdout.splitlines()]
    except (subprocess.SubprocessError, OSError, ValueError):
        return []


def plan(
    models: dict[str, str],
    memory: Sequence[float],
    *,
    cpu: bool = False,
    parallel: int = 0,
    weights: Mapping[str, float] = {},
    extra: Mapping[str, Sequence[str]] = {},
) -> list[Server]:
    """Returns servers for models by role (names by spaces: the first that fits), spread over GPUs of `memory` GiB.

    The largest is placed first, where most is left, on several GPUs where one is too small; the chat model gets what
    is left of its GPUs, for its cache. `parallel` is the number of GPUs of the chat model (0: as few as hold it),
    `weights` are GiB of models by role, `extra` further arguments of their servers. Raises `OctavoError` where they do
    not fit.
    """
    *larger, last = [dict(zip(models, names, strict=True)) for names in product(*map(str.split, models.values()))]
    for choice in [*larger, last]:
        cards = {role: card(role, name, weights.get(role, 0.0)) for role, name in choice.items()}
        try:
            placed = {} if cpu else _place(cards, memory, parallel)
            break
        except DoesNotFitError:
            if choice is last:
                raise
    return [
        Server(role, cards[role], choice[role], PORTS[role], *placed.get(role, ((0,), 0.0)), tuple(extra.get(role, ())))
        for role in sorted(choice, key=lambda role: PORTS[role])
    ]


def _place(
    cards: Mapping[str, ModelCard | ServedCard], memory: Sequence[float], parallel: int
) -> dict[str, tuple[tuple[int, ...], float]]:
    """Returns the GPUs of each role, and the share of each GPU that it takes; raises `DoesNotFitError`."""
    free = {gpu: size * _USABLE for gpu, size in enumerate(memory)}
    placed: dict[str, tuple[tuple[int, ...], float]] = {}
    for role in sorted(cards, key=lambda role: -cards[role].memory):
        counts = (parallel,) if role == "chat" and parallel else _PARALLEL
        for count in counts:
            need = cards[role].memory / count + _ROOM[role]
            gpus = tuple(sorted(free, key=lambda gpu: -free[gpu])[:count])
            if len(gpus) == count and all(free[gpu] >= need for gpu in gpus):
                break
        else:
            raise _too_small(cards, memory)
        for gpu in gpus:
            free[gpu] -= need
        placed[role] = gpus, need
    if "chat" in placed:
        gpus, need = placed["chat"]
        placed["chat"] = gpus, need + min(free[gpu] for gpu in gpus)
    return {role: (gpus, int(min(need / memory[g] for g in gpus) * 100) / 100) for role, (gpus, need) in placed.items()}


def _too_small(cards: Mapping[str, ModelCard | ServedCard], memory: Sequence[float]) -> DoesNotFitError:
    needed = sum(one.memory + _ROOM[role] for role, one in cards.items()) / _USABLE
    sizes = " + ".join(f"{size:.0f}" for size in memory)
    names = ", ".join(one.name for one in cards.values())
    return DoesNotFitError(
        f"{names} need about {needed:.0f} GiB of GPU memory together, and there are {sizes}: take --profile small, or "
        "some of them by --only, or others by --chat and --embedding, such as an FP8 or AWQ model."
    )


def command(server: Server, several: bool) -> str:
    """Returns a server's command for a shell; it names its GPU where there are `several`."""
    words = shlex.join(["vllm", *server.arguments(str(TEMPLATES))])
    return f"CUDA_VISIBLE_DEVICES={server.devices} {words}" if several else words


def compose(servers: Sequence[Server]) -> dict[str, Any]:
    """Returns the same servers as containers, for `docker compose`: each is started once the one before it answers."""
    services: dict[str, dict[str, Any]] = {}
    before = ""
    for server in servers:
        device = {"driver": "nvidia", "device_ids": [str(gpu) for gpu in server.gpus], "capabilities": ["gpu"]}
        services[server.role] = {
            "image": "vllm/vllm-openai:latest",
            "command": server.arguments("/templates")[1:],
            "ports": [f"127.0.0.1:{server.port}:{server.port}"],
            "environment": {"HF_HOME": "/models", "HF_TOKEN": "${HF_TOKEN:-}", KEY: f"${{{KEY}:-}}"},
            "volumes": ["models:/models", f"{TEMPLATES}:/templates:ro", *_mounts(server.model)],
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


def _mounts(model: str) -> list[str]:
    """Returns the volume of a model that is a folder."""
    return [f"{model}:{model}:ro"] if model.startswith("/") else []


def executable(folder: Path) -> str:
    """Returns the `vllm` program of an environment in `folder`, which is created, and vLLM installed, if missing."""
    program = folder / "bin" / "vllm"
    if not program.is_file():
        print(f"installing vLLM into {folder} (several GB, once)", file=sys.stderr, flush=True)
        pip = str(folder / "bin" / "pip")
        for step in ([sys.executable, "-P", "-m", "venv", str(folder)], [pip, "install", "-q", "vllm"]):
            if subprocess.run(step, check=False).returncode:
                raise OctavoError(f"vLLM cannot be installed into {folder}: see above, or name a program by --vllm.")
    return str(program)


StartedServers = list[tuple[Server, "subprocess.Popen[bytes]", Path]]


@contextmanager
def running(servers: Sequence[Server], program: str, logs: Path, wait: float) -> Iterator[StartedServers]:
    """Runs the servers as processes, each with a log; yields when all answer, and ends them after the block.

    They are started one after the other, as several that load at once on a GPU count each other's memory as their own.

    Raises `OctavoError` with the end of the log where one ends by itself, or is silent for `wait` seconds, and where
    something else listens at its port.
    """
    logs.mkdir(parents=True, exist_ok=True)
    for server in servers:
        _check_port(server)
    started: StartedServers = []
    try:
        for server in servers:
            environment = {**os.environ, "CUDA_VISIBLE_DEVICES": server.devices} if server.share else None
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


def watch(started: StartedServers) -> NoReturn:
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
    endpoint = Endpoint(
        f"http://127.0.0.1:{server.port}/v1", SettingNames.under(""), key=os.environ.get(KEY, ""), timeout=5
    )
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

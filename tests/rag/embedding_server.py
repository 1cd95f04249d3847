"""A server that speaks vLLM's pooling protocol by rules: its vectors tell what it was sent."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

from octavo.rag.model_cards import ModelCard

Answer = tuple[int, Any]
TINY = ModelCard(
    name="tiny",
    dimension=8,
    licence="none",
    question="ask: {text}",
    passage="say: {text}",
    page="what is shown?",
    mixed="both: {text}",
    matryoshka=2,
    blank=28,
    max_pixels=100_000,
)


@dataclass
class PoolingServer:
    """What it does can be changed: `respond` answers a request by its path and body, or else `rules` of this server."""

    models: list[str] = field(default_factory=lambda: ["tiny"])
    respond: Callable[[str, dict[str, Any]], Answer | None] = lambda path, body: None
    wait: float = 0.0
    url: str = ""
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    guard: threading.Lock = field(default_factory=threading.Lock)

    def texts(self) -> list[str]:
        """The last text of each request's user."""
        return [_said(body) for _, body in self.requests]


def vector(key: str, dimension: int = TINY.dimension) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A vector that a text alone determines, not of unit length."""
    seed = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
    return np.random.default_rng(seed).normal(size=dimension).astype(np.float32)


def said(role: str, text: str, *pictures: str) -> str:
    """The key of the vector of a text after its prompt, with the media types of pictures."""
    return "|".join([*pictures, role.format(text=text) if role else text])


@contextmanager
def pooling(**options: Any) -> Iterator[PoolingServer]:
    """A `PoolingServer` on a free port."""
    made = PoolingServer(**options)

    class Handler(_Handler):
        script = made

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        made.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    script: PoolingServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        rows = [{"id": name, "max_model_len": 4096} for name in self.script.models]
        self._json(200, {"object": "list", "data": rows})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        script = self.script
        with script.guard:
            script.requests.append((self.path, body))
            script.at_once += 1
            script.most_at_once = max(script.most_at_once, script.at_once)
        time.sleep(script.wait)
        status, answer = script.respond(self.path, body) or self._rules(body)
        with script.guard:
            script.at_once -= 1
        self._json(status, answer)

    def _rules(self, body: dict[str, Any]) -> Answer:
        if body["model"] not in self.script.models:
            return 404, {"error": {"message": f"The model `{body['model']}` does not exist."}}
        data = base64.b64encode(vector(_key(body)).tobytes()).decode()
        return 200, {"object": "list", "data": [{"index": 0, "embedding": data}]}

    def _json(self, status: int, body: Any) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _user(body: dict[str, Any]) -> list[dict[str, Any]]:
    (content,) = (message["content"] for message in body["messages"] if message["role"] == "user")
    found: list[dict[str, Any]] = content
    return found


def _said(body: dict[str, Any]) -> str:
    return next((part["text"] for part in _user(body) if part["type"] == "text"), "")


def _key(body: dict[str, Any]) -> str:
    urls = [part["image_url"]["url"] for part in _user(body) if part["type"] == "image_url"]
    return "|".join([*(url.partition(";")[0].removeprefix("data:") for url in urls), _said(body)])

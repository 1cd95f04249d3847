"""A model server that judges by a rule, and fails as servers do: 500s, silence, broken JSON, truncated streams."""

from __future__ import annotations

import json
import random
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

FAULTS = ("500", "429", "silence", "broken json", "wrong schema", "truncated", "no choices", "closed")


def says(request: dict[str, Any]) -> str:
    """All text of a request."""
    return "\n".join(
        part if isinstance(part, str) else part.get("text", "")
        for message in request["messages"]
        for part in ([message["content"]] if isinstance(message["content"], str) else message["content"])
    )


def graded(request: dict[str, Any]) -> dict[str, Any]:
    """Correct where the answer holds the gold answer."""
    text = says(request)
    gold = re.search(r"<gold_answer>\n(.*?)\n</gold_answer>", text, re.S)
    answer = re.search(r"<answer>\n(.*?)\n</answer>", text, re.S)
    assert gold
    assert answer
    right = gold[1] in answer[1]
    return {"reason": "the same" if right else "not the same", "grade": "correct" if right else "incorrect"}


@dataclass
class Judge:
    """The server: what it replies, how often it fails (a share), and what was asked of it."""

    reply: Callable[[dict[str, Any]], dict[str, Any] | str] = graded
    failing: float = 0.0
    faults: tuple[str, ...] = FAULTS
    latency: float = 0.0
    silence: float = 1.5
    refuses_schema: bool = False
    seed: int = 3
    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    served: Counter[str] = field(default_factory=Counter)
    most_at_once: int = 0
    _at_once: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._draw = random.Random(self.seed)

    def fault(self, request: dict[str, Any]) -> str:
        with self._lock:
            self.requests.append(request)
            fault = self._draw.choice(self.faults) if self._draw.random() < self.failing else ""
            self.served[fault] += 1
        return fault

    @contextmanager
    def busy(self) -> Iterator[None]:
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            yield
        finally:
            with self._lock:
                self._at_once -= 1


@contextmanager
def serving(**options: Any) -> Iterator[Judge]:
    """A `Judge` on a free port."""
    judge = Judge(**options)

    class Handler(_Handler):
        script = judge

    class Server(ThreadingHTTPServer):
        request_queue_size = 256
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            if not isinstance(sys.exception(), ConnectionError):
                super().handle_error(request, client_address)

    with Server(("127.0.0.1", 0), Handler) as server:
        judge.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield judge
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    script: Judge
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # head and body in one packet

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._json(200, {"object": "list", "data": [{"id": "tiny", "max_model_len": 8192}]})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if len(body) < int(self.headers["Content-Length"]):
            return  # the client died
        request = json.loads(body)
        try:
            with self.script.busy():
                time.sleep(self.script.latency)
                self._reply(request)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _reply(self, request: dict[str, Any]) -> None:
        if self.script.refuses_schema and "response_format" in request:
            self._json(400, {"error": {"message": "response_format is not supported", "code": 400}})
            return
        fault = self.script.fault(request)
        content = self.script.reply(request)
        text = content if isinstance(content, str) else json.dumps(content)
        match fault:
            case "500":
                self._json(500, {"error": {"message": "out of memory", "code": 500}})
            case "429":
                self._json(429, {"error": {"message": "slow down", "code": 429}}, {"Retry-After": "0"})
            case "silence":
                time.sleep(self.script.silence)
                self.close_connection = True
            case "broken json":
                self._send(200, b'{"id": "x", "choices": [{"mess')
            case "wrong schema":
                self._json(200, _completion(text[:-5]))
            case "truncated":
                self._send(200, json.dumps(_completion(text)).encode(), cut=20)
            case "no choices":
                self._json(200, {"id": "x", "object": "chat.completion", "created": 0, "model": "tiny"})
            case "closed":
                self.close_connection = True
            case _:
                self._json(200, _completion(text))

    def _json(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        self._send(status, json.dumps(body).encode(), headers)

    def _send(self, status: int, data: bytes, headers: dict[str, str] | None = None, cut: int = 0) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data[: len(data) - cut])
        self.wfile.flush()
        self.close_connection = bool(cut)


def _completion(text: str) -> dict[str, Any]:
    return {
        "id": "x",
        "object": "chat.completion",
        "created": 0,
        "model": "tiny",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
    }

"""Benchmark of judging: verdicts a second, set against a bare concurrent client."""

from __future__ import annotations

import json
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

from octavo.eval.concurrent import map_concurrent
from octavo.eval.judges import JudgeModel, JudgeOptions, grade

CALLS = 400
CONCURRENCY = 16
LATENCY = 0.2
"""Seconds that the server takes for each verdict, as a small model on a GPU does."""
ROUNDS = 3


def report() -> str:
    """Returns the judge's verdicts a second beside requests a second of httpx in as many threads, medians of rounds."""
    with _server() as url:
        bare, judged = [], []
        for n in range(ROUNDS):
            bare.append(_bare(url))
            judged.append(_judge(url, n))
    ours, theirs = statistics.median(judged), statistics.median(bare)
    return (
        f"judge: {ours:.1f} verdicts/s, {ours / theirs:.2f} of a bare client's {theirs:.1f} "
        f"({CONCURRENCY} at once, {LATENCY * 1000:.0f} ms each)"
    )


def _judge(url: str, round_number: int) -> float:
    with JudgeModel(JudgeOptions(url=url, concurrency=CONCURRENCY)) as judge:
        started = time.perf_counter()
        for _ in map_concurrent(
            lambda n: grade(judge, f"Question {round_number} {n}?", "7", "7"), range(CALLS), CONCURRENCY
        ):
            pass
        return CALLS / (time.perf_counter() - started)


def _bare(url: str) -> float:
    with httpx.Client() as client:
        started = time.perf_counter()
        body = {"model": "tiny", "messages": [{"role": "user", "content": "7"}]}
        for _ in map_concurrent(
            lambda _: client.post(f"{url}/chat/completions", json=body).json(), range(CALLS), CONCURRENCY
        ):
            pass
        return CALLS / (time.perf_counter() - started)


@contextmanager
def _server() -> Iterator[str]:
    class Server(ThreadingHTTPServer):
        request_queue_size = 64
        daemon_threads = True

    with Server(("127.0.0.1", 0), _Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        finally:
            server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # head and body in one packet
    _VERDICT = json.dumps({"reason": "The same number.", "grade": "correct"})

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self._send({"object": "list", "data": [{"id": "tiny", "max_model_len": 8192}]})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(LATENCY)
        choice = {"index": 0, "message": {"role": "assistant", "content": self._VERDICT}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
        self._send(
            {"id": "x", "object": "chat.completion", "created": 0, "model": "tiny", "choices": [choice], "usage": usage}
        )

    def _send(self, body: dict[str, object]) -> None:
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

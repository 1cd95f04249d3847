"""Pages that are made on the spot, evidence on them, and a model server that speaks OpenAI's protocol by a script."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any

from PIL import Image

from octavo.ingest import Box, Element, Kind, Line, Page, Region
from octavo.rag import Answer, Delta, Evidence, Finished, Level

WIDTH, HEIGHT, LINE = 600.0, 800.0, 20.0


class MemoryPages:
    """Pages of one document `d`, each a list of (kind, lines); every line has a row of its own on the page."""

    def __init__(self, *pages: Sequence[tuple[Kind, Sequence[str]]], notes: str = "") -> None:
        self.pages = [_page(n, elements, notes) for n, elements in enumerate(pages)]
        self._image = _white()

    def page(self, document: str, number: int) -> Page:
        assert document == "d"
        return self.pages[number]

    def image(self, image: str) -> bytes:
        assert image == "hash"
        return self._image

    def on_page(self, number: int, score: float = 0.9) -> Evidence:
        """The whole page as evidence."""
        page = self.pages[number]
        text = "\n".join(part for part in (page.text, page.notes) if part)
        return _evidence(f"d/p{number}", Level.PAGE, number, text, [Region(number, page.box)], score)

    def of_element(self, number: int, index: int, score: float = 0.9) -> Evidence:
        """One element as evidence."""
        element = self.pages[number].elements[index]
        regions = [Region(number, element.box, index)]
        return _evidence(f"d/p{number}/e{index}", Level.ELEMENT, number, element.text, regions, score, element.kind)

    def chunk(self, *places: tuple[int, int], score: float = 0.9) -> Evidence:
        """Elements, each as (page, index), as one chunk."""
        elements = [(number, self.pages[number].elements[index]) for number, index in places]
        text = "\n".join(element.text for _, element in elements)
        regions = [Region(number, element.box, element.index) for number, element in elements]
        return _evidence("d/c0", Level.CHUNK, places[0][0], text, regions, score)

    def lines(self, number: int) -> dict[Box, str]:
        """The lines of a page by their boxes."""
        return {line.box: line.text for element in self.pages[number].elements for line in element.lines}


@cache
def _white() -> bytes:
    out = BytesIO()
    Image.new("RGB", (1200, 1600), "white").save(out, "WEBP")
    return out.getvalue()


def _page(number: int, elements: Sequence[tuple[Kind, Sequence[str]]], notes: str) -> Page:
    made: list[Element] = []
    row = 1
    for index, (kind, lines) in enumerate(elements):
        found = tuple(Line(t, Box(50, LINE * (row + n), 550, LINE * (row + n) + 14)) for n, t in enumerate(lines))
        row += len(lines) + 1
        box = Box.around(line.box for line in found) if found else Box(50, 300, 550, 700)
        made.append(Element(index, kind, box, "\n".join(lines), found))
    text = "\n".join(e.text for e in made if e.kind not in (Kind.PAGE_HEADER, Kind.PAGE_FOOTER))
    return Page(number, WIDTH, HEIGHT, "hash", 1200, 1600, text=text, elements=tuple(made), notes=notes)


def _evidence(
    entry: str, level: Level, page: int, text: str, regions: Sequence[Region], score: float, kind: Kind | None = None
) -> Evidence:
    return Evidence(entry, level, "d", "report.pdf", "Report", page, "", text, tuple(regions), score, kind)


def finished(events: Iterable[Delta | Finished]) -> tuple[str, Answer]:
    """What a stream showed, piece by piece, and its answer."""
    *deltas, last = events
    assert isinstance(last, Finished)
    return "".join(delta.text for delta in deltas if isinstance(delta, Delta)), last.answer


@dataclass
class Reply:
    """One reply to a request for an answer.

    `pieces` are streamed; `cut` ends the stream without a last chunk; `silence` are seconds before the first piece,
    with `pings` of comments meanwhile; a `status` other than 200 is an error with `message`, `raw` the whole body.
    `calls` are function calls, each a name with arguments. `usage` are the tokens of prompt and reply, told last.
    """

    pieces: Sequence[str] = ()
    status: int = 200
    message: str = ""
    finish: str = "stop"
    cut: bool = False
    silence: float = 0.0
    pings: bool = False
    raw: bytes = b""
    content_type: str = "text/event-stream"
    headers: Mapping[str, str] = field(default_factory=dict)
    calls: Sequence[tuple[str, dict[str, Any]]] = ()
    usage: tuple[int, int] | None = None


@dataclass
class ModelServer:
    """A server with its script; the last reply is given again when the script is over.

    Requests for a decision on steps are answered that nothing is missing, and not kept, unless `decides` is false:
    then they are part of the script. A request that holds a key of `by_text` has its reply, whatever the script says.
    """

    replies: list[Reply]
    models: list[dict[str, Any]] = field(default_factory=lambda: [{"id": "tiny", "max_model_len": 4096}])
    models_status: int = 200
    key: str = ""
    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    broken_pipes: int = 0
    decides: bool = True
    by_text: Mapping[str, Reply] = field(default_factory=dict)

    def reply(self, request: dict[str, Any]) -> Reply:
        """The next reply."""
        if self.decides and "tools" in request:
            return Reply(calls=[("answer", {})])
        self.requests.append(request)
        asked = json.dumps(request["messages"], ensure_ascii=False)
        if (named := next((reply for text, reply in self.by_text.items() if text in asked), None)) is not None:
            return named
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def prompt(self, n: int = -1) -> str:
        """All text of the n-th request."""
        return "\n".join(
            part if isinstance(part, str) else part.get("text", "")
            for message in self.requests[n]["messages"]
            for part in ([message["content"]] if isinstance(message["content"], str) else message["content"])
        )

    def images(self, n: int = -1) -> list[str]:
        """The image URLs of the n-th request."""
        content = self.requests[n]["messages"][-1]["content"]
        return [part["image_url"]["url"] for part in content if isinstance(part, dict) and "image_url" in part]


@contextmanager
def serving(*replies: Reply, **options: Any) -> Iterator[ModelServer]:
    """A `ModelServer` on a free port, with `/v1/models` and `/v1/chat/completions`."""
    model = ModelServer(list(replies) or [Reply(["Yes [1]."])], **options)

    class Handler(_Handler):
        script = model

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        model.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield model
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    script: ModelServer

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self.script.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        if self.path.partition("?")[0] != "/v1/models":
            self._json(404, {"error": {"message": "no such path"}})
        elif self.script.key and self.headers["Authorization"] != f"Bearer {self.script.key}":
            self._json(401, {"error": {"message": "invalid key"}})
        else:
            self._json(self.script.models_status, {"object": "list", "data": self.script.models})

    def do_POST(self) -> None:
        self.script.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        reply = self.script.reply(request)
        if reply.status != 200:
            self._json(reply.status, {"error": {"message": reply.message, "code": reply.status}}, reply.headers)
            return
        self.send_response(200)
        self.send_header("Content-Type", reply.content_type)
        self.end_headers()
        try:
            self._stream(reply)
        except (BrokenPipeError, ConnectionResetError):
            self.script.broken_pipes += 1

    def _stream(self, reply: Reply) -> None:
        if reply.raw:
            self.wfile.write(reply.raw)
            return
        until = time.monotonic() + reply.silence
        while time.monotonic() < until:
            time.sleep(0.02)
            if reply.pings:
                self.wfile.write(b": ping\n\n")
                self.wfile.flush()
        for piece in reply.pieces:
            self._chunk({"content": piece}, None)
        for index, (name, arguments) in enumerate(reply.calls):
            told = json.dumps(arguments)
            for part in ({"name": name, "arguments": told[:5]}, {"arguments": told[5:]}):
                self._chunk({"tool_calls": [{"index": index, "id": f"c{index}", "function": part}]}, None)
        if not reply.cut:
            self._chunk({}, reply.finish)
            if reply.usage:
                counts = dict(zip(("prompt_tokens", "completion_tokens"), reply.usage, strict=True))
                self.wfile.write(f"data: {json.dumps({'choices': [], 'usage': counts})}\n\n".encode())
            self.wfile.write(b"data: [DONE]\n\n")

    def _chunk(self, delta: dict[str, Any], finish: str | None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        chunk = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "tiny", "choices": [choice]}
        self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.flush()

    def _json(self, status: int, body: dict[str, Any], headers: Mapping[str, str] | None = None) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


def closed_port() -> int:
    """A port where nothing listens."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
        return port

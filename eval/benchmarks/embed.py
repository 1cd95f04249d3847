"""Benchmark of embedding pages over HTTP, beside a bare client that sends finished requests."""

from __future__ import annotations

import base64
import json
import multiprocessing
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from multiprocessing.connection import Connection
from threading import Semaphore

import numpy as np
from PIL import Image

from octavo.ingest import Page
from octavo.rag import Entry, Level, Settings
from octavo.rag.clients.http import Endpoint, SettingNames
from octavo.rag.embedding import make_embedder
from octavo.rag.embedding.inputs import EmbeddingInput, InputRole, messages
from octavo.rag.entry import EntryId
from octavo.rag.image_source import ImageSource
from octavo.rag.model_cards import card

PAGES, WARM, CONCURRENCY, SLOTS, SECONDS = 1_000, 20, 16, 8, 0.05
"""The stand-in answers `SLOTS` requests at a time in `SECONDS` each: 160 pages a second at most."""
CARD = card("MrLight/dse-qwen2-2b-mrl-v1")


def report(url: str = "", model: str = "") -> str:
    """Returns pages a second through `embed_entries` and through a bare client, by a stand-in without a `url`."""
    if url:
        return _measure(url, model or CARD.name, f"{model} at {url}")
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(there,), daemon=True)
    server.start()
    try:
        return _measure(f"http://127.0.0.1:{here.recv()}/v1", CARD.name, f"a stand-in of {SLOTS / SECONDS:.0f} pages/s")
    finally:
        server.terminate()
        server.join()


def _measure(url: str, model: str, where: str) -> str:
    pages = _Pages()
    entries = [Entry(EntryId.of_page("d", n), Level.PAGE, "d", n, n, None, "", "", ()) for n in range(PAGES)]
    served = {"kind": "served", "url": url, "model": model, "card": CARD, "concurrency": CONCURRENCY}
    client = make_embedder(Settings(embedding=served))
    client.embed_entries(entries[:WARM], ImageSource(pages))
    started = time.perf_counter()
    client.embed_entries(entries, ImageSource(pages))
    own = PAGES / (time.perf_counter() - started)
    sample = EmbeddingInput(InputRole.ENTRY, "", pages.image(""))
    body = {"model": model, "encoding_format": "base64", **CARD.request, "messages": messages(sample, CARD)}
    endpoint = Endpoint(url, SettingNames.under(""))
    with endpoint.open(CONCURRENCY) as http, ThreadPoolExecutor(CONCURRENCY) as pool:
        started = time.perf_counter()
        list(pool.map(lambda _: endpoint.post(http, "embeddings", body), range(PAGES)))
        bare = PAGES / (time.perf_counter() - started)
    return f"embedding over HTTP: {own:.0f} pages/s, {own / bare:.2f} of a bare client's {bare:.0f}, by {where}"


class _Pages:
    """Pages that all look alike: noise, which compresses like a photograph."""

    def __init__(self) -> None:
        out = BytesIO()
        noise = np.random.default_rng(7).integers(0, 255, size=(110, 85, 3), dtype=np.uint8)
        Image.fromarray(noise).resize((1190, 1540)).save(out, "WEBP", quality=80)
        self._image = out.getvalue()

    def page(self, document: str, number: int) -> Page:
        return Page(number, 595, 770, image="made up")

    def image(self, image: str) -> bytes:
        return self._image


def _serve(connection: Connection) -> None:
    slots = Semaphore(SLOTS)
    row = base64.b64encode(np.ones(CARD.dimension, dtype=np.float32).tobytes()).decode()
    answer = json.dumps({"data": [{"index": 0, "embedding": row}]}).encode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            with slots:
                time.sleep(SECONDS)
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        connection.send(server.server_address[1])
        server.serve_forever()

"""A running service over made documents, and its callers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from octavo.apps.service import Service, ServiceOptions, create_app
from octavo.rag import Pipeline, Settings

NOTE = "The mirror was polished in 2021. Capital expenditure in 2018 was 1,577 million crowns."
SECRET = "The vault in Quillhaven holds 812 silver astrolabes."


@dataclass
class Running:
    """A service at an address."""

    service: Service
    url: str

    def client(self, key: str = "") -> httpx.Client:
        headers = {"authorization": f"Bearer {key}"} if key else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60)


def serve(service: Service, app: FastAPI | None = None) -> Iterator[Running]:
    """Runs a service on a free port of this machine, without the chat where no `app` is given."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app or create_app(service), log_level="warning"))
    thread = threading.Thread(target=lambda: server.run(sockets=[listener]))
    thread.start()
    try:
        yield Running(service, f"http://127.0.0.1:{listener.getsockname()[1]}")
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def add(service: Service, collection: str, folder: Path, name: str, text: str, **metadata: object) -> None:
    """Reads a text into a collection at once."""
    file = folder / name
    file.write_text(text)
    with service.collections.opened(collection) as pipeline:
        assert [done.status for done in pipeline.ingest(file, metadata=metadata)] == ["added"]


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service without users: whoever reaches it may do everything."""
    folder = tmp_path_factory.mktemp("service")
    options = ServiceOptions(chat=False, upload_bytes=200_000, request_bytes=300_000)
    with Service(Settings(library=folder / "library"), options) as service:
        add(service, "default", folder, "note.txt", NOTE, year=2021)
        yield from serve(service)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service with the users ann (administrator), ben and cem; `vault` is ann's alone."""
    folder = tmp_path_factory.mktemp("shared")
    with Service(Settings(library=folder / "library"), ServiceOptions(chat=False)) as service:
        for name in ("ann", "ben", "cem"):
            service.add_user(name, f"{name}-password")
        ann = service.users.caller(service.users.make_key("ann", "")[1])
        assert ann is not None
        service.collections.make(ann, "vault")
        add(service, "default", folder, "note.txt", NOTE)
        add(service, "vault", folder, "secret.txt", SECRET)
        yield from serve(service)


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    """A library that holds the note and nothing else."""
    folder = tmp_path_factory.mktemp("plain")
    (folder / "note.txt").write_text(NOTE)
    with Pipeline(folder / "library") as pipeline:
        pipeline.ingest(folder / "note.txt")
        yield pipeline

"""A service over a copy of the report's library, and the chat's server on a free port."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from octavo.apps.chat.options import ChatOptions
from octavo.apps.chat.service import ChatService
from octavo.apps.chat.store.history import new_conversation
from octavo.apps.chat.turns import AskedQuestion, Turn
from octavo.rag import Settings


@pytest.fixture
def service(report_library: Path, tmp_path: Path) -> Iterator[ChatService]:
    """A service of its own, without users or a model."""
    shutil.copytree(report_library, tmp_path / "library")
    with ChatService(Settings(library=tmp_path / "library", llm_url=""), ChatOptions()) as opened:
        yield opened


@pytest.fixture
def ask(service: ChatService) -> Callable[..., Turn]:
    """Asks in a new conversation, or in a given one, and waits for the kept turn."""

    def asked(text: str, conversation: str = "", user: str = "", **more: object) -> Turn:
        conversation = conversation or new_conversation()
        turn = service.ask(user, conversation, AskedQuestion(text, **more)).wait()  # type: ignore[arg-type]
        return turn

    return asked


@contextmanager
def served(service: ChatService) -> Iterator[str]:
    """The chat of a service at an address of this machine."""
    import uvicorn

    from octavo.apps.chat.server import application

    with ThreadPoolExecutor(1) as pool:  # Playwright keeps a loop running in this thread
        app = pool.submit(application, service).result()
    config = uvicorn.Config(app, "127.0.0.1", 0, log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.02)
    (port,) = {s.getsockname()[1] for one in server.servers for s in one.sockets}
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


def wait_for(true: Callable[[], bool]) -> None:
    """Waits until something is true; the timeout of each test bounds it."""
    while not true():
        time.sleep(0.05)

"""Many askers at once: each gets an answer, and the right one."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import onnxruntime
import pytest

from octavo.apps.service import Service, ServiceOptions
from octavo.client import Client
from octavo.rag import Answer, Event, Finished, Settings
from octavo.rag.answering import networks
from tests.apps.service.conftest import Running, add, serve

ASKERS = 42
"""More than the threads that an event loop has (anyio's 40, or fewer)."""


@pytest.fixture
def narrow(tmp_path: Path) -> Iterator[Running]:
    """A service that answers two questions at a time, of five notes."""
    options = ServiceOptions(chat=False, askers=2)
    with Service(Settings(library=tmp_path / "library"), options) as service:
        for year in range(5):
            text = f"Capital expenditure in 201{year} was {year}577 million crowns."
            add(service, "default", tmp_path, f"report-201{year}.txt", text)
        yield from serve(service)


def test_each_of_many_askers_gets_the_right_answer(narrow: Running) -> None:
    def ask(number: int) -> bool:
        asked = {"question": f"What was capital expenditure in 201{number % 5}?", "stream": number % 2 == 0}
        done = client.post("/api/collections/default/ask", json=asked)
        return done.status_code == 200 and f"{number % 5}577" in done.text

    with narrow.client() as client, ThreadPoolExecutor(ASKERS) as threads:
        assert list(threads.map(ask, range(ASKERS))) == [True] * ASKERS
        metrics = client.get("/metrics").text
    assert "octavo_answers_total" in metrics
    assert "process_resident_memory_bytes" in metrics


def test_a_network_is_loaded_once_by_many_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[Any] = []

    def load(path: str, *others: Any, **options: Any) -> Any:
        time.sleep(0.05)
        loaded.append(path)
        return path

    monkeypatch.setattr(onnxruntime, "InferenceSession", load)
    together = threading.Barrier(8)

    def use(_: int) -> Any:
        together.wait()
        return networks.load_session(tmp_path / "model.onnx", 1)

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(use, range(8)))) == 1
    assert len(loaded) == 1


def test_a_question_that_finds_no_place_is_refused_for_a_while_and_asked_again_by_the_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end, pauses = threading.Event(), threading.Event(), list[float]()

    def answer(service: Service, *_: object) -> Iterator[Event]:
        begun.set()
        may_end.wait()
        yield Finished(Answer("q", "It is done."))

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        may_end.set()
        first.result()

    monkeypatch.setattr(Service, "stream", answer)
    monkeypatch.setattr("octavo.client.connection.time", SimpleNamespace(monotonic=time.monotonic, sleep=pause))
    with Service(Settings(library=tmp_path / "library"), ServiceOptions(chat=False, askers=1, waiting=0)) as service:
        for running in serve(service):
            with running.client() as http, Client(running.url) as client, ThreadPoolExecutor(1) as threads:
                asked = {"question": "q", "stream": True}
                first = threads.submit(http.post, "/api/collections/default/ask", json=asked)
                begun.wait()
                for path, body in (
                    ("/api/collections/default/ask", asked),
                    ("/api/collections/default/search", {"question": "q"}),
                    ("/v1/embeddings", {"model": "default", "input": "q"}),
                ):
                    refused = httpx.post(running.url + path, json=body)
                    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
                    assert refused.json()["error"]["code"] == "busy"
                assert [type(event) for event in client.stream("q")] == [Finished]
                assert first.result().status_code == 200
    assert pauses == [1]

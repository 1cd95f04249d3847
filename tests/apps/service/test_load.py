"""Many askers at once: each gets an answer, and the right one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import onnxruntime
import pytest

from octavo.apps.chat.store.history import new_conversation
from octavo.apps.chat.turns import AskedQuestion
from octavo.apps.service import Service, ServiceOptions
from octavo.apps.service.app import chat_of
from octavo.client import Client
from octavo.eval.benchmarks.load import measure_calls, read_gauge
from octavo.rag import Answer, Event, Finished, Settings
from octavo.rag.answering import networks
from tests.apps.service.conftest import Running, add, serve

ASKERS = 42
"""More than the threads that an event loop has (anyio's 40, or fewer)."""
CROWD, SECONDS = int(os.environ.get("OCTAVO_TEST_ASKERS", "100")), float(os.environ.get("OCTAVO_TEST_SECONDS", "120"))
"""The askers of `test_a_crowd_gets_right_answers_in_flat_memory`, and for how long they ask."""
GROWTH = 1.1
"""How far memory may grow from the end of the first quarter of the crowd's time to its end."""


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
        return networks.load_session(tmp_path / "model.onnx")

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(use, range(8)))) == 1
    assert len(loaded) == 1


@contextmanager
def held_answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[threading.Event, threading.Event]]:
    """Answers that begin and do not end before they may: the events of both."""
    begun, may_end = threading.Event(), threading.Event()

    def answer(service: Service, *_: object) -> Iterator[Event]:
        begun.set()
        may_end.wait()
        yield Finished(Answer("q", "It is done."))

    monkeypatch.setattr(Service, "stream", answer)
    try:
        yield begun, may_end
    finally:
        may_end.set()


ASK, SEARCH = "/api/collections/default/ask", "/api/collections/default/search"


def test_a_question_that_finds_no_place_is_refused_for_a_while_and_asked_again_by_the_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses = list[float]()

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        may_end.set()
        first.result()

    monkeypatch.setattr("octavo.client.connection.time", SimpleNamespace(monotonic=time.monotonic, sleep=pause))
    options = ServiceOptions(chat=False, askers=1, waiting=0)
    with (
        held_answers(monkeypatch) as (begun, may_end),
        Service(Settings(library=tmp_path / "library"), options) as service,
    ):
        for running in serve(service):
            with running.client() as http, Client(running.url) as client, ThreadPoolExecutor(1) as threads:
                first = threads.submit(http.post, ASK, json={"question": "q", "stream": True})
                begun.wait()
                refused = httpx.post(running.url + ASK, json={"question": "q", "stream": True})
                assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
                assert refused.json()["error"]["code"] == "busy"
                assert [type(event) for event in client.stream("q")] == [Finished]
                assert first.result().status_code == 200
    assert pauses == [1]


def test_searches_wait_for_no_answer_that_is_written_and_the_metrics_tell_who_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        held_answers(monkeypatch) as (begun, may_end),
        Service(Settings(library=tmp_path / "library"), ServiceOptions(chat=False, askers=1)) as service,
    ):
        add(service, "default", tmp_path, "note.txt", "The mirror was polished in 2021.")
        for running in serve(service):
            with running.client() as http, ThreadPoolExecutor(3) as threads:
                asked = [threads.submit(httpx.post, running.url + ASK, json={"question": "q"}) for _ in range(3)]
                begun.wait()
                while service.answering.waiting < 2:
                    time.sleep(0.01)
                assert http.post(SEARCH, json={"question": "mirror"}).json()[0]["name"] == "note.txt"
                vectors = http.post("/v1/embeddings", json={"model": "default", "input": "mirror"})
                assert len(vectors.json()["data"]) == 1
                metrics = http.get("/metrics").text
                assert 'octavo_turns_waiting{kind="answer"} 2.0' in metrics
                assert 'octavo_turns_waiting{kind="search"} 0.0' in metrics
                may_end.set()
                assert [done.result().status_code for done in asked] == [200, 200, 200]
                assert 'octavo_turns_waiting{kind="answer"} 0.0' in http.get("/metrics").text


def test_questions_of_the_chat_take_turns_with_those_of_the_service(tmp_path: Path) -> None:
    settings = Settings(library=tmp_path / "library", llm_url="")
    with Service(settings, ServiceOptions(askers=1)) as service, chat_of(settings, service) as chat:
        add(service, "default", tmp_path, "note.txt", "Capital expenditure in 2018 was 1,577 million crowns.")
        assert service.answering.queue("ben").done()
        run = chat.ask("", new_conversation(), AskedQuestion("What was capital expenditure in 2018?"))
        assert (service.answering.waiting, run.done) == (1, False)
        with service.answering.hold():
            pass
        answer = run.wait().answer
    assert answer is not None
    assert "1,577" in answer.text


@contextmanager
def served(library: Path) -> Iterator[str]:
    """The address of a service in a process of its own, which refuses nobody who waits."""
    command = [sys.executable, "-m", "octavo", "serve", "--no-chat", "--port", "0", "--library", str(library)]
    environment = os.environ | {"OCTAVO_SERVICE_WAIT_SECONDS": "3600", "OCTAVO_LLM_URL": ""}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        address = re.search(r"http://[\d.:]+", process.stdout.readline())
        assert address is not None
        try:
            yield address[0]
        finally:
            process.terminate()
            assert process.wait(60) == 0


@pytest.mark.slow
def test_a_crowd_gets_right_answers_in_flat_memory(tmp_path: Path) -> None:
    """Askers of two users, each with a collection of their own, ask and stream without a pause."""
    library, keys = tmp_path / "library", dict[str, str]()
    with Service(Settings(library=library), ServiceOptions(chat=False)) as service:
        for number, user in enumerate(("ann", "ben")):
            service.add_user(user, f"{user}-password")
            keys[user] = service.users.make_key(user, "")[1]
            caller = service.users.caller(keys[user])
            assert caller is not None
            service.collections.make(caller, user)
            for year in range(5):
                text = f"Capital expenditure in 201{year} was {number}{year}577 million crowns. "
                text += "Rain and wind came and went over the harbor, and the boats stayed in. " * 40
                add(service, user, tmp_path, f"report-{user}-201{year}.txt", text)

    def ask(question: str) -> None:
        user, year, is_streamed = question.split()
        asked = {"question": f"What was capital expenditure in 201{year}?", "stream": is_streamed == "stream"}
        done = client.post(
            f"{url}/api/collections/{user}/ask", json=asked, headers={"authorization": f"Bearer {keys[user]}"}
        )
        told.append((question, done.status_code))
        other = "ben" if user == "ann" else "ann"
        if f"{int(user == 'ben')}{year}577" not in done.text or f"report-{other}" in done.text:
            wrong.append((question, done.text))

    told, wrong, memory = list[tuple[str, int]](), list[tuple[str, str]](), list[float]()
    questions = [f"{user} {year} {way}" for user in keys for year in range(5) for way in ("stream", "whole")]
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=CROWD)
    with served(library) as url, httpx.Client(timeout=None, limits=limits) as client:
        for _ in range(4):
            measure_calls(ask, questions, CROWD, SECONDS / 4)
            memory.append(read_gauge(url, "process_resident_memory_bytes") / 1e6)
        metrics = client.get(f"{url}/metrics").text
    print(f"{CROWD} askers, {SECONDS:.0f} s: {len(told)} answers; memory {[round(one) for one in memory]} MB")
    assert wrong == []
    assert {status for _, status in told} == {200}
    assert {question for question, _ in told} == set(questions)
    assert f'octavo_answers_total{{kind="quoted"}} {len(told)}.0' in metrics
    assert 'octavo_turns_waiting{kind="answer"} 0.0' in metrics
    assert memory[-1] < GROWTH * memory[0]

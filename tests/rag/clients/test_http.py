"""Requests to model servers: in order, many at a time, and shortened where they are too long."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from hypothesis import given, settings, strategies as st

from octavo.rag.clients.calls import map_concurrent, retry_shortened
from octavo.rag.clients.errors import EndpointError
from octavo.rag.clients.http import Endpoint, SettingNames
from octavo.rag.clients.replies import message
from tests.rag.model_server import closed_port

NAMED = SettingNames.under("OCTAVO_TEST__")


@given(waits=st.lists(st.sampled_from([0.0, 0.001, 0.004]), max_size=20), workers=st.integers(1, 6))
@settings(max_examples=25)
def test_results_come_in_the_order_of_the_items_and_no_more_workers_are_busy(waits: list[float], workers: int) -> None:
    busy, most, guard = 0, 0, threading.Lock()

    def call(item: tuple[int, float]) -> int:
        nonlocal busy, most
        with guard:
            busy += 1
            most = max(most, busy)
        time.sleep(item[1])
        with guard:
            busy -= 1
        return item[0]

    assert list(map_concurrent(call, enumerate(waits), workers)) == list(range(len(waits)))
    assert most <= workers


def test_items_are_taken_as_they_are_needed_and_an_error_ends_it() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for n in range(1_000):
            taken.append(n)
            yield n

    def call(n: int) -> int:
        if n == 3:
            raise EndpointError("the third is broken")
        return n

    found = map_concurrent(call, items(), workers=2)
    assert [next(found) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(EndpointError, match="third"):
        next(found)
    assert len(taken) < 20


@dataclass(frozen=True)
class Text:
    letters: int

    def shorter(self) -> Text:
        return Text(self.letters // 2)


def too_long(letters: int) -> EndpointError:
    return EndpointError("refused", 400, f"maximum context length is {letters}")


@pytest.mark.parametrize(("room", "sent"), [(100, 100), (60, 50), (7, 6)])
def test_inputs_are_halved_until_they_fit(room: int, sent: int) -> None:
    def send(text: Text) -> int:
        if text.letters > room:
            raise too_long(room)
        return text.letters

    assert retry_shortened(send, Text(100)) == sent


def test_inputs_that_never_fit_and_other_errors_are_raised() -> None:
    asked: list[int] = []

    def send(text: Text) -> int:
        asked.append(text.letters)
        raise too_long(1) if text.letters < 1_000 else EndpointError("no", 401, "maximum context length")

    with pytest.raises(EndpointError, match="refused"):
        retry_shortened(send, Text(100))
    assert asked == [100, 50, 25, 12, 6]
    with pytest.raises(EndpointError, match="no"):
        retry_shortened(send, Text(1_000))
    assert asked[5:] == [1_000]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"error": {"message": "bad\nworse"}}, "bad"),
        ({"detail": "not found."}, "not found"),
        ({"message": "m" * 300}, "m" * 200),
        (["odd"], "['odd']"),
        ("plain", "plain"),
    ],
)
def test_a_server_message_is_one_short_line(body: object, says: str) -> None:
    response = httpx.Response(400, text=body) if isinstance(body, str) else httpx.Response(400, json=body)
    assert message(response) == says


def test_a_server_that_is_not_there_is_named_with_its_setting() -> None:
    url = f"http://127.0.0.1:{closed_port()}/v1"
    with pytest.raises(EndpointError, match=rf"{url} cannot be reached .*OCTAVO_TEST__URL") as raised:
        Endpoint(url, NAMED).models()
    assert raised.value.status == 0


@pytest.mark.parametrize("url", ["localhost:8000/v1", "not a url", "http://[::1/v1", ""])
def test_an_address_that_is_none_is_named_with_its_setting(url: str) -> None:
    with pytest.raises(EndpointError, match="OCTAVO_TEST__URL"):
        Endpoint(url, NAMED, timeout=1).models()

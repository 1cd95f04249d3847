"""Server-sent events of generators that run in threads."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor

import pytest

from octavo.apps.service.errors import ServiceError
from octavo.apps.service.http import events
from octavo.apps.service.http.events import begun, in_thread, line, stream_events


def failing(after: int) -> Generator[bytes]:
    for number in range(after):
        yield line({"n": number})
    raise ServiceError("It ends here.")


def test_arrived_events_are_read_together_and_in_order() -> None:
    may_go_on, is_closed = threading.Event(), threading.Event()

    def numbers() -> Generator[int]:
        try:
            for number in range(100):
                if number == 1:
                    may_go_on.wait()
                yield number
        finally:
            is_closed.set()

    async def read() -> list[list[int]]:
        batches = []
        async for batch in in_thread(numbers(), threads):
            batches.append(batch)
            if not may_go_on.is_set():
                may_go_on.set()
                is_closed.wait()  # all others arrive meanwhile
        return batches

    with ThreadPoolExecutor(1) as threads:
        assert asyncio.run(read()) == [[0], list(range(1, 100))]


def test_events_that_come_fast_are_read_together_and_the_first_two_and_the_last_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(events, "EVERY", 3600)
    read_now = threading.Semaphore(0)

    def numbers() -> Generator[int]:
        for number in range(20):
            yield number
            if number < 2:
                read_now.acquire()

    async def read() -> list[list[int]]:
        batches = []
        async for batch in in_thread(numbers(), threads):
            batches.append(batch)
            read_now.release()
        return batches

    with ThreadPoolExecutor(1) as threads:
        assert asyncio.run(read()) == [[0], [1], list(range(2, 20))]


def test_a_generator_is_closed_when_its_reader_goes_away() -> None:
    is_closed = threading.Event()

    def endless() -> Generator[int]:
        try:
            while True:
                yield 0
        finally:
            is_closed.set()

    async def read() -> None:
        batches = in_thread(endless(), threads)
        await anext(batches)
        await batches.aclose()

    with ThreadPoolExecutor(1) as threads:
        asyncio.run(read())
    assert is_closed.is_set()


def test_an_error_is_raised_before_the_first_event_and_an_event_after_it() -> None:
    async def body(after: int) -> str:
        response = await stream_events(in_thread(failing(after), threads), "req-1")
        return "".join([bytes(part).decode() async for part in response.body_iterator if not isinstance(part, str)])

    with ThreadPoolExecutor(1) as threads:
        with pytest.raises(ServiceError, match="It ends here"):
            asyncio.run(body(0))
        text = asyncio.run(body(1))
    assert text.startswith('data: {"n": 0}\n\nevent: error\ndata: {"error": {"message": "It ends here."')
    with pytest.raises(ServiceError):
        begun(failing(0))

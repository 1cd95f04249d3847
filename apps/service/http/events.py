"""Server-sent events from what happens in threads."""

from __future__ import annotations

import asyncio
import contextvars
import json
import math
import threading
from collections.abc import AsyncGenerator, Generator, Iterable, Iterator
from concurrent.futures import Executor
from contextlib import aclosing, closing
from itertools import chain
from typing import Any, TypeVar

from fastapi.responses import StreamingResponse

from octavo.apps.service.http.requests import error_body
from octavo.ingest import OctavoError

T = TypeVar("T")
EVERY = 0.05
"""Seconds between two batches of events at least, once they come faster than twice as slow."""


async def in_thread(events: Generator[T], threads: Executor) -> AsyncGenerator[list[T]]:
    """Yields what a blocking generator has yielded since the last time, at least one.

    The generator runs in one thread and one context from its begin to its end, so that one which holds what others
    wait for never waits for a thread itself. It is closed after its next step where the reader goes away. Events that
    come fast, as pieces of an answer do, are yielded together each `EVERY` seconds: to wake the loop for each takes as
    much of the processor as all else that is done with it. The first, the second and the last are not held back.
    """
    loop, is_closed, wake = asyncio.get_running_loop(), threading.Event(), asyncio.Event()
    arrived: list[T] = []
    taking, waits = threading.Lock(), True

    def call_reader(_: object = None) -> None:
        if not is_closed.is_set():
            loop.call_soon_threadsafe(wake.set)

    def work() -> None:
        nonlocal waits
        with closing(events):
            for event in events:
                with taking:
                    arrived.append(event)
                    is_first, waits = waits, False
                if is_closed.is_set():
                    return
                if is_first:
                    call_reader()

    running = threads.submit(contextvars.copy_context().run, work)
    running.add_done_callback(call_reader)
    last = -math.inf
    try:
        while True:
            await wake.wait()
            wake.clear()
            is_over = running.done()
            with taking:
                batch, arrived = arrived, []
                before, last = last, loop.time() if batch else last
                pauses = bool(batch) and last - before < 2 * EVERY
                waits = not pauses
            if batch:
                yield batch
            if is_over:
                running.result()  # raises what ended the events
                return
            if pauses:
                loop.call_later(EVERY, wake.set)
    finally:
        is_closed.set()
        running.cancel()


def line(data: Any, event: str = "") -> bytes:
    """Returns one server-sent event.

    >>> line({"n": 1}, "step")
    b'event: step\\ndata: {"n": 1}\\n\\n'
    """
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return (f"event: {event}\n" if event else "").encode() + f"data: {text}\n\n".encode()


def begun(events: Generator[T]) -> Iterator[T]:
    """Waits for the first event and returns all, so that what fails before it is an error response."""
    return chain([next(events)], events)


async def at_once(events: Iterable[T]) -> AsyncGenerator[list[T]]:
    """Yields events that need no thread together."""
    yield list(events)


async def stream_events(batches: AsyncGenerator[list[bytes]], request: str) -> StreamingResponse:
    """Waits for the first batch of events and returns the response that they make up.

    An error before it is raised, one after it becomes an event of its own.
    """
    first = await anext(batches)

    async def written() -> AsyncGenerator[bytes]:
        async with aclosing(batches):
            yield b"".join(first)
            try:
                async for batch in batches:
                    yield b"".join(batch)
            except OctavoError as error:
                yield line(error_body(error, request), "error")

    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(written(), media_type="text/event-stream", headers=headers)

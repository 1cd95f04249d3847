"""Server-sent events from what happens in threads."""

from __future__ import annotations

import asyncio
import contextvars
import json
import threading
from collections.abc import AsyncGenerator, Generator
from concurrent.futures import Executor
from contextlib import aclosing, closing
from typing import Any, TypeVar

from fastapi.responses import StreamingResponse

from octavo.apps.service.http.requests import error_body
from octavo.ingest import OctavoError

T = TypeVar("T")
_END = object()


async def in_thread(events: Generator[T], threads: Executor) -> AsyncGenerator[T]:
    """Yields what a blocking generator yields, which runs in one thread and one context from its begin to its end.

    So that one which holds what others wait for never waits for a thread itself. It is closed after its next step where
    the reader goes away.
    """
    loop, left = asyncio.get_running_loop(), threading.Event()
    arrived: asyncio.Queue[tuple[T | object, BaseException | None]] = asyncio.Queue()

    def tell(event: T | object, error: BaseException | None = None) -> None:
        if not left.is_set():
            loop.call_soon_threadsafe(arrived.put_nowait, (event, error))

    def work() -> None:
        try:
            with closing(events):
                while not left.is_set() and (event := next(events, _END)) is not _END:
                    tell(event)
        except BaseException as error:  # noqa: BLE001 - raised where the events are read
            tell(_END, error)
        else:
            tell(_END)

    running = threads.submit(contextvars.copy_context().run, work)
    try:
        while True:
            event, error = await arrived.get()
            if error is not None:
                raise error
            if event is _END:
                return
            yield event  # type: ignore[misc]
    finally:
        left.set()
        running.cancel()


def line(data: Any, event: str = "") -> bytes:
    """One server-sent event.

    >>> line({"n": 1}, "step")
    b'event: step\\ndata: {"n": 1}\\n\\n'
    """
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return (f"event: {event}\n" if event else "").encode() + f"data: {text}\n\n".encode()


async def first_or_error(events: AsyncGenerator[T]) -> tuple[T, AsyncGenerator[T]]:
    """Waits for the first event, so that what fails before it is an error response and no broken stream."""
    first = await anext(events)

    async def again() -> AsyncGenerator[T]:
        async with aclosing(events):
            yield first
            async for event in events:
                yield event

    return first, again()


def streamed(events: AsyncGenerator[bytes], request: str) -> StreamingResponse:
    """A response of events; an error after the first one becomes an event of its own."""

    async def safe() -> AsyncGenerator[bytes]:
        async with aclosing(events):
            try:
                async for event in events:
                    yield event
            except OctavoError as error:
                yield line(error_body(error, request), "error")

    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(safe(), media_type="text/event-stream", headers=headers)

"""Server-sent events from what happens in threads."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing
from contextvars import copy_context
from typing import Any, TypeVar

from fastapi.responses import StreamingResponse

from octavo.apps.service.http.requests import error_body
from octavo.ingest import OctavoError

T = TypeVar("T")
_END = object()


def _next(events: Generator[T]) -> T | object:
    return next(events, _END)


async def in_thread(events: Generator[T]) -> AsyncGenerator[T]:
    """Yields what a blocking generator yields, each step in a thread; closes it where the reader goes away.

    All steps run in one context, so that what a step sets there holds for the next.
    """
    context, loop = copy_context(), asyncio.get_running_loop()
    try:
        while (event := await loop.run_in_executor(None, context.run, _next, events)) is not _END:
            yield event  # type: ignore[misc]
    finally:
        await asyncio.shield(loop.run_in_executor(None, context.run, events.close))


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

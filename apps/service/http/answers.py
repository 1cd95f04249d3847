"""Answers as they are counted and waited for, each in a turn of its caller."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import aclosing
from contextvars import copy_context
from typing import TypeVar

from fastapi import Request

from octavo.apps.service.errors import GoneError
from octavo.apps.service.http.authentication import CALLER
from octavo.apps.service.http.events import in_thread
from octavo.apps.service.service import Service
from octavo.rag import Answer, Event, Finished

T = TypeVar("T")


async def each_in_turn(events: Generator[T], service: Service, request: Request) -> AsyncGenerator[list[T]]:
    """Yields the events of an answer as `in_thread` does, once its turn has come.

    Raises `BusyError`, and `GoneError` where the caller went away meanwhile.
    """
    async with service.answering.take(request.scope[CALLER].user):
        await _check_present(request)
        async with aclosing(in_thread(events, service.answering.threads)) as batches:
            async for batch in batches:
                yield batch


async def searched(work: Callable[[], T], service: Service, request: Request) -> T:
    """Returns what a search returns, or an embedding, once its turn has come; raises as `each_in_turn`."""
    async with service.searching.take(request.scope[CALLER].user):
        await _check_present(request)
        return await asyncio.get_running_loop().run_in_executor(service.searching.threads, copy_context().run, work)


async def _check_present(request: Request) -> None:
    if await request.is_disconnected():
        raise GoneError("The caller went away before the question's turn came.")


def count(request: Request, finished: Finished) -> None:
    """Counts an answer for the metrics."""
    request.app.state.metrics.answer(abstained=finished.answer.abstained, model=finished.answer.model)


async def last_answer(batches: AsyncGenerator[list[Event]], request: Request) -> Answer:
    """Waits for the end of a stream, counts its answer and returns it."""
    last = None
    async for batch in batches:
        last = batch[-1]
    assert isinstance(last, Finished)
    count(request, last)
    return last.answer

"""Answers as they are counted and waited for."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from fastapi import Request

from octavo.rag import Answer, Event, Finished


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

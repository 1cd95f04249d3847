"""Calls of a model server: several at a time, sent again where that helps, or shortened to fit the model's context."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol, Self, TypeVar

from octavo.rag.clients.errors import EndpointError

T = TypeVar("T")
R = TypeVar("R")
_SHORTEN = 4


def with_retries(send: Callable[[], R], waits: Sequence[float]) -> R:
    """Returns the result of `send`, called again after each of `waits` (seconds) where its error says that may help."""
    for wait in waits:
        try:
            return send()
        except EndpointError as error:
            if not error.again:
                raise
            time.sleep(error.wait or wait)
    return send()


def map_concurrent(call: Callable[[T], R], items: Iterable[T], workers: int) -> Iterator[R]:
    """Yields the result of `call` for each item, in their order, with up to `workers` at a time.

    Items are taken as they are needed. The first error ends it: what has not begun is not begun.

    >>> list(map_concurrent(lambda n: n * n, range(5), workers=3))
    [0, 1, 4, 9, 16]
    """
    pool = ThreadPoolExecutor(workers)
    try:
        waiting: deque[Future[R]] = deque()
        for item in items:
            waiting.append(pool.submit(call, item))
            if len(waiting) >= 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


class Truncatable(Protocol):
    """An item that can be shortened."""

    def shorter(self) -> Self:
        """Returns about half of this input."""
        ...


S = TypeVar("S", bound=Truncatable)


def retry_shortened(send: Callable[[S], R], item: S) -> R:
    """Returns the result of `send` for an item, halved up to four times while the model's context is too short."""
    for _ in range(_SHORTEN):
        try:
            return send(item)
        except EndpointError as error:
            if not error.too_long:
                raise
            item = item.shorter()
    return send(item)

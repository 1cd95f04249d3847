"""Doing the same to many things at once."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def map_concurrent(work: Callable[[T], R], things: Iterable[T], workers: int) -> Iterator[tuple[T, R]]:
    """Yields each of the things with its result, in the order they finish; `things` is read as workers come free.

    An error of `work` is raised here, after the work in hand is done; what was not begun is left.

    >>> sorted(map_concurrent(str, range(3), workers=2))
    [(0, '0'), (1, '1'), (2, '2')]
    """
    source = iter(things)
    with ThreadPoolExecutor(workers) as pool:
        running: dict[Future[R], T] = {}
        while True:
            for thing in itertools.islice(source, 2 * workers - len(running)):
                running[pool.submit(work, thing)] = thing
            if not running:
                return
            try:
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    yield running.pop(future), future.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise

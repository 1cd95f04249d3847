"""Turns of questions: so many are answered at a time, the others wait fairly and not for ever.

The searches of all of them share the processors.
"""

from __future__ import annotations

import asyncio
import math
import os
import threading
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from functools import partial
from typing import TypeVar

from octavo.ingest import OctavoError
from octavo.rag import Settings

T = TypeVar("T")

LATER = 60
"""The most seconds after which a caller is told to ask again."""


class BusyError(OctavoError):
    """More questions than are answered in time; `seconds` until it is worth asking again."""

    code = "busy"

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many questions are waiting for an answer: ask again in {seconds} seconds.")
        self.seconds = seconds


class SearchPlaces:
    """Lets as many searches run at a time as there are processors, whoever they are for; further ones wait.

    Searches that run at once on fewer processors end late, all of them. One that waits for servers of models or of an
    index takes no place.
    """

    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(os.cpu_count() or 1)

    def take(self, settings: Settings) -> AbstractContextManager[object]:
        """Returns the place of a search with these settings, which it has within the block."""
        kinds = {settings.embedding.kind, settings.relevancy.kind}
        is_here = not settings.index_uri and kinds <= {"static", "match", "transformers"}
        return self._places if is_here else nullcontext()

    def begin(self, events: Iterator[T], settings: Settings) -> Iterator[T]:
        """Yields the events of an answer, the first of which comes from a search in its place."""
        with self.take(settings):
            first = next(events)
        yield first
        yield from events


class Turns:
    """Gives `places` questions a turn at a time, whatever thread or event loop they come from; close it at the end.

    Each turn has one of its `threads`, which `name` names. Users take turns, so that one who asks many questions at
    once delays their own. A question is refused where `most` wait already, and one that is waited for by `take` where
    it has waited for `seconds`.
    """

    def __init__(self, places: int, most: int, seconds: float = math.inf, name: str = "asker") -> None:
        self.threads = ThreadPoolExecutor(places, thread_name_prefix=f"octavo-{name}")
        self.on_change: Callable[[int], object] = lambda waiting: None
        """Called with the number of questions that wait, whenever it has changed."""
        self._places, self._most, self._seconds = places, most, seconds
        self._changing = threading.RLock()
        self._free = places
        self._waiting: OrderedDict[str, deque[Future[None]]] = OrderedDict()
        self._mean = 0.0

    def close(self) -> None:
        """Waits for what runs in the threads."""
        self.threads.shutdown(cancel_futures=True)

    @property
    def waiting(self) -> int:
        """The number of questions that wait."""
        with self._changing:
            return sum(map(len, self._waiting.values()))

    def queue(self, user: str) -> Future[None]:
        """Returns a place in the queue, which is done when its turn has come; raises `BusyError`.

        Whoever cancels it before leaves the queue. A turn that has come lasts until `hold` ends.
        """
        place: Future[None] = Future()
        with self._changing:
            if not self._free:
                if self.waiting >= self._most:
                    raise self._busy()
                self._waiting.setdefault(user, deque()).append(place)
                self._tell()
                place.add_done_callback(partial(self._leave, user))
                return place
            self._free -= 1
        place.set_result(None)
        return place

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Holds a turn that has come, which the next one gets at the end of the block."""
        started = time.monotonic()
        try:
            yield
        finally:
            self._mean += (time.monotonic() - started - self._mean) / 8
            self._pass_on()

    @asynccontextmanager
    async def take(self, user: str) -> AsyncIterator[None]:
        """Waits for a turn of this user, which lasts as long as the block; raises `BusyError`."""
        place = self.queue(user)
        try:
            if not place.done():
                async with asyncio.timeout(self._seconds):
                    await asyncio.wrap_future(place)
        except BaseException as error:
            if not place.cancel():
                self._pass_on()  # the turn came at the moment in which nobody waited for it any more
            if isinstance(error, TimeoutError):
                raise self._busy() from error
            raise
        with self.hold():
            yield

    def _leave(self, user: str, place: Future[None]) -> None:
        if not place.cancelled():
            return
        with self._changing:
            places = self._waiting.get(user, deque())
            if place in places:  # else it was passed over after it was cancelled
                places.remove(place)
                if not places:
                    del self._waiting[user]
                self._tell()

    def _pass_on(self) -> None:
        """Gives a turn that is over to the next user who still waits."""
        place = self._next()
        if place is not None:
            place.set_result(None)

    def _next(self) -> Future[None] | None:
        with self._changing:
            while self._waiting:
                user, places = self._waiting.popitem(last=False)
                place = places.popleft()
                if places:
                    self._waiting[user] = places
                self._tell()
                if place.set_running_or_notify_cancel():
                    return place
            self._free += 1
            return None

    def _tell(self) -> None:
        self.on_change(self.waiting)

    def _busy(self) -> BusyError:
        seconds = math.ceil(self.waiting * self._mean / self._places)
        return BusyError(min(max(seconds, 1), LATER))

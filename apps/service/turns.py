"""Turns of questions: so many are answered at a time, the others wait fairly and not for ever."""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from octavo.apps.service.errors import BusyError

LATER = 60
"""The most seconds after which a caller is told to ask again."""


class Turns:
    """Gives `places` questions a turn at a time, in one event loop.

    Users take turns, so that one who asks many questions at once delays their own. A question is refused
    where `most` wait already, and where it has waited for `seconds`.
    """

    def __init__(self, places: int, most: int, seconds: float) -> None:
        self._places, self._most, self._seconds = places, most, seconds
        self._free = places
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        self._mean = 0.0

    @property
    def waiting(self) -> int:
        """The number of questions that wait."""
        return sum(map(len, self._waiting.values()))

    @asynccontextmanager
    async def take(self, user: str) -> AsyncIterator[None]:
        """Waits for a turn of this user, which lasts as long as the block; raises `BusyError`."""
        await self._begin(user)
        started = time.monotonic()
        try:
            yield
        finally:
            self._mean += (time.monotonic() - started - self._mean) / 8
            self._pass_on()

    async def _begin(self, user: str) -> None:
        if self._free:
            self._free -= 1
            return
        if self.waiting >= self._most:
            raise self._busy()
        place = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(user, deque()).append(place)
        try:
            async with asyncio.timeout(self._seconds):
                await place
        except BaseException as error:
            if place.done() and not place.cancelled():
                self._pass_on()  # the turn came at the moment in which nobody waited for it any more
            else:
                self._leave(user, place)
            if isinstance(error, TimeoutError):
                raise self._busy() from error
            raise

    def _leave(self, user: str, place: asyncio.Future[None]) -> None:
        places = self._waiting.get(user, deque())
        if place in places:  # else it was passed over after it was cancelled
            places.remove(place)
            if not places:
                del self._waiting[user]

    def _pass_on(self) -> None:
        """Gives a turn that is over to the next user who still waits."""
        while self._waiting:
            user, places = self._waiting.popitem(last=False)
            place = places.popleft()
            if places:
                self._waiting[user] = places
            if not place.done():
                place.set_result(None)
                return
        self._free += 1

    def _busy(self) -> BusyError:
        seconds = math.ceil(self.waiting * self._mean / self._places)
        return BusyError(min(max(seconds, 1), LATER))

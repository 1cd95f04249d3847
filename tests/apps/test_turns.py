"""Questions that wait: users take turns, and nobody waits for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from octavo.apps.turns import BusyError, SearchPlaces, Turns
from octavo.rag import Settings


async def hold(turns: Turns, user: str, order: list[str], over: asyncio.Event) -> None:
    """Takes a turn until all may end, and notes whose it was."""
    async with turns.take(user):
        order.append(user)
        await over.wait()


async def begun(*work: Awaitable[None]) -> list[asyncio.Future[None]]:
    """Starts all, and lets them come as far as they can."""
    tasks = [asyncio.ensure_future(one) for one in work]
    for _ in range(9):
        await asyncio.sleep(0)
    return tasks


def test_one_who_asks_much_at_once_delays_their_own_questions() -> None:
    async def run() -> list[str]:
        turns, order, over = Turns(1, 100, 60), list[str](), asyncio.Event()
        tasks = await begun(*(hold(turns, user, order, over) for user in ("ann", "ann", "ann", "ben", "ann", "cem")))
        assert (order, turns.waiting) == (["ann"], 5)
        over.set()
        await asyncio.gather(*tasks)
        assert turns.waiting == 0
        return order

    assert asyncio.run(run()) == ["ann", "ann", "ben", "cem", "ann", "ann"]


@pytest.mark.parametrize(("most", "seconds"), [(0, 60), (5, 0)])
def test_a_question_is_refused_where_too_many_wait_or_its_time_is_over(most: int, seconds: float) -> None:
    async def run() -> None:
        turns, over = Turns(1, most, seconds), asyncio.Event()
        held = await begun(hold(turns, "ann", [], over))
        with pytest.raises(BusyError, match="ask again in 1 seconds") as error:
            await hold(turns, "ben", [], over)
        assert (error.value.seconds, turns.waiting) == (1, 0)
        over.set()
        await asyncio.gather(*held)
        await hold(turns, "ben", [], over)

    asyncio.run(run())


@pytest.mark.parametrize("is_called", [False, True])
def test_the_turn_of_one_who_leaves_is_the_next_ones(is_called: bool) -> None:
    async def run() -> list[str]:
        turns, order, over = Turns(1, 100, 60), list[str](), asyncio.Event()

        async def first() -> None:
            await hold(turns, "ann", order, over)
            if is_called:  # it is told that its turn has come, and did not go on yet
                waiting.cancel()

        _, waiting, last = await begun(first(), *(hold(turns, user, order, over) for user in ("ben", "cem")))
        if not is_called:
            waiting.cancel()
        over.set()
        await last
        assert waiting.cancelled()
        return order

    assert asyncio.run(run()) == ["ann", "cem"]


def test_a_turn_that_ends_as_the_next_one_leaves_is_the_one_after_its() -> None:
    async def run() -> list[str]:
        turns, order, over = Turns(1, 100, 60), list[str](), asyncio.Event()
        first, left, last = await begun(*(hold(turns, user, order, over) for user in ("ann", "ben", "cem")))
        over.set()
        left.cancel()
        await asyncio.gather(first, last)
        assert (left.cancelled(), turns.waiting) == (True, 0)
        await hold(turns, "dan", order, over)
        return order

    assert asyncio.run(run()) == ["ann", "cem", "dan"]


def test_those_who_wait_in_an_event_loop_and_in_none_share_the_places() -> None:
    async def run() -> list[str]:
        turns, order, over, told = Turns(1, 100, 60), list[str](), asyncio.Event(), list[int]()
        turns.on_change = told.append
        tasks = await begun(hold(turns, "ann", order, over), hold(turns, "ann", order, over))
        outside = turns.queue("ben")
        over.set()
        await asyncio.gather(*tasks)
        assert outside.done()
        with turns.hold():
            assert turns.threads.submit(order.append, "ben").result() is None
        turns.close()
        assert told == [1, 2, 1, 0]
        return order

    assert asyncio.run(run()) == ["ann", "ann", "ben"]


def test_an_answer_has_the_place_of_a_search_until_its_first_event(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    places, settings = SearchPlaces(), Settings(library=tmp_path)
    first = places.begin(iter("ab"), settings)
    assert next(first) == "a"
    served = settings.model_copy(update={"index_uri": "http://localhost:8000"})
    with ThreadPoolExecutor(1) as thread:
        with places.take(settings):
            other = thread.submit(list, places.begin(iter("cd"), settings))
            assert list(places.begin(iter("ef"), served)) == ["e", "f"]  # searches elsewhere
            assert list(first) == ["b"]
            assert not other.done()
        assert other.result() == ["c", "d"]

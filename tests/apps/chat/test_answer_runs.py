"""A question on its way: all who watch see it grow, its end is kept once, one at a time in a conversation."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Generator

import pytest

from octavo.apps.chat.answer_runs import AnswerRun, AnswerRuns
from octavo.apps.chat.asking import ChatQuery
from octavo.apps.chat.turns import AskedQuestion, Turn, TurnId
from octavo.apps.turns import BusyError, Turns
from octavo.ingest import OctavoError
from octavo.rag import Answer, Delta, Finished, Retrieved
from octavo.rag.evidence import Event

AT = TurnId("c", 0)
TURN = Turn(AskedQuestion("What?"), "")


def unsearched(query: ChatQuery) -> Generator[Event]:
    pytest.fail("it was searched for")
    yield


def test_a_turn_grows_by_events_and_is_kept_at_its_end() -> None:
    kept: list[tuple[TurnId, Turn]] = []
    live = AnswerRun(AT, TURN, lambda at, turn: kept.append((at, turn)))

    def events(query: ChatQuery) -> Generator[Event]:
        yield Retrieved((), ())
        yield Delta("It ")
        assert live.turn.answer is not None
        assert live.turn.answer.text == "It "
        yield Finished(Answer("What?", "It is."))

    live.run(lambda: ChatQuery("What?", note="by rules"), events)
    last = live.wait()
    assert kept == [(AT, last)]
    assert (last.query, last.note, last.answer and last.answer.text) == ("What?", "by rules", "It is.")


def test_a_sentence_that_is_raised_ends_the_turn() -> None:
    kept: list[Turn] = []

    def understand() -> ChatQuery:
        raise OctavoError("Nothing to search for.")

    AnswerRun(AT, TURN, lambda at, turn: kept.append(turn)).run(understand, unsearched)
    assert kept[0].error == "Nothing to search for."
    assert kept[0].answer is None


def test_an_exception_is_stored_as_an_error_and_raised() -> None:
    kept: list[Turn] = []

    def understand() -> ChatQuery:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        AnswerRun(AT, TURN, lambda at, turn: kept.append(turn)).run(understand, unsearched)
    assert kept[0].error


def test_one_question_at_a_time_in_a_conversation() -> None:
    gate = threading.Event()
    turns = Turns(2, 9)
    runs = AnswerRuns(turns)

    def understand() -> ChatQuery:
        gate.wait(20)
        raise OctavoError("Enough.")

    def begin() -> AnswerRun:
        return AnswerRun(AT, TURN, lambda at, turn: None)

    def start(conversation: str) -> AnswerRun:
        return runs.start("ann", conversation, begin, understand, unsearched)

    first = start("a")
    with pytest.raises(OctavoError, match="still being answered"):
        runs.start("ann", "a", lambda: pytest.fail("it was begun"), understand, unsearched)
    start("b")
    assert runs.of("a") is first
    gate.set()
    runs.close()
    turns.close()
    assert runs.of("a") is None


def test_a_watcher_sees_an_answer_grow_to_its_end_and_can_stop() -> None:
    gate = threading.Event()
    run = AnswerRun(AT, TURN, lambda at, turn: None)

    def events(query: ChatQuery) -> Generator[Event]:
        yield Retrieved((), ())
        yield Delta("It ")
        gate.wait(20)
        yield Finished(Answer("What?", "It is."))

    async def seen(watched: Callable[[], bool], at_text: Callable[[], None]) -> list[tuple[str, bool]]:
        texts = []
        async for turn, done in run.watch(watched):
            texts.append((turn.answer.text if turn.answer else "", done))
            if texts[-1][0] == "It ":
                at_text()
        return texts

    open_window = True

    def leave() -> None:
        nonlocal open_window
        open_window = False

    thread = threading.Thread(target=run.run, args=(lambda: ChatQuery("What?"), events))
    thread.start()
    assert asyncio.run(seen(lambda: open_window, leave))[-1] == ("It ", False)
    assert asyncio.run(seen(lambda: True, gate.set))[-1] == ("It is.", True)
    thread.join()
    assert asyncio.run(seen(lambda: True, gate.set)) == [("It is.", True)]


def test_questions_wait_for_turns_that_others_take_too_and_leave_the_queue_when_stopped() -> None:
    turns, order = Turns(1, 2), list[str]()
    runs = AnswerRuns(turns)
    other = turns.queue("ben")
    assert other.done()

    def start(conversation: str) -> AnswerRun:
        def understand() -> ChatQuery:
            order.append(conversation)
            raise OctavoError("Enough.")

        begin = AnswerRun(TurnId(conversation, 0), TURN, lambda at, turn: None)
        return runs.start("ann", conversation, lambda: begin, understand, unsearched)

    first, second = start("a"), start("b")
    with pytest.raises(BusyError, match="Too many questions"):
        start("c")
    assert (turns.waiting, runs.of("c")) == (2, None)
    first.stop()
    assert (turns.waiting, first.turn.stopped) == (1, True)
    with turns.hold():
        pass
    assert second.wait().error == "Enough."
    runs.close()
    turns.close()
    assert (order, turns.waiting) == (["b"], 0)
    assert turns.queue("ben").done()

"""A question on its way: all who watch see it grow, its end is kept once, one at a time in a conversation."""

from __future__ import annotations

import threading
from collections.abc import Generator

import pytest

from octavo.apps.chat.answer_runs import AnswerRun, AnswerRuns
from octavo.apps.chat.asking import ChatQuery
from octavo.apps.chat.turns import AskedQuestion, Turn
from octavo.ingest import OctavoError
from octavo.rag import Answer, Delta, Finished, Retrieved
from octavo.rag.evidence import Event

TURN = Turn(AskedQuestion("What?"), "")


def test_a_turn_grows_by_events_and_is_kept_at_its_end() -> None:
    kept: list[Turn] = []
    live = AnswerRun(TURN, 0, kept.append)

    def events(query: ChatQuery) -> Generator[Event]:
        yield Retrieved((), ())
        yield Delta("It ")
        assert live.turn.answer is not None
        assert live.turn.answer.text == "It "
        yield Finished(Answer("What?", "It is."))

    live.run(lambda: ChatQuery("What?", note="by rules"), events)
    *_, last = live.changes()
    assert kept == [last]
    assert (last.query, last.note, last.answer and last.answer.text) == ("What?", "by rules", "It is.")


def test_a_sentence_that_is_raised_ends_the_turn() -> None:
    kept: list[Turn] = []

    def understand() -> ChatQuery:
        raise OctavoError("Nothing to search for.")

    AnswerRun(TURN, 0, kept.append).run(understand, lambda query: pytest.fail("it was searched for"))
    assert kept[0].error == "Nothing to search for."
    assert kept[0].answer is None


def test_what_breaks_is_kept_as_an_error_and_raised() -> None:
    kept: list[Turn] = []

    def understand() -> ChatQuery:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        AnswerRun(TURN, 0, kept.append).run(understand, lambda query: pytest.fail("it was searched for"))
    assert kept[0].error


def test_one_question_at_a_time_in_a_conversation() -> None:
    gate = threading.Event()
    lives = AnswerRuns(2)

    def understand() -> ChatQuery:
        gate.wait(20)
        raise OctavoError("Enough.")

    def live() -> AnswerRun:
        return AnswerRun(TURN, 0, lambda turn: None)

    first = live()
    lives.start("a", first, understand, lambda query: pytest.fail("it was searched for"))
    with pytest.raises(OctavoError, match="still being answered"):
        lives.start("a", live(), understand, lambda query: pytest.fail("it was searched for"))
    lives.start("b", live(), understand, lambda query: pytest.fail("it was searched for"))
    assert lives.of("a") is first
    gate.set()
    lives.close()
    assert lives.of("a") is None

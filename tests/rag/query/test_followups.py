"""Follow-up questions are understood; questions that stand alone are left alone."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from octavo.rag.answering import AnswerError
from octavo.rag.clients.messages import Message
from octavo.rag.query.followups import LETTERS, SECONDS, TOKENS, condense, reword

FIRST = "What was capital expenditure in 2018?"


@pytest.mark.parametrize(
    ("question", "holds"),
    [
        ("And in 2017?", ["capital expenditure", "2017"]),
        ("what about 2016", ["capital expenditure", "2016"]),
        ("Why did it rise?", ["rise", "capital", "expenditure", "2018"]),
        ("How is that explained?", ["explained"]),
        ("Revenue?", ["Revenue", "2018"]),
        ("What do they say about this?", ["capital"]),
    ],
)
def test_a_follow_up_takes_along_what_it_needs(question: str, holds: list[str]) -> None:
    condensed = condense(question, FIRST)
    assert all(part in condensed for part in holds), condensed


def test_a_new_year_leaves_the_old_one_behind() -> None:
    assert "2018" not in condense("And in 2017?", FIRST)
    assert "2018" not in condense("How did it change by 2019?", FIRST)


@pytest.mark.parametrize(
    "question",
    [
        FIRST,
        "Who pays for the fibre link to the mainland?",
        "What is the budget?",
        "Which domes does the island have?",
        "Is there a table of costs that shows staff?",
    ],
)
def test_a_question_that_stands_alone_is_left_as_it_is(question: str) -> None:
    assert condense(question, "To what torque were the shutter bolts tightened?") == question


def test_turns_chain() -> None:
    second = condense("And in 2017?", FIRST)
    assert condense("And 2016?", second) == "What was capital expenditure in 2016?"


BEFORE = [(FIRST, "It was 1,577 million dollars [1].")]


def test_a_model_is_told_the_conversation_and_its_words_are_taken() -> None:
    told: list[str] = []

    def say(messages: Sequence[Message], tokens: int, seconds: float) -> str:
        assert (tokens, seconds) == (TOKENS, SECONDS)
        told.extend(message.text for message in messages)
        return '"What was capital expenditure in 2017?"\nIt was 1,373 million.'

    assert reword("And the year before?", BEFORE, say) == ("What was capital expenditure in 2017?", "")
    assert "1,577 million" in told[1]
    assert "And the year before?" in told[1]


@pytest.mark.parametrize(
    "said",
    ["", "  \n ", "The zebra won the submarine regatta.", "It was 1,577 million dollars [1].", "capital " * LETTERS],
)
def test_an_unrelated_rewording_by_a_model_is_not_searched_for(said: str) -> None:
    text, note = reword("And in 2017?", BEFORE, lambda *_: said)
    assert text == "What was capital expenditure in 2017?"
    assert note.startswith("by rules")


def test_a_model_that_fails_leaves_it_to_the_rules() -> None:
    def say(*_: object) -> str:
        raise AnswerError("The model server gave no answer.")

    text, note = reword("And in 2017?", BEFORE, say)
    assert text == "What was capital expenditure in 2017?"
    assert "gave no answer" in note


@pytest.mark.parametrize(
    "thought",
    [
        "<think>The last question asks capital expenditure in 2017.</think>\n\n",
        "The last question was: capital expenditure, in 2018?\n</think>\n\n",
        "[THINK]In 2018 or 2017?[/THINK]",
    ],
)
def test_thoughts_of_a_model_are_not_searched_for(thought: str) -> None:
    question = "What was capital expenditure in 2017?"
    assert reword("And in 2017?", BEFORE, lambda *_: thought + question) == (question, "")

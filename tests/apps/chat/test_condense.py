"""Follow-up questions are understood; questions that stand alone are left alone."""

from __future__ import annotations

import pytest

from apps.chat.condense import condense

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

"""What is read out of a question."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from ingest import Kind
from rag.question import parse


@pytest.mark.parametrize(
    ("text", "pages"),
    [
        ("What is on page 14?", (14,)),
        ("Compare pages 3-5", (3, 4, 5)),
        ("slides 2, 4 and 7", (2, 4, 7)),
        ("the title of the first slide", (1,)),
        ("who signed the last page", (-1,)),
        ("p. 9 of the report", (9,)),
        ("How many pages are there in 2018?", ()),
        ("pages 9-3", (9, 3)),
    ],
)
def test_pages_that_a_question_names(text: str, pages: tuple[int, ...]) -> None:
    assert parse(text).pages == pages


@pytest.mark.parametrize(
    ("text", "references"),
    [
        ("What does Figure 3 show?", (("figure", "3"),)),
        ("see Fig. 2.1 and Table 4", (("figure", "2.1"), ("table", "4"))),
        ("the figure of 300 people", ()),
    ],
)
def test_figures_and_tables_that_a_question_names(text: str, references: tuple[tuple[str, str], ...]) -> None:
    assert parse(text).references == references


def test_numbers_are_canonical_and_pages_are_none_of_them() -> None:
    question = parse("Was 1,577 million spent in 2018, as page 14 says?")
    assert question.numbers == ("1577", "2018")


def test_kinds_asked_for() -> None:
    assert Kind.CHART in parse("What does the bar chart say?").kinds
    assert parse("in the second row of the table").kinds == {Kind.TABLE}
    assert not parse("Who is the director?").kinds


@given(st.text(max_size=200))
def test_any_text_is_a_question(text: str) -> None:
    question = parse(text)
    assert question.text == text
    assert all(page >= -1 for page in question.pages)

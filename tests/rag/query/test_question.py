"""What is read out of a question."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from octavo.ingest import Kind
from octavo.rag.query.analysis import terms
from octavo.rag.query.question import parse_query
from octavo.rag.query.rules import QueryRules


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
        ("the diagram on page two", (2,)),
        ("pages four to six", (4, 5, 6)),
        ("on page 15 and page 16", (15, 16)),
        ("on the tenth slide", (10,)),
        ("on the second to last page", (-2,)),
        ("the page at the second last", (-2,)),
        ("on the penultimate slide", (-2,)),
        ("the logo on the cover", (1,)),
        ("the address on the back cover", (-1,)),
        ("what does the policy cover?", ()),
        ("what is the cover that the policy gives", ()),
        ("the cover letter", ()),
        ("What is the title of the slides?", (1,)),
        ("who is the author of this paper", (1,)),
        ("What is the title of the chart?", ()),
        ("when was the bond published", ()),
        ("the auditors' report on page F-3", ("F-3",)),
        ("who is thanked on page iv of the preface", ("iv",)),
        ("see pages XII and 4", ("XII",)),
        ("the page I read on Monday", ()),
        ("page layout in e-mail", ()),
    ],
)
def test_pages_that_a_question_names(text: str, pages: tuple[int | str, ...]) -> None:
    assert parse_query(text).pages == pages


@pytest.mark.parametrize(
    ("text", "references"),
    [
        ("What does Figure 3 show?", (("figure", "3"),)),
        ("see Fig. 2.1 and Table 4", (("figure", "2.1"), ("table", "4"))),
        ("the figure of 300 people", ()),
    ],
)
def test_figures_and_tables_that_a_question_names(text: str, references: tuple[tuple[str, str], ...]) -> None:
    assert parse_query(text).references == references


def test_numbers_are_canonical_and_pages_are_none_of_them() -> None:
    question = parse_query("Was 1,577 million spent in 2018, as page 14 says?")
    assert question.numbers == ("1577", "2018")


def test_kinds_asked_for() -> None:
    assert Kind.CHART in parse_query("What does the bar chart say?").kinds
    assert parse_query("in the second row of the table").kinds == {Kind.TABLE}
    assert not parse_query("Who is the director?").kinds


@given(st.text(max_size=200))
def test_any_text_is_a_question(text: str) -> None:
    question = parse_query(text)
    assert question.text == text
    assert all(isinstance(page, str) or page >= -10 for page in question.pages)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("What was revenue in 2018? Please write the answer in float format.", "What was revenue in 2018?"),
        ('Who are the directors? Enumerate them in a list like ["a", "b"].', "Who are the directors?"),
        ("Is revenue growing? If it does not apply to a bank, then state that and explain why.", "Is revenue growing?"),
        (
            "You are an analyst. Answer by the report only: what was revenue?",
            "Answer by the report only: what was revenue?",
        ),
        ("What was revenue in FY2018?", "What was revenue in FY 2018?"),
        ("What does this document say of revenue?", "What does it say of revenue?"),
    ],
)
def test_instructions_on_how_to_answer_are_not_search_terms(text: str, plain: str) -> None:
    assert parse_query(text).terms == parse_query(plain).terms


@pytest.mark.parametrize(
    "text",
    [
        "How much cash did Acme, Inc. provide in 2019?",
        "Explain the law of closure.",
        "Format the date on page 3",
        "this page",
    ],
)
def test_a_question_keeps_its_own_words(text: str) -> None:
    assert len(parse_query(text).terms) >= 1
    assert set(parse_query(text).terms) >= set(terms(text.rpartition("Inc. ")[2], stop_words=False)) - {"page"}


def test_parts_of_documents_and_periods_are_no_names() -> None:
    assert parse_query("What does Figure 3 on Page 2 say of Acme in Q2 of FY2023?").name_terms() == ("acm",)
    assert parse_query("What did Acme earn in FY2023 and 2022?").years == (2023, 2022)


@pytest.mark.parametrize(
    ("text", "all_of_kind"),
    [
        ("How many tables are included in the document?", True),
        ("Which pages contain charts?", True),
        ("What is the title of the chart?", False),
        ("How many people are in the picture?", False),
        ("How many tables are on page 4?", False),
        ("How many tons were sold?", False),
    ],
)
def test_questions_about_all_regions_of_a_kind(text: str, all_of_kind: bool) -> None:
    assert parse_query(text).all_of_kind is all_of_kind


@pytest.mark.parametrize(
    ("rule", "text", "field", "empty"),
    [
        ("pages", "What is on page 14?", "pages", ()),
        ("whole", "What is the title of this paper?", "pages", ()),
        ("captions", "What does Figure 3 show?", "references", ()),
        ("statements", "What was the gross margin?", "roles", frozenset()),
        ("kinds", "What does the chart say?", "kinds", frozenset()),
        ("regions", "How many tables are there?", "all_of_kind", False),
        ("names", "What did Acme earn?", "names", ()),
        ("years", "What was earned in 2018?", "years", ()),
        ("numbers", "Was it 4.5%?", "numbers", ()),
    ],
)
def test_a_rule_that_is_off_reads_nothing(rule: str, text: str, field: str, empty: object) -> None:
    assert getattr(parse_query(text), field) != empty
    off = parse_query(text, QueryRules(**{rule: False}))
    assert getattr(off, field) == empty
    assert off.terms == parse_query(text).terms


def test_instructions_are_search_words_where_their_rule_is_off() -> None:
    text = "What was earned? Please write the answer in float format, as on this page."
    assert parse_query(text).terms == ("earn",)
    assert set(parse_query(text, QueryRules(instructions=False)).terms) >= {"earn", "float", "format", "page"}

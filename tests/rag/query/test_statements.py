"""Financial statements: known by their titles, asked for by their lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from octavo.rag import Pipeline
from octavo.rag.query.question import parse_query
from octavo.rag.query.statements import StatementRole, statement_of
from tests.conftest import make_pdf


@pytest.mark.parametrize(
    ("title", "role"),
    [
        ("Consolidated Statements of Operations", StatementRole.INCOME),
        ("NORTHLIGHT AND SUBSIDIARIES CONDENSED STATEMENT OF INCOME (unaudited)", StatementRole.INCOME),
        ("Profit and loss account", StatementRole.INCOME),
        ("Consolidated Statements of Comprehensive Income", None),
        ("Consolidated balance sheets", StatementRole.BALANCE),
        ("Statement of financial position", StatementRole.BALANCE),
        ("Statements of Cash Flows", StatementRole.CASH),
        ("Notes to Consolidated Balance Sheets", None),
        ("Mission statement", None),
    ],
)
def test_what_a_page_is_by_its_title(title: str, role: StatementRole | None) -> None:
    assert statement_of(title) is role


@pytest.mark.parametrize(
    ("question", "roles"),
    [
        ("Did the gross margin improve in 2018?", {StatementRole.INCOME}),
        ("What was net PPNE at the end of 2018?", {StatementRole.BALANCE}),
        ("What was capex? Use the details shown in the cash flow statement.", {StatementRole.CASH}),
        ("Rely on the balance sheet. What is the net income?", {StatementRole.BALANCE}),
        ("What drove the change in gross margin?", set()),
        ("Has the margin improved? If not, state that. What is the gross margin?", {StatementRole.INCOME}),
        ("Is the gross margin improving, or, if it is not useful, state that and explain why?", {StatementRole.INCOME}),
        ("Who is on the board?", set()),
    ],
)
def test_the_statements_that_a_question_needs(question: str, roles: set[StatementRole]) -> None:
    assert parse_query(question).roles == roles


def test_the_statement_comes_first_though_other_pages_say_the_words(tmp_path: Path) -> None:
    talk = "The operating margin is a measure that management uses. The operating margin profile is discussed here."
    table = "Sales 4,210\nCost of sales 2,633\nSelling and administration 801\nEarnings 776"
    make_pdf(
        tmp_path / "annual.pdf",
        (("Measures", talk), ("Consolidated Statements of Operations", table), ("Staff", "312 people work here.")),
    )
    with Pipeline(tmp_path / "library") as pipeline:
        pipeline.ingest(tmp_path / "annual.pdf")
        found = pipeline.search("Is the operating margin improving?")
    assert found[0].page == 1

"""Financial statements: known by their titles, asked for by their lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag import Pipeline
from rag.question import parse
from rag.roles import Role, played

from ..conftest import make_pdf


@pytest.mark.parametrize(
    ("title", "role"),
    [
        ("Consolidated Statements of Operations", Role.INCOME),
        ("NORTHLIGHT AND SUBSIDIARIES CONDENSED STATEMENT OF INCOME (unaudited)", Role.INCOME),
        ("Profit and loss account", Role.INCOME),
        ("Consolidated Statements of Comprehensive Income", None),
        ("Consolidated balance sheets", Role.BALANCE),
        ("Statement of financial position", Role.BALANCE),
        ("Statements of Cash Flows", Role.CASH),
        ("Notes to Consolidated Balance Sheets", None),
        ("Mission statement", None),
    ],
)
def test_what_a_page_is_by_its_title(title: str, role: Role | None) -> None:
    assert played(title) is role


@pytest.mark.parametrize(
    ("question", "roles"),
    [
        ("Did the gross margin improve in 2018?", {Role.INCOME}),
        ("What was net PPNE at the end of 2018?", {Role.BALANCE}),
        ("What was capex? Use the details shown in the cash flow statement.", {Role.CASH}),
        ("Rely on the balance sheet. What is the net income?", {Role.BALANCE}),
        ("What drove the change in gross margin?", set()),
        ("Has the margin improved? If not, state that. What is the gross margin?", {Role.INCOME}),
        ("Who is on the board?", set()),
    ],
)
def test_the_statements_that_a_question_needs(question: str, roles: set[Role]) -> None:
    assert parse(question).roles == roles


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

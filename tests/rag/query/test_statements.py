"""Financial statements: known by their titles, asked for by their lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from octavo.rag import Pipeline
from octavo.rag.query.question import parse_query
from octavo.rag.query.statements import StatementRole, statement_of, statements_on
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
        ("Statement of profit or loss and other comprehensive income", StatementRole.INCOME),
        ("CASH FLOWS STATEMENTS", StatementRole.CASH),
        ("Off-balance sheet arrangements", None),
        ("Selected income statement data", None),
        ("Konzernbilanz", None),
        ("Bilanz zum 31. Dezember 2022", StatementRole.BALANCE),
        ("Compte de résultat consolidé", StatementRole.INCOME),
    ],
)
def test_statement_role_by_title(title: str, role: StatementRole | None) -> None:
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
        ("What was the ROA for FY2022?", {StatementRole.INCOME, StatementRole.BALANCE}),
        ("What was EBITDA in 2022?", {StatementRole.INCOME, StatementRole.CASH}),
        ("What was the adjusted EBITDA in 2022?", set()),
        ("How large was total debt at year end?", {StatementRole.BALANCE}),
        ("What is the days payable outstanding (DPO)?", {StatementRole.INCOME, StatementRole.BALANCE}),
        ("How many times did inventory turnover?", {StatementRole.INCOME, StatementRole.BALANCE}),
        ("Is it a capital-intensive business?", {StatementRole.INCOME, StatementRole.CASH}),
        ("What was the free cash flow conversion?", {StatementRole.INCOME, StatementRole.CASH}),
        ("What is its fixed asset turnover ratio?", {StatementRole.INCOME, StatementRole.BALANCE}),
        ("What was the quick ratio? If it is not relevant, then state that and explain why.", {StatementRole.BALANCE}),
        ("If the quick ratio does not suit a bank, say so and explain why; what is it?", set()),
        ("Why did free cash flow fall?", set()),
        ("Wie hoch war die Bruttomarge 2022?", {StatementRole.INCOME}),
        ("Quelle est la marge brute en 2022 ?", {StatementRole.INCOME}),
        ("¿Cuál fue el flujo de caja libre?", {StatementRole.CASH}),
        ("Qual è la deuda neta?", {StatementRole.BALANCE}),
        ("Wat was de vrije kasstroom in 2022?", {StatementRole.CASH}),
        ("Qual foi o lucro líquido?", {StatementRole.INCOME}),
        ("Pourquoi la marge brute a-t-elle baissé ?", set()),
        ("Warum ist die Bruttomarge gesunken?", set()),
        ("Did it buy back shares under its stock repurchase program?", {StatementRole.CASH}),
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


INCOME = "(in millions)\n2022 2021\nNet sales 412 380\nCost of sales 210 190\nOperating income 88 71\nNet income 60 49"
BALANCE = "2022 2021\nAssets\nCash and cash equivalents 31 28\nInventories 44 40\nTotal assets 310 290"
CASH = "2022 2021\nOperating activities\nNet income 60 49\nDepreciation 20 19\nCapital expenditures (31) (28)"


@pytest.mark.parametrize(
    ("heading", "text", "roles"),
    [
        ("ACME INC.", f"ACME INC.\nCONSOLIDATED STATEMENTS OF INCOME\n{INCOME}", {StatementRole.INCOME}),
        ("ACME INC.", f"ACME INC.\nCONSOLIDATED BALANCE SHEETS (unaudited)\n{BALANCE}", {StatementRole.BALANCE}),
        (
            "",
            f"Acme Inc. and Subsidiaries Condensed Consolidated Statements of Cash Flows\n{CASH}",
            {StatementRole.CASH},
        ),
        (
            "PART I. FINANCIAL INFORMATION",
            f"PART I. FINANCIAL INFORMATION\nITEM 1. FINANCIAL STATEMENTS\nINCOME STATEMENTS\n{INCOME}",
            {StatementRole.INCOME},
        ),
        (
            "Acme Inc.",
            f"Acme Inc.\nStatements of Operations and Comprehensive Loss for the year ended 2022\n{INCOME}",
            {StatementRole.INCOME},
        ),
        (
            "Acme",
            "Acme\nIncome statement\nRevenue 4 3\nNet income 1 1\nBalance sheet\nInventories 4 4\nTotal assets 9 8",
            {StatementRole.INCOME, StatementRole.BALANCE},
        ),
        ("Acme AG", "Acme AG\nBilanz zum 31. Dezember\nVorräte 12 11\nBilanzsumme 310 290", {StatementRole.BALANCE}),
        ("Consolidated Balance Sheets", "It is on the next page.", {StatementRole.BALANCE}),  # by its heading alone
        ("Acme Inc.", "Acme Inc.\nConsolidated Statements of Income\nThe notes are part of the statements.", set()),
        (
            "Contents",
            "Contents\nConsolidated Statements of Income | 93\nConsolidated Balance Sheets | 95\nNet sales\nNet income",
            set(),
        ),
        (
            "Item 8. Financial Statements",
            "Item 8.\nStatements of Income | 93\nConsolidated Balance Sheets | 95\nNet sales 1\nNet income 2",
            set(),
        ),
        ("Liquidity", f"Liquidity\nThe changes are explained by our balance sheet\n{BALANCE}", set()),
        ("Selected financial data", f"Selected financial data\nStatements of Operations\n{INCOME}", set()),
        ("Note 25", f"Note 25\nParent company\nCondensed statements of income\n{INCOME}", set()),
        ("Acme Inc.", f"Acme Inc.\nStatement of Earnings Location\n{INCOME}", set()),
    ],
)
def test_statement_role_by_first_lines_and_rows(heading: str, text: str, roles: set[StatementRole]) -> None:
    assert statements_on(heading, text) == roles


def test_a_title_far_down_a_page_is_none() -> None:
    talk = "\n".join(f"Line {n} of the discussion" for n in range(12))
    assert statements_on("Acme", f"{talk}\nIncome statement\n{INCOME}") == set()


def test_a_filing_whose_pages_begin_with_the_company_is_searched_by_its_statements(tmp_path: Path) -> None:
    talk = "The return on assets is a measure that management uses, and return on assets is discussed with the board."
    make_pdf(
        tmp_path / "filing.pdf",
        (
            ("Measures", talk),
            ("BOREALIS INC.", f"CONSOLIDATED STATEMENTS OF INCOME\n{INCOME}"),
            ("BOREALIS INC.", f"CONSOLIDATED BALANCE SHEETS\n{BALANCE}"),
            ("BOREALIS INC.", f"CONSOLIDATED STATEMENTS OF CASH FLOWS\n{CASH}"),
        ),
    )
    with Pipeline(tmp_path / "library") as pipeline:
        pipeline.ingest(tmp_path / "filing.pdf")
        found = pipeline.search("What was the return on assets?")
        assert found[0].page == 2
        assert {hit.page for hit in found[:3]} >= {1, 2}
        assert pipeline.search("What was the free cash flow?")[0].page == 3


def test_libraries_of_earlier_rules_learn_what_their_pages_are(tmp_path: Path) -> None:
    make_pdf(tmp_path / "filing.pdf", (("BOREALIS INC.", f"CONSOLIDATED BALANCE SHEETS\n{BALANCE}"),))
    with Pipeline(tmp_path / "library") as pipeline:
        pipeline.ingest(tmp_path / "filing.pdf")
        pipeline.library.connection.execute("UPDATE entries SET roles = ''")
        pipeline.library.set("roles", "0")
    with Pipeline(tmp_path / "library") as pipeline:
        rows = pipeline.library.connection.execute("SELECT page, roles FROM entries WHERE roles != ''").fetchall()
    assert rows == [(0, "balance sheet")]

"""Pages known by the part they play in financial reports: the three statements, and the questions that they answer.

Such a page seldom says the question's words: who asks for a gross margin finds it in the statement of operations, which
names sales and their cost. Its title tells what it is, in a few forms that reports everywhere keep to.
"""

from __future__ import annotations

import re
from enum import StrEnum


class StatementRole(StrEnum):
    """A financial statement."""

    INCOME = "income statement"
    BALANCE = "balance sheet"
    CASH = "cash flow statement"


_STATEMENT = r"statements?\s+of\s+(?:consolidated\s+)?"
_TITLES = {
    StatementRole.INCOME: re.compile(
        rf"{_STATEMENT}(?:operations|income|earnings|profit\s+(?:and|or)\s+loss)\b(?!.*comprehensive)"
        r"|\b(?:income\s+statements?|profit\s+and\s+loss\s+(?:account|statement))\b",
        re.I,
    ),
    StatementRole.BALANCE: re.compile(rf"\bbalance\s+sheets?\b|{_STATEMENT}financial\s+(?:position|condition)\b", re.I),
    StatementRole.CASH: re.compile(rf"{_STATEMENT}cash\s*flows?\b|\bcash\s*flows?\s+statements?\b", re.I),
}
TITLE_WORDS = ("statement", "balance sheet", "profit and loss")
"""One of them is in each of these titles."""
_ABOUT = re.compile(r"\b(?:notes?\s+to|discussion|analysis|index|table\s+of\s+contents|report\s+of)\b", re.I)
_REASON = re.compile(r"\b(?:why|dr[oi]ven?|drivers?|caused?|reasons?|explain)\b", re.I)
_HOW = re.compile(r"\b(?:please\s+)?state\s+(?:that|so|this)\s+and\s+explain\s+why\b", re.I)
"""How to answer where a measure does not fit; no reason is asked for."""
_ASKED = {
    StatementRole.INCOME: re.compile(
        r"\b(?:gross|operating|net|profit|ebitda?)\s+(?:profit\s+)?margins?\b|\bgross\s+profits?\b|\bnet\s+(?:income|profit|earnings|loss)\b"
        r"|\boperating\s+(?:income|profit)\b|\bcost\s+of\s+(?:goods\s+sold|sales|revenues?)\b|\bcogs\b|\bsg&a\b"
        r"|\beffective\s+tax\s+rates?\b|\btotal\s+revenues?\b|\binterest\s+coverage\b|\bp&l\b|\bcost\s+structure\b",
        re.I,
    ),
    StatementRole.BALANCE: re.compile(
        r"\b(?:total\s+|current\s+|largest\s+)?(?:assets|liabilit(?:y|ies))\b|\bworking\s+capital\b"
        r"|\b(?:quick|current|debt[\s-]to[\s-]equity)\s+ratios?\b|\binventor(?:y|ies)\b|\baccounts\s+(?:receivable|payable)\b"
        r"|\bpp&?n?e\b|\bshareholders?['’]?\s+equity\b",
        re.I,
    ),
    StatementRole.CASH: re.compile(
        r"\bcap(?:ital\s+|\s*)ex(?:penditures?)?\b|\bcash\s*flows?\b|\bdividends?\s+paid\b|\bpaid\b.*\bdividends?\b"
        r"|\b(?:share|stock)\s+(?:repurchases?|buy-?backs?)\b|\bdepreciation\b",
        re.I,
    ),
}


def statements_asked_for(question: str, content: str) -> frozenset[StatementRole]:
    """The statements that a question names, or whose lines its `content` asks for; reasons stand in prose.

    >>> text = "Did the operating margin improve?"
    >>> statements_asked_for(text, text)
    frozenset({<StatementRole.INCOME: 'income statement'>})
    """
    named = {role for role, title in _TITLES.items() if title.search(question)}
    if named or _REASON.search(_HOW.sub(" ", content)):
        return frozenset(named)
    return frozenset(role for role, line in _ASKED.items() if line.search(content))


def statement_of(title: str) -> StatementRole | None:
    """The statement that a page of this title is.

    >>> statement_of("Consolidated Statements of Cash Flows"), statement_of("Notes to the balance sheet")
    (<StatementRole.CASH: 'cash flow statement'>, None)
    """
    if _ABOUT.search(title):
        return None
    return next((role for role, form in _TITLES.items() if form.search(title)), None)

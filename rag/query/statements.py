"""Financial statements: the pages that are one, and the questions that one answers.

Such a page seldom says the question's words: who asks for a gross margin finds it in the statement of operations, which
names sales and their cost. What a page is follows from its title and its first lines, where rows of the statement
stand below. The words are data (`domains/finance.toml`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import cache

from octavo.rag.query.domains import StatementWords, finance
from octavo.rag.query.language import AnswerKind, any_form, language_of
from octavo.rag.query.patterns import WordPattern


class StatementRole(StrEnum):
    """A financial statement."""

    INCOME = "income statement"
    BALANCE = "balance sheet"
    CASH = "cash flow statement"


RULES = "1"
"""The version of the rules by which pages are known; the roles of pages that an earlier one knew are found again."""
FIRST_LINES = 12
"""The lines of a page among which its title is looked for."""
TITLE_LETTERS = 130
"""The letters of a line among which a title ends."""
BODY_LETTERS = 6_000
"""The letters of a page in which rows are looked for."""
LEAST_ROWS = 2
"""The least number of line items in rows below the title of a page that is a financial statement."""

_IDS = {"income": StatementRole.INCOME, "balance": StatementRole.BALANCE, "cash_flow": StatementRole.CASH}
_ABOUT = re.compile(
    r"\b(?:notes?\s+to|discussion|analysis|index|contents|report\s+of|selected|reconciliations?|supplemental\s+information"
    r"|arrangements?|note\s+\d+|average|netted|location|classification|line\s+item|impact\s+on|effects?\s+(?:of|on))\b|\boff[-\s]balance",
    re.I,
)
"""Titles with these words are about a statement."""
_CONTENTS_LINE = re.compile(r"(?:\.{2,}|\||\s)\s*[A-Z]?-?\d{1,3}\s*$")
_TAIL = re.compile(
    r"\s*(?:$|[(\[,;:–—|-]|and\b|for\b|as\s+(?:of|at)\b|at\b|in\b|unaudited\b|continued\b|\$|€|£|(?:19|20)\d\d\b|years?\b"
    r"|zum\b|für\b|au\b|al\b|per\b|consolid"
    r"|(?:three|six|nine|twelve)\s+months\b|data\s*$)",
    re.I,
)
"""Text that may follow a title in its line."""
_WITHIN = re.compile(
    r"(?:[.:;]|\b(?:the|our|its|of|in|to|on|from))\s*(?:(?:condensed|consolidated|interim|unaudited|group)\s+)*$", re.I
)
"""Text before a title that is part of a sentence."""
_FIGURE = re.compile(r"\d")
_VALUE = re.compile(r"[\s|:.$€£(–—-]*\d")
_REASON = re.compile(r"\b(?:why|dr[oi]ven?|drivers?|caused?|reasons?|explain)\b", re.I)
_CONDITION = re.compile(r"\bif\b[^.?!]*", re.I)
"""A condition, such as what to do where a measure does not fit; a reason within it is not what is asked for."""


def statements_asked_for(question: str, content: str) -> frozenset[StatementRole]:
    """Returns the statements that a question names, or those with the lines and metrics that its `content` asks for.

    Reasons stand in prose: a question for one asks for no statement, unless it names it.

    >>> text = "What was the return on assets?"
    >>> sorted(statements_asked_for(text, text))
    [<StatementRole.BALANCE: 'balance sheet'>, <StatementRole.INCOME: 'income statement'>]
    """
    roles = {role for role, title in _titles().items() if title.search(question)}
    wanted_text = _not_stated().sub(" ", _CONDITION.sub(" ", content))
    if roles or _REASON.search(wanted_text) or language_of(wanted_text).answer_kind(wanted_text) is AnswerKind.WHY:
        return frozenset(roles)
    return frozenset(role for role, phrases in _question_patterns().items() if phrases.search(wanted_text))


def statement_of(title: str) -> StatementRole | None:
    """Returns the statement that a page of this title is.

    >>> statement_of("Consolidated Statements of Cash Flows"), statement_of("Notes to the balance sheet")
    (<StatementRole.CASH: 'cash flow statement'>, None)
    """
    if _ABOUT.search(title):
        return None
    return next((role for role, form in _titles().items() if form.search(title)), None)


def statements_on(heading: str, text: str) -> frozenset[StatementRole]:
    """Returns the statements that a page is, by its heading, or by a title in its first lines with rows below.

    >>> page = "ACME INC.\\nCONSOLIDATED STATEMENTS OF INCOME\\n2022 2021\\nNet sales 412 380\\nCost of sales 210 190"
    >>> statements_on("ACME INC.", page)
    frozenset({<StatementRole.INCOME: 'income statement'>})
    """
    if _ABOUT.search(heading):
        return frozenset()
    role = statement_of(heading)
    result = {role} if role else set()
    lines = [line.strip() for line in text[:BODY_LETTERS].splitlines() if line.strip()]
    titles = [(n, title) for n, line in enumerate(lines[:FIRST_LINES]) if (title := _title_in(line))]
    contents = [title for n, title in titles if _CONTENTS_LINE.search(lines[n])]
    if len(set(contents)) > 1:
        return frozenset(result)
    for n, title in titles:
        if title not in result and _rows(title, lines[n:]) >= LEAST_ROWS:
            result.add(title)
    return frozenset(result)


def _title_in(line: str) -> StatementRole | None:
    """Returns the statement that a line is the title of: the name of the company may stand before it."""
    line = line[:TITLE_LETTERS]
    if _ABOUT.search(line):
        return None
    for role, form in _titles().items():
        match = form.search(line)
        if (
            match
            and _TAIL.match(line, match.end())
            and not line[: match.start()].rstrip().endswith((".", "the", "our"))
        ):
            return role
    return None


def _rows(role: StatementRole, lines: Iterable[str]) -> int:
    """Returns how many line items of a statement begin a line, or stand before a figure, on a page with figures."""
    text = "\n".join(lines)
    items = _items()[role]
    results = {match[0].lower() for match in items.finditer(text) if _begins_row(text, match)}
    return len(results) if _FIGURE.search(text) else 0


def _begins_row(text: str, match: re.Match[str]) -> bool:
    return match.start() == 0 or text[match.start() - 1] == "\n" or bool(_VALUE.match(text, match.end()))


@cache
def _titles() -> dict[StatementRole, WordPattern]:
    return {_IDS[name]: _title(words) for name, words in finance().statements.items()}


def _title(words: StatementWords) -> WordPattern:
    def source() -> str:
        names = [form for name in words.names for form in (name, f"{name}s")]
        of, alone = (any_form(forms).replace(r"\ ", r"\s+") for forms in (words.of, names))
        return rf"\bstatements?\s+of\s+(?:consolidated\s+)?{of}|(?<!-){alone}"

    return WordPattern(source, words=("statement", *words.names))


@cache
def _question_patterns() -> dict[StatementRole, WordPattern]:
    """Returns for each statement a pattern of what asks for its lines: phrases, and metrics that are made of them."""
    phrases: dict[StatementRole, list[str]] = {role: [] for role in StatementRole}
    for name, words in finance().statements.items():
        phrases[_IDS[name]] += words.phrases
    for metric in finance().metrics.values():
        for statement in finance().statements_of(metric):
            phrases[_IDS[statement]] += [form for name in metric.names for form in (name, f"{name}s")]
    return {role: _phrases(tuple(forms)) for role, forms in phrases.items()}


@cache
def _not_stated() -> re.Pattern[str]:
    """Returns a pattern of measures that stand in no statement, such as adjusted EBITDA."""
    return re.compile(rf"(?:{_phrase_form(finance().not_stated)}[\s-]+)+\w+", re.I)


@cache
def _items() -> dict[StatementRole, WordPattern]:
    """Returns for each statement a pattern of the line items that begin its rows."""
    names: dict[StatementRole, list[str]] = {role: [] for role in StatementRole}
    for item in finance().items.values():
        if item.statement:
            names[_IDS[item.statement]] += item.names
    return {role: _phrases((*forms, *(f"total {form}" for form in forms))) for role, forms in names.items()}


def _phrases(forms: tuple[str, ...]) -> WordPattern:
    return WordPattern(lambda: _phrase_form(forms), words=forms)


def _phrase_form(forms: tuple[str, ...]) -> str:
    """Returns a pattern of phrases in which spaces, hyphens and apostrophes of any form are alike."""
    return any_form(forms).replace(r"\ ", r"[\s-]+").replace(r"\-", r"[\s-]+").replace("'", "['’]?")

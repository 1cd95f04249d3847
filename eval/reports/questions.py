"""The questions of a report: each system's answer, its pages and its verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from octavo.eval.reports.pages import Pages
from octavo.eval.runs.summary import RunTable


def questions(columns: Sequence[tuple[str, str, RunTable]], pages: Pages) -> list[dict[str, Any]]:
    """Returns each question once, with the answers of all systems, given by name, colour and table.

    `kind` says whether the systems differ by the rules (`differs`), or all are `right` or `wrong`.
    """
    result: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for name, color, table in columns:
        for row in table.rows:
            answer = {"name": name, "color": color, "row": row, "verdicts": row.get("verdicts", {})}
            pages_of_row = [page | {"boxes": Markup(page["boxes"])} for page in pages.of(table, row)]  # noqa: S704 - numbers
            result.setdefault((row["id"], row["question"]), []).append(answer | {"pages": pages_of_row})
    return [{"row": answers[0]["row"], "answers": answers, "kind": _kind(answers)} for answers in result.values()]


def _kind(answers: Sequence[dict[str, Any]]) -> str:
    right = {answer["row"]["rules"]["grade"] == "correct" for answer in answers}
    if len(right) > 1:
        return "differs"
    return "right" if right == {True} else "wrong"

"""Fitting the chance that there is an answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from octavo.eval.answerable import AnswerabilityCase, QuestionKind
from octavo.eval.fitting.chance import cross_validated, differences, fit, fit_chance, weigh_cases
from octavo.ingest import OctavoError
from octavo.rag.answering.chance import Signs, load_model


def made(count: int = 200) -> list[AnswerabilityCase]:
    """Questions of 20 documents whose coverage tells whether there is an answer."""
    source = np.random.default_rng(0)
    found = []
    for n in range(count):
        kind = (
            QuestionKind.ANSWERABLE,
            QuestionKind.FOREIGN,
            QuestionKind.ANSWERABLE,
            QuestionKind.UNANSWERABLE,
            QuestionKind.FOREIGN,
        )[n % 5]
        coverage = source.normal(0.8 if kind is QuestionKind.ANSWERABLE else 0.3, 0.1)
        signs = Signs(source.uniform(0.2, 0.9), coverage, 0.0, False, 4)
        found.append(AnswerabilityCase(f"question {n}", kind, f"d{n % 20}.pdf", 0.5, True, signs))
    return found


def test_the_separating_sign_gets_the_weight_and_kinds_weigh_the_same() -> None:
    rows = weigh_cases({"set": made()})
    shares = {kind: sum(row.share for row in rows if row.case.kind is kind) for kind in QuestionKind}
    assert shares == pytest.approx(
        {
            QuestionKind.ANSWERABLE: 100,
            QuestionKind.UNANSWERABLE: 50,
            QuestionKind.FOREIGN: 50,
            QuestionKind.NEAR_MISS: 0,
            QuestionKind.OFF_TOPIC: 0,
        }
    )
    weights, _ = fit(rows)
    assert max(weights, key=lambda name: abs(weights[name])) == "coverage"
    assert weights["coverage"] > 5


def test_a_document_is_judged_by_a_fit_without_it() -> None:
    rows = weigh_cases({"set": made()})
    chances = cross_validated(rows)
    right = [
        (chance > 0.5) == (row.case.kind is QuestionKind.ANSWERABLE) for chance, row in zip(chances, rows, strict=True)
    ]
    assert sum(right) / len(right) > 0.9
    moved = [row for row in rows if row.case.document != "d1.pdf"]
    kept = next(n for n, row in enumerate(moved) if row.case.document == "d2.pdf")
    assert cross_validated(moved)[kept] != chances[rows.index(moved[kept])]


def test_plans_that_answer_by_themselves_fit_nothing() -> None:
    alone = [AnswerabilityCase("How many pages?", QuestionKind.ANSWERABLE, "d.pdf", 1.0, True), *made(20)]
    assert len(weigh_cases({"set": alone})) == 20
    with pytest.raises(OctavoError, match="need questions that have an answer"):
        weigh_cases({"set": alone[:1]})


def test_only_the_sets_of_the_protocol_are_fitted_on(tmp_path: Path) -> None:
    with pytest.raises(OctavoError, match="own, mmdocir-docs"):
        fit_chance([tmp_path])


def test_differences_are_named() -> None:
    old = load_model()
    new = old.model_copy(update={"weights": old.weights | {"coverage": 9.0}})
    assert differences(old, new) == {"coverage": (old.weights["coverage"], 9.0)}
    assert differences(old, old) == {}

"""Fitting the chance of an answer to questions in another language than the documents."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from octavo.eval.answerable import AnswerabilityCase, QuestionKind
from octavo.eval.fitting.chance import weigh_cases
from octavo.eval.fitting.other_languages import UNKNOWN, fit_across, fit_other_languages
from octavo.ingest import OctavoError
from octavo.rag.answering.answerability import quote_threshold
from octavo.rag.answering.chance import SignGroup, Signs, chance, load_model


def made(count: int = 400) -> list[AnswerabilityCase]:
    """Questions whose likeness tells whether there is an answer; those in languages that are not known are nearer."""
    source = np.random.default_rng(0)
    cases = []
    for n in range(count):
        kind = QuestionKind.ANSWERABLE if n % 2 else QuestionKind.FOREIGN
        is_known = n % 4 < 2
        across = source.normal(1.0 if n % 2 else 0.3, 0.3) + 0.5 * (not is_known)
        signs = Signs(0.5, 0.2, 0.0, False, 4, foreign=True, across=across, is_known=is_known)
        cases.append(AnswerabilityCase(f"question {n}", kind, f"d{n % 20}.pdf", 0.5, True, signs))
    return cases


def test_as_many_questions_about_another_document_is_answered_in_known_languages_and_in_others() -> None:
    cases, model = made(), load_model()
    weights = fit_across(weigh_cases({"set": cases}), model.bias)
    assert max(weights, key=lambda name: abs(weights[name])) == "across_likeness"
    assert weights[UNKNOWN] < 0
    fitted = model.model_copy(update={"weights": model.weights | weights})
    least = quote_threshold(0.8)
    for is_known in (True, False):
        signs = [c.signs for c in cases if c.signs and c.signs.is_known is is_known and c.kind is QuestionKind.FOREIGN]
        share = sum(chance(own, fitted) >= least for own in signs) / len(signs)
        assert share == pytest.approx(0.12, abs=0.011)


def test_only_the_signs_of_a_group_count() -> None:
    own, foreign = Signs(0.5, 0.9, 0.0, False, 4), Signs(0.5, 0.9, 0.0, False, 4, foreign=True)
    across = Signs(0.5, 0.9, 0.0, False, 4, foreign=True, across=1.0)
    assert [signs.group for signs in (own, foreign, across)] == [SignGroup.OWN, SignGroup.FOREIGN, SignGroup.ACROSS]
    names = {name for name, value in across.features.items() if value}
    assert names == {"across", "across_likeness"}


def test_only_the_sets_of_the_protocol_are_fitted_on(tmp_path: Path) -> None:
    with pytest.raises(OctavoError, match="own, mmdocir-docs, mmdocir-slides"):
        fit_other_languages([tmp_path])

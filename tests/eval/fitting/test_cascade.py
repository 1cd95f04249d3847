"""How the score of elements is made a probability: what is right, what it weighs, and the fit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from octavo.eval.datasets import Question
from octavo.eval.fitting.calibration import relevant
from octavo.eval.fitting.cascade import platt
from octavo.rag import Level, Pipeline

EVIDENCE = "Capital expenditure in 2018 was 1,577 million crowns."


@given(scale=st.floats(0.3, 3), bias=st.floats(-2, 2))
@settings(max_examples=20, deadline=None)
def test_the_fit_finds_the_line_that_made_the_labels(scale: float, bias: float) -> None:
    scores = np.linspace(-4, 4, 200)
    probability = 1 / (1 + np.exp(-(scale * scores + bias)))
    both = np.concatenate([scores, scores])
    right = np.repeat([True, False], len(scores))
    found = platt((both, right, np.concatenate([probability, 1 - probability])))
    assert found == pytest.approx((scale, bias), abs=0.01)


@pytest.mark.parametrize("level", [Level.ELEMENT, Level.CHUNK])
def test_what_says_the_evidence_is_relevant_and_the_rest_of_its_page_is_not(pipeline: Pipeline, level: Level) -> None:
    document = next(info.id for info in pipeline.documents() if info.name == "report.pdf")
    asked = Question("a", "What was capital expenditure in 2018?", "report.pdf", gold_pages=(1,), evidence=EVIDENCE)
    found = pipeline.index.entries(sorted(relevant(pipeline, asked, document, level)))
    assert found
    assert all("1,577" in entry.text for entry in found)
    assert len(found) < len(pipeline.index.entries_on([f"{document}/p1"], level)) or level is Level.CHUNK


def test_gold_pages_are_relevant_as_they_are(pipeline: Pipeline) -> None:
    asked = Question("a", "What?", "report.pdf", gold_pages=(0, 2))
    assert relevant(pipeline, asked, "d", Level.PAGE) == {"d/p0", "d/p2"}

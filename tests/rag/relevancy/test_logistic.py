"""The one logistic fit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from octavo.rag.relevancy.logistic import fit_logistic, logit, sigmoid


@given(scale=st.floats(0.3, 3), bias=st.floats(-2, 2))
@settings(max_examples=20)
def test_the_fit_finds_the_line_that_made_the_labels(scale: float, bias: float) -> None:
    scores = np.linspace(-4, 4, 200)
    weights, found = fit_logistic(scores[:, None], sigmoid(scale * scores + bias), np.ones(200))
    assert (weights[0], found) == pytest.approx((scale, bias), abs=1e-4)


def test_the_optimum_within_bounds_is_that_of_scipy() -> None:
    from scipy.optimize import minimize

    source = np.random.default_rng(4)
    matrix = source.normal(size=(300, 5))
    labels = (source.random(300) < sigmoid(matrix @ np.array([2.0, -1.0, 0.3, 0.0, 0.1]))).astype(float)
    importance, least = source.random(300), np.array([0.0, 0.0, 1.5, 0.0, 0.0])

    def loss(p: np.ndarray) -> float:
        margins = matrix @ p[:-1] + p[-1]
        return float(importance @ (np.logaddexp(0, margins) - labels * margins) + 0.1 * p[:-1] @ p[:-1])

    bounds = [(low, None) for low in least] + [(None, None)]
    expected = minimize(loss, np.zeros(6), method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-14, "gtol": 1e-9})
    weights, bias = fit_logistic(matrix, labels, importance, ridge=0.1, least=least)
    assert [*weights, bias] == pytest.approx(expected.x.tolist(), abs=1e-4)
    assert weights[1] == 0
    assert weights[2] == 1.5


def test_an_offset_is_a_feature_whose_weight_is_given() -> None:
    scores = np.linspace(-3, 3, 50)
    weights, bias = fit_logistic(np.zeros((50, 0)), sigmoid(scores - 1.2), np.ones(50), offset=scores)
    assert (len(weights), round(bias, 6)) == (0, -1.2)


def test_log_odds_and_probabilities_are_inverse_and_finite() -> None:
    assert sigmoid(logit([0.2, 0.5])) == pytest.approx([0.2, 0.5])
    assert np.isfinite(logit([0.0, 1.0])).all()
    assert sigmoid(np.array([-1e9, 1e9])) == pytest.approx([0, 1])

"""Calibrations, pinned on small tables."""

from __future__ import annotations

import numpy as np
import pytest

from octavo.ingest import OctavoError
from octavo.rag.relevancy.calibration import LEAST, Calibration, expected_calibration_error, fit


def test_an_isotonic_fit_pools_what_falls() -> None:
    scores = [0.1] * 10 + [0.3] * 10 + [0.5] * 10 + [0.9] * 10
    labels = [True] * 2 + [False] * 8 + [True] * 6 + [False] * 4 + [True] * 4 + [False] * 6 + [True] * 10
    found = fit(scores, labels, "isotonic")
    assert found.scores == (0.1, 0.3, 0.5, 0.9)
    assert found.probabilities == pytest.approx((0.2, 0.5, 0.5, 1.0))
    assert found([0.0, 0.2, 0.4, 0.7, 1.0]).tolist() == pytest.approx([0.2, 0.35, 0.5, 0.75, 1.0])
    assert (found.pairs, found.relevant) == (40, 22)
    assert found.error == pytest.approx((0.15, 0.0))


def test_a_logistic_fit_goes_through_two_points_of_the_line_of_log_odds() -> None:
    scores, labels = [0.2] * 20 + [0.8] * 20, [True] * 5 + [False] * 15 + [True] * 15 + [False] * 5
    found = fit(scores, labels, "logistic")
    low, high = (20 * 21 / 22 * 0.25 + 15 / 22) / 20, (15 * 21 / 22 + 5 / 22) / 20  # targets as Platt smooths them
    assert found([0.2, 0.8]).tolist() == pytest.approx([low, high], abs=1e-3)
    assert found([0.5])[0] == pytest.approx(0.5)
    assert found.scores == (0.25, 0.75)


def test_a_logistic_fit_never_falls() -> None:
    scores, labels = [0.2] * 20 + [0.8] * 20, [True] * 15 + [False] * 5 + [True] * 5 + [False] * 15
    assert fit(scores, labels, "logistic")([0.1, 0.9]).tolist() == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize(("relevant", "irrelevant"), [(9, 10), (10, 9)])
def test_a_fit_needs_ten_pairs_of_each_label(relevant: int, irrelevant: int) -> None:
    assert LEAST == 10
    with pytest.raises(OctavoError, match=f"needs 10 relevant and 10 irrelevant pairs, and there are {relevant} and"):
        fit([0.5] * (relevant + irrelevant), [True] * relevant + [False] * irrelevant, "isotonic")
    assert fit([0.5] * 20, [True] * 10 + [False] * 10, "isotonic").probabilities == (0.5,)


def test_the_calibration_error_is_the_mean_distance_of_ten_bins() -> None:
    probabilities = np.array([0.05, 0.05, 0.55, 0.55, 1.0])
    labels = np.array([False, True, True, True, True])
    assert expected_calibration_error(probabilities, labels) == pytest.approx((0.9 + 0.9 + 0.0) / 5)
    assert expected_calibration_error(np.array([0.01, 0.09]), np.array([False, True])) == pytest.approx(0.45)
    weights = np.array([1.0, 1.0, 1.0, 1.0, 6.0])
    assert expected_calibration_error(probabilities, labels, weights) == pytest.approx(1.8 / 10)
    assert expected_calibration_error(np.array([0.15, 0.25]), np.array([True, False])) == pytest.approx(1.1 / 2)
    assert expected_calibration_error(np.array([0.85, 0.95]), np.array([False, True])) == pytest.approx(0.9 / 2)
    assert expected_calibration_error(np.array([0.15, 0.19]), np.array([True, False])) == pytest.approx(0.66 / 2)


def test_a_calibration_is_a_line_between_its_points() -> None:
    steps = Calibration(
        kind="isotonic", scores=(0.0, 1.0), probabilities=(0.2, 0.6), pairs=20, relevant=10, error=(0.0, 0.0)
    )
    assert steps([0.5]).tolist() == pytest.approx([0.4])
    line = steps.model_copy(update={"kind": "logistic", "scores": (0.25, 0.75), "probabilities": (0.1, 0.9)})
    assert line([0.25, 0.5, 0.75]).tolist() == pytest.approx([0.1, 0.5, 0.9])

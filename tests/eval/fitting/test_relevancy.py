"""Fitting the relevancy score."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from octavo.eval.fitting.relevancy import FLOORS, Pairs, fit
from octavo.rag import Level
from octavo.rag.relevancy.calibration import expected_calibration_error
from octavo.rag.relevancy.features import NAMES


def made(count: int, telling: int, noise: float, seed: int = 0) -> list[Pairs]:
    """Questions whose right entry has more of one feature, of `count` documents."""
    source = np.random.default_rng(seed)
    pairs = []
    for n in range(count):
        right = np.arange(6) == 0
        features = source.normal(0, 1, (6, len(NAMES)))
        features[:, [NAMES.index(name) for name in FLOORS]] = 0
        features[:, telling] = np.where(right, 2.0, 0.0) + source.normal(0, noise, 6)
        pairs.append(Pairs(f"d{n % 40}", features, right))
    return pairs


def test_what_tells_right_from_wrong_gets_the_weight() -> None:
    fitted = fit(made(400, NAMES.index("coverage"), 0.5), Level.ELEMENT)
    weights = dict(zip(NAMES, fitted["weights"], strict=True))
    assert fitted["accuracy"] > 0.95
    assert fitted["ece"] < 0.05
    assert max(weights, key=lambda name: weights[name] * (name not in FLOORS)) == "coverage"
    assert all(weight >= FLOORS.get(name, 0) for name, weight in weights.items())
    assert fitted["questions"] + fitted["held_out_questions"] == 400


def test_some_right_pages_show_it_in_no_word() -> None:
    """Training passages are words only, so that the score of a page has a floor that they do not teach."""
    pairs = made(400, NAMES.index("coverage"), 0.5)
    page, element = fit(pairs, Level.PAGE), fit(pairs, Level.ELEMENT)
    assert page["unseen"] > element["unseen"] == 0
    assert page["weights"] == element["weights"]
    assert page["ece"] > element["ece"]


def test_the_best_of_a_bad_lot_is_no_answer() -> None:
    """A feature that compares with other candidates is as high where none is right: then another one has to tell."""
    lead, window = NAMES.index("lead"), NAMES.index("window")
    source, pairs = np.random.default_rng(0), []
    for n in range(600):
        right = (np.arange(6) == 0) & (n % 2 == 0)
        features = np.zeros((6, len(NAMES)))
        features[:, lead] = np.where(np.arange(6) == 0, 0.0, -1.0)
        features[:, window] = np.where(right, 0.8, 0.2) + source.normal(0, 0.1, 6)
        pairs.append(Pairs(f"d{n // 2 % 40}", features, right))
    fitted = fit(pairs, Level.PAGE)
    odds = np.array(fitted["weights"]) @ np.stack([p.features[0] for p in pairs[:2]]).T + fitted["bias"]
    assert odds[0] - odds[1] > 1
    assert (fitted["questions"] + fitted["held_out_questions"], fitted["hard_accuracy"]) == (
        300,
        pytest.approx(1, abs=0.02),
    )


def test_a_feature_that_tells_nothing_gives_even_odds() -> None:
    fitted = fit(made(800, NAMES.index("coverage"), 50.0), Level.PAGE)
    assert fitted["accuracy"] == pytest.approx(0.5, abs=0.12)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=50))
def test_the_calibration_error_is_a_share(rows: list[tuple[float, bool]]) -> None:
    probability, right = (np.array(column) for column in zip(*rows, strict=True))
    error = expected_calibration_error(probability, right, np.ones(len(rows)))
    assert 0 <= error <= 1
    assert expected_calibration_error(right.astype(float), right, np.ones(len(rows))) == 0

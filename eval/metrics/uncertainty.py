"""Bootstrap confidence intervals, and a test of whether two systems differ on the same questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 10_000
SEED = 7


@dataclass(frozen=True, slots=True)
class ConfidenceInterval:
    """A mean over `n` questions and its 95 % confidence interval from `low` to `high`."""

    mean: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two systems on the same questions: the second's mean less the first's, with its 95 % confidence interval.

    `p` is the two-sided p-value of a paired randomisation test; `wins` and `losses` count the questions on which the
    second is better and worse.
    """

    difference: float
    low: float
    high: float
    p: float
    wins: int
    losses: int
    n: int


def interval(values: Sequence[float], *, resamples: int = RESAMPLES, seed: int = SEED) -> ConfidenceInterval:
    """Returns the mean with its percentile bootstrap interval (Efron 1979), questions drawn with replacement.

    >>> found = interval([0.0, 1.0] * 50)
    >>> found.mean, found.low < 0.5 < found.high
    (0.5, True)
    """
    sample = np.asarray(values, dtype=np.float64)
    if not len(sample):
        raise ValueError("An interval needs at least one value.")
    low, high = np.quantile(_means(sample, resamples, seed), (0.025, 0.975))
    return ConfidenceInterval(float(sample.mean()), float(low), float(high), len(sample))


def compare(
    first: Sequence[float], second: Sequence[float], *, resamples: int = RESAMPLES, seed: int = SEED
) -> Comparison:
    """Compares a second system with a first one, question by question.

    The p-value is that of Fisher's randomisation test on the paired differences, as recommended for retrieval by
    Smucker, Allan and Carterette (2007): the share of random sign changes that give a difference at least as large,
    the observed one counted among them.

    >>> compare([0.0] * 20, [1.0] * 20).p < 0.001
    True
    """
    differences = np.asarray(second, dtype=np.float64) - np.asarray(first, dtype=np.float64)
    result = interval(differences.tolist(), resamples=resamples, seed=seed)
    draw = np.random.default_rng(seed)
    count = 0
    for size in _batches(resamples, len(differences)):
        signs = draw.integers(0, 2, size=(size, len(differences))) * 2 - 1
        count += int((np.abs((signs * differences).mean(axis=1)) >= abs(result.mean) - 1e-12).sum())
    return Comparison(
        difference=result.mean,
        low=result.low,
        high=result.high,
        p=(count + 1) / (resamples + 1),
        wins=int((differences > 0).sum()),
        losses=int((differences < 0).sum()),
        n=len(differences),
    )


def holm(ps: Sequence[float]) -> list[float]:
    """Returns p-values adjusted so that one false finding among all tests is as unlikely as each p says (Holm 1979).

    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(ps)), key=lambda n: ps[n])
    adjusted = [0.0] * len(ps)
    highest = 0.0
    for place, n in enumerate(order):
        highest = max(highest, min(1.0, (len(ps) - place) * ps[n]))
        adjusted[n] = highest
    return adjusted


def _means(sample: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    draw = np.random.default_rng(seed)
    parts = [
        sample[draw.integers(0, len(sample), size=(size, len(sample)))].mean(axis=1)
        for size in _batches(resamples, len(sample))
    ]
    return np.concatenate(parts)


def _batches(resamples: int, width: int) -> list[int]:
    """Returns sizes that make up `resamples`, each of at most about ten million numbers."""
    size = max(1, min(resamples, 10_000_000 // max(1, width)))
    return [min(size, resamples - start) for start in range(0, resamples, size)]

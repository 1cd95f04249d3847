"""Calibration: from what a scorer says to a probability, fitted on labelled pairs and stored with the library.

So that one threshold means the same for every scorer. Platt's logistic fit (1999, with his smoothed targets) needs
few pairs; isotonic regression (Zadrozny and Elkan 2002) needs hundreds and follows any monotone shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, ConfigDict

from octavo.ingest import OctavoError
from octavo.ingest.store.library import Library
from octavo.rag.entry import Level
from octavo.rag.relevancy.logistic import fit_logistic, logit, sigmoid

LEAST = 10
"""Pairs of each label that a fit needs."""


class Calibration(BaseModel):
    """A monotone map from scores in [0, 1] to probabilities, and what it was fitted on.

    It goes through the points (`scores`, `probabilities`): on the logits' line for `logistic`, in steps that are
    joined for `isotonic`. `error` is the expected calibration error over its own pairs, before and after.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["logistic", "isotonic"]
    scores: tuple[float, ...]
    probabilities: tuple[float, ...]
    pairs: int
    relevant: int
    error: tuple[float, float]

    def __call__(self, scores: ArrayLike) -> NDArray[np.float64]:
        """Returns probabilities for scores, of the same shape."""
        uncalibrated = np.asarray(scores, dtype=np.float64)
        if self.kind == "isotonic":
            return np.interp(uncalibrated, self.scores, self.probabilities)
        (low, high), (at_low, at_high) = logit(self.scores), logit(self.probabilities)
        slope = (at_high - at_low) / (high - low)
        return sigmoid(at_low + slope * (logit(uncalibrated) - low))


def fit(scores: Sequence[float], labels: Sequence[bool], kind: Literal["logistic", "isotonic"]) -> Calibration:
    """Returns a calibration from pairs: a scorer's score in [0, 1], and whether the entry was relevant.

    >>> made = fit([.6, .7, .8, .9] * 10, [False, False, True, True] * 10, "logistic")
    >>> [round(float(p), 2) for p in made([.6, .9])]
    [0.02, 1.0]
    """
    uncalibrated, is_relevant = np.asarray(scores, dtype=np.float64), np.asarray(labels, dtype=bool)
    positive = int(is_relevant.sum())
    if min(positive, len(is_relevant) - positive) < LEAST:
        raise OctavoError(
            f"A calibration needs {LEAST} relevant and {LEAST} irrelevant pairs, and there are {positive} and "
            f"{len(is_relevant) - positive}: label more questions."
        )
    points, at = _isotonic(uncalibrated, is_relevant) if kind == "isotonic" else _logistic(uncalibrated, is_relevant)
    calibration = Calibration(
        kind=kind,
        scores=tuple(points.tolist()),
        probabilities=tuple(at.tolist()),
        pairs=len(is_relevant),
        relevant=positive,
        error=(0.0, 0.0),
    )
    errors = (
        expected_calibration_error(uncalibrated, is_relevant),
        expected_calibration_error(calibration(uncalibrated), is_relevant),
    )
    return calibration.model_copy(update={"error": errors})


def expected_calibration_error(
    probabilities: NDArray[np.float64],
    labels: NDArray[np.bool_],
    weights: NDArray[np.float64] | None = None,
    bins: int = 10,
) -> float:
    """Returns mean distance between what is predicted and what happens, over equal bins of probability, in [0, 1].

    >>> round(expected_calibration_error(np.array([0.9, 0.9]), np.array([True, True])), 6)
    0.1
    """
    places = np.minimum((probabilities * bins).astype(int), bins - 1)
    weights = np.ones(len(labels)) if weights is None else weights
    gaps = np.bincount(places, weights=weights * (probabilities - labels), minlength=bins)
    return float(np.abs(gaps).sum() / weights.sum())


def load(library: Library, scorer: str, level: Level) -> Calibration | None:
    """Returns the calibration of a scorer for entries of a level that is stored with a library."""
    stored = library.model_output.calibration(scorer, level)
    return None if stored is None else Calibration.model_validate_json(stored)


def store(library: Library, scorer: str, level: Level, calibration: Calibration) -> None:
    """Stores a calibration with a library, in place of an earlier one."""
    with library.writer():
        library.model_output.save_calibration(scorer, level, calibration.model_dump_json())


def _logistic(scores: NDArray[np.float64], labels: NDArray[np.bool_]) -> tuple[NDArray[np.float64], ...]:
    """Returns two points of the line through the log odds that fits best; it never falls."""
    positive = labels.sum()
    targets = np.where(labels, (positive + 1) / (positive + 2), 1 / (len(labels) - positive + 2))
    slope, bias = fit_logistic(logit(scores)[:, None], targets, np.ones(len(scores)), least=np.zeros(1))
    points = np.array([0.25, 0.75])
    return points, sigmoid(slope[0] * logit(points) + bias)


def _isotonic(scores: NDArray[np.float64], labels: NDArray[np.bool_]) -> tuple[NDArray[np.float64], ...]:
    """Returns corners of the rising steps that fit best, by pooling adjacent violators; equal scores are one point."""
    points, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    shares = np.bincount(inverse, weights=labels) / counts
    blocks: list[tuple[float, float, int]] = []  # share, weight, points
    for share, weight in zip(shares, counts.astype(float), strict=True):
        block = (float(share), float(weight), 1)
        while blocks and blocks[-1][0] >= block[0]:
            last = blocks.pop()
            together = last[1] + block[1]
            block = ((last[0] * last[1] + block[0] * block[1]) / together, together, last[2] + block[2])
        blocks.append(block)
    return points, np.concatenate([np.full(size, share) for share, _, size in blocks])

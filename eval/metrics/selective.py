"""Answering some questions and abstaining from others: how well the choice is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """Error rate (`risk`) when the surest questions up to a share of all (`coverage`) are answered.

    `thresholds` are the scores at which each point is reached, `area` the mean risk over the points (AURC).
    """

    coverage: tuple[float, ...]
    risk: tuple[float, ...]
    thresholds: tuple[float, ...]
    area: float


def auroc(scores: Sequence[float], positive: Sequence[bool]) -> float:
    """Returns the probability that a positive has a higher score than a negative, ties counting half, in [0, 1].

    Raises `ValueError` unless there are both positives and negatives.

    >>> auroc([0.9, 0.4, 0.4, 0.1], [True, True, False, False])
    0.875
    """
    values, mask = np.asarray(scores, dtype=np.float64), np.asarray(positive, dtype=bool)
    above, below = np.sort(values[mask]), np.sort(values[~mask])
    if not len(above) or not len(below):
        raise ValueError("AUROC needs both positives and negatives.")
    less, up_to = np.searchsorted(below, above, "left"), np.searchsorted(below, above, "right")
    return float((less + up_to).sum() / (2 * len(above) * len(below)))


def risk_coverage(scores: Sequence[float], right: Sequence[float]) -> RiskCoverage:
    """Returns the risk–coverage curve (El-Yaniv and Wiener 2010), questions by falling score, ties together.

    `right` is how right each answer is, in [0, 1]; answering what cannot be answered is 0.

    >>> curve = risk_coverage([0.9, 0.8, 0.2], [1, 0, 0])
    >>> [round(r, 2) for r in curve.risk]
    [0.0, 0.5, 0.67]
    """
    values, gains = np.asarray(scores, dtype=np.float64), np.asarray(right, dtype=np.float64)
    order = np.argsort(-values, kind="stable")
    values, errors = values[order], np.cumsum(1 - gains[order])
    last = np.flatnonzero(np.append(np.diff(values) != 0, True))
    risk = errors[last] / (last + 1)
    weights = np.diff(np.concatenate(([0], last + 1)))
    return RiskCoverage(
        coverage=tuple(((last + 1) / len(values)).tolist()),
        risk=tuple(risk.tolist()),
        thresholds=tuple(values[last].tolist()),
        area=float((risk * weights).sum() / len(values)),
    )


def answerable_f1(scores: Sequence[float], answerable: Sequence[bool], abstained: Sequence[bool]) -> dict[str, float]:
    """Returns the accuracy and F1 as MMLongBench-Doc (arXiv 2407.01523) defines them, each in [0, 1].

    `scores` is how right each answer is; abstaining from an unanswerable question is 1. Recall is the mean score over
    answerable questions; precision is the same sum over the questions that were not abstained from.

    >>> answerable_f1([1, 0, 1, 0], [True, True, False, False], [False, True, True, False])
    {'accuracy': 0.5, 'precision': 0.5, 'recall': 0.5, 'f1': 0.5}
    """
    rows = list(zip(scores, answerable, abstained, strict=True))
    gained = sum(score for score, can, _ in rows if can)
    with_answer, tried = sum(can for _, can, _ in rows), sum(not silent for *_, silent in rows)
    recall, precise = gained / with_answer if with_answer else 0.0, gained / tried if tried else 0.0
    f1 = 2 * precise * recall / (precise + recall) if precise + recall else 0.0
    return {"accuracy": sum(scores) / len(rows), "precision": precise, "recall": recall, "f1": f1}

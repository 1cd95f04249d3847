"""Logistic regression: log odds, probabilities, and one fit for all that is fitted by it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Vector = NDArray[np.float64]

_EDGE = 1e-6
_STEPS = 200
_CLOSE = 1e-10


def logit(probabilities: ArrayLike) -> Vector:
    """Returns log odds; probabilities are kept off 0 and 1 by a millionth.

    >>> logit([0.5, 1.0]).round(2).tolist()
    [0.0, 13.82]
    """
    inside = np.clip(np.asarray(probabilities, dtype=np.float64), _EDGE, 1 - _EDGE)
    odds: Vector = np.log(inside) - np.log1p(-inside)
    return odds


def sigmoid(logits: Vector) -> Vector:
    """Returns the probabilities of log odds."""
    probabilities: Vector = 1 / (1 + np.exp(-np.clip(logits, -500, 500)))
    return probabilities


def fit_logistic(
    matrix: Vector,
    targets: Vector,
    importance: Vector,
    ridge: float = 1e-6,
    least: Vector | None = None,
    offset: Vector | None = None,
) -> tuple[Vector, float]:
    """Fits weights, shape (features,), and a bias by Newton's method.

    `matrix` has shape (rows, features), `targets` are probabilities, `importance` weighs the rows. `ridge` times the
    squared weights is added to the weighted log loss; the bias is free of it. `least` bounds the weights from below:
    those at their bound stay there while the loss would fall beyond it (projected Newton, Bertsekas 1982). `offset`
    is added to the log odds of the rows.

    >>> weights, bias = fit_logistic(np.array([[-1.0], [1.0]]), np.array([0.25, 0.75]), np.ones(2))
    >>> weights.round(3).tolist(), abs(round(bias, 3))
    ([1.099], 0.0)
    """
    inputs = np.column_stack([matrix, np.ones(len(matrix))])
    pull = np.append(np.full(matrix.shape[1], 2 * ridge), 0.0)
    start = np.zeros(len(matrix)) if offset is None else offset
    bounds = np.append(np.full(matrix.shape[1], -np.inf) if least is None else least, -np.inf)

    def loss(parameters: Vector) -> float:
        margins = start + inputs @ parameters
        value = importance @ (np.logaddexp(0, margins) - targets * margins) + 0.5 * pull @ parameters**2
        return float(value)

    result = np.maximum(np.zeros(inputs.shape[1]), bounds)
    for _ in range(_STEPS):
        probability = sigmoid(start + inputs @ result)
        slope = inputs.T @ (importance * (probability - targets)) + pull * result
        free = ~((result <= bounds) & (slope > 0))
        if not free.any() or np.abs(slope[free]).max() < _CLOSE:
            break
        curve = (inputs * (importance * probability * (1 - probability))[:, None]).T @ inputs + np.diag(pull + 1e-12)
        step = np.zeros(len(result))
        step[free] = np.linalg.solve(curve[np.ix_(free, free)], slope[free])
        before, size = loss(result), 1.0
        while size > 1e-8 and loss(np.maximum(result - size * step, bounds)) > before:
            size /= 2
        moved = np.maximum(result - size * step, bounds)
        if np.abs(moved - result).max() < _CLOSE:
            break
        result = moved
    return result[:-1], float(result[-1])

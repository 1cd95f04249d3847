"""Ways to say how many of ranked entries are used, from their log odds, best first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from octavo.rag.relevancy.calibration import sigmoid

Logits = NDArray[np.float64]
ROUNDS = 100


def threshold(logits: Logits, probability: float, most: int) -> int:
    """Adaptive up-to-k (arXiv 2501.04695): how many of the first `most` reach a probability in (0, 1).

    >>> threshold(np.array([2.0, 0.1, -1.0]), 0.5, 10)
    2
    """
    return int((logits[:most] >= np.log(probability / (1 - probability))).sum())


def share(logits: Logits, least: float, most: int) -> int:
    """Returns the number of the first `most` that have at least this share of the best one's probability.

    >>> share(np.array([2.0, 0.1, -1.0]), 0.5, 10)
    2
    """
    x = sigmoid(logits[:most])
    return int((x >= least * x[0]).sum())


def gap(logits: Logits, most: int) -> int:
    """Returns the number above the largest gap among the first `most`.

    >>> gap(np.array([2.0, 1.8, -1.0, -1.5]), 10)
    2
    """
    falls = logits[:-1] - logits[1:]
    return int(np.argmax(falls[:most])) + 1 if len(falls) else len(logits)


def mixture(logits: Logits, most: int) -> int:
    """Returns the number that belong to the same of two normal distributions as the best, as ViDoRAG cuts (arXiv
    2502.18017).

    The mixture is fitted by expectation maximisation to the probabilities of the first `most`, without ViDoRAG's
    bounds of 5 and 10.

    >>> mixture(np.array([2.0, 1.9, 1.8, -2.0, -2.1, -2.2]), 20)
    3
    """
    x = sigmoid(logits[:most])
    if len(x) < 3:
        return len(x)
    mean, spread, share = np.array([x.max(), x.min()]), np.full(2, x.std() + 1e-3), np.full(2, 0.5)
    for _ in range(ROUNDS):
        density = share * np.exp(-0.5 * ((x[:, None] - mean) / spread) ** 2) / spread + 1e-300
        belongs = density / density.sum(axis=1, keepdims=True)
        weight = belongs.sum(axis=0) + 1e-9
        mean = (belongs * x[:, None]).sum(axis=0) / weight
        spread = np.sqrt((belongs * (x[:, None] - mean) ** 2).sum(axis=0) / weight) + 1e-3
        share = weight / len(x)
    label = belongs.argmax(axis=1)
    return int((label == label[0]).sum())

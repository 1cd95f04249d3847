"""The geometry of vectors: what tells a good embedding space from a bad one, computed from its vectors alone.

Alignment and uniformity are those of Wang and Isola (arXiv 2005.10242), the modality gap that of Liang et al.
(2203.02053), hubness the skewness of k-occurrence (Radovanović et al., JMLR 2010).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from octavo.rag.embedding import Vectors

MOST = 2_000
"""Vectors that are compared with each other; of more, evenly spaced ones."""
SUFFICIENT = 0.98
"""The share of the nearest that a first pass has to find."""
_BLOCK = 512


def alignment(questions: Vectors, positives: Vectors) -> float:
    """Returns the mean squared distance of questions to their entries, shapes (n, dimension), in [0, 4].

    >>> alignment(np.eye(2, dtype=np.float32), np.eye(2, dtype=np.float32))
    0.0
    """
    return float(np.mean(np.sum((questions.astype(np.float64) - positives) ** 2, axis=1)))


def uniformity(rows: Vectors) -> float:
    """Returns the log of the mean of exp(-2 d²) over pairs of unit rows, in [-8, 0]; less is spread more evenly.

    >>> round(uniformity(np.array([[1.0, 0.0], [-1.0, 0.0]], dtype=np.float32)), 6)
    -8.0
    """
    rows = sample(rows).astype(np.float64)
    squares = 2 - 2 * (rows @ rows.T)[np.triu_indices(len(rows), 1)]
    return float(np.log(np.mean(np.exp(-2 * squares)))) if len(squares) else 0.0


def modality_gap(texts: Vectors, pictures: Vectors) -> float:
    """Returns the distance between the mean vectors of texts and of pictures, in [0, 2].

    >>> modality_gap(np.array([[1.0, 0.0]], dtype=np.float32), np.array([[-1.0, 0.0]], dtype=np.float32))
    2.0
    """
    return float(np.linalg.norm(texts.mean(axis=0, dtype=np.float64) - pictures.mean(axis=0, dtype=np.float64)))


def effective_dimension(rows: Vectors) -> float:
    """Returns the participation ratio of the covariance's eigenvalues: along how many directions the rows spread.

    >>> round(effective_dimension(np.concatenate([np.eye(4), -np.eye(4)]).astype(np.float32)), 6)
    4.0
    """
    centred = rows.astype(np.float64) - rows.mean(axis=0, dtype=np.float64)
    eigenvalues = np.linalg.svd(sample(centred), compute_uv=False) ** 2
    total = float(np.sum(eigenvalues**2))
    return float(np.sum(eigenvalues)) ** 2 / total if total else 0.0


def occurrences(queries: Vectors, rows: Vectors, k: int, *, same: bool = False) -> NDArray[np.int64]:
    """Returns how many of the queries have each row among their `k` nearest, shape (len(rows),).

    With `same` the queries are the rows themselves, and none is a neighbor of itself.

    >>> rows = np.array([[1.0, 0.0], [0.0, 1.0]], dtype=np.float32)
    >>> occurrences(rows, rows, 1).tolist(), occurrences(rows[:1], rows, 1).tolist()
    ([1, 1], [1, 0])
    """
    counts = np.zeros(len(rows), np.int64)
    k = min(k, len(rows) - same)
    if k <= 0:
        return counts
    for start in range(0, len(queries), _BLOCK):
        similarities = queries[start : start + _BLOCK].astype(np.float32) @ rows.T.astype(np.float32)
        if same:
            places = np.arange(len(similarities))
            similarities[places, places + start] = -np.inf
        nearest = np.argpartition(-similarities, k - 1, axis=1)[:, :k]
        counts += np.bincount(nearest.ravel(), minlength=len(rows))
    return counts


def skewness(values: NDArray[np.int64]) -> float:
    """Returns the third standardized moment; of k-occurrence, over 1 where some rows are hubs.

    >>> round(skewness(np.array([0, 0, 0, 4])), 3), skewness(np.array([2, 2]))
    (1.155, 0.0)
    """
    deviations = values - values.mean()
    spread = float(deviations.std())
    return float(np.mean(deviations**3)) / spread**3 if spread else 0.0


def sample(rows: NDArray[np.floating], most: int = MOST) -> NDArray[np.floating]:
    """Returns at most `most` rows, evenly spaced."""
    return rows if len(rows) <= most else rows[np.linspace(0, len(rows) - 1, most).astype(int)]


def sufficient_dimensions(queries: Vectors, rows: Vectors, nearest: int = 60, shortlist: int = 6) -> int:
    """Returns the fewest first dimensions, a multiple of 64, whose signs find `SUFFICIENT` of the nearest rows.

    Found is what is among the best `shortlist` times as many by the products with the signs; where no fewer suffice,
    it is all dimensions.
    """
    dimension = rows.shape[1]
    if len(rows) <= nearest * shortlist:
        return dimension
    exact = np.argpartition(-(queries @ rows.T), nearest, axis=1)[:, :nearest]
    for count in range(64, dimension, 64):
        products = queries[:, :count] @ np.where(rows[:, :count] > 0, 1.0, -1.0).T
        candidates = np.argpartition(-products, nearest * shortlist, axis=1)[:, : nearest * shortlist]
        hits = [len({*a} & {*b}) for a, b in zip(exact.tolist(), candidates.tolist(), strict=True)]
        if np.mean(hits) >= SUFFICIENT * nearest:
            return count
    return dimension

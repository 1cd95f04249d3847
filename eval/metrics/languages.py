"""Mean rank variance: the spread of ranks over the versions of one question in several languages."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def mean_rank_variance(ranks: Sequence[Sequence[float]]) -> float:
    """Returns the mean over questions of the variance of the ranks that its versions in K languages give the answer.

    MRV of "1-to-K" (arXiv 2406.18254): 0 where each language finds it at the same rank.

    >>> mean_rank_variance([[1, 1, 1], [2, 4, 3]])
    0.3333333333333333
    """
    return float(np.mean([np.var(of_question) for of_question in ranks]))

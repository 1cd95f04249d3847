"""Weights of the terms of a question or a claim among the passages at hand."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence


def term_weights(terms: Iterable[str], passages: Sequence[Iterable[str]]) -> dict[str, float]:
    """Returns the weight of each term: the rarer in the `passages` the higher, and twice as high with a digit in it.

    `passages` are the terms of each passage, every one once.

    >>> weights = term_weights(["grew", "2018", "cost"], [{"cost", "grew"}, {"cost", "2018"}])
    >>> [round(weights[term], 2) for term in ("cost", "grew", "2018")]
    [0.59, 0.85, 1.69]
    """
    frequency = Counter(term for passage in passages for term in passage)
    return {
        term: math.log(1 + len(passages) / (0.5 + frequency[term])) * (2 if any(c.isdigit() for c in term) else 1)
        for term in terms
    }

"""Orders in which evidence stands in a prompt: in-context learning depends on them (ICMA, arXiv 2403.04197)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Literal

import numpy as np

from octavo.rag.query.analysis import terms

EvidenceOrder = Literal["best-first", "best-last", "walk"]
RESTART = 0.15
"""Probability with which the random walk goes back to the best entry."""
_STEPS = 50


def order_texts(texts: Sequence[str], order: EvidenceOrder) -> list[int]:
    """Returns the indices of `texts`, which are best first, in the order in which a prompt shows them.

    `best-last` puts the best next to a question that follows. `walk` orders them by how often a random walk visits
    them: from a text to others in proportion to the cosine of their terms, with probability `RESTART` to the best one;
    so texts that go together with the best stand before those that stand alone.

    >>> texts = ["ferry times", "cheese prices", "ferry fares and times"]
    >>> order_texts(texts, "best-last"), order_texts(texts, "walk")
    ([2, 1, 0], [0, 2, 1])
    """
    if order == "best-last":
        return list(reversed(range(len(texts))))
    if order == "walk" and len(texts) > 2:
        visits = _visits(texts)
        return sorted(range(len(texts)), key=lambda index: (-round(float(visits[index]), 9), index))
    return list(range(len(texts)))


def _visits(texts: Sequence[str]) -> np.ndarray:
    """Returns the share of its time that the walk spends at each text, shape (texts,)."""
    bags = [Counter(terms(text, stop_words=False)) for text in texts]
    likeness = np.array([[_cosine(a, b) if a is not b else 0.0 for b in bags] for a in bags])
    sums = likeness.sum(axis=1, keepdims=True)
    best = np.eye(len(texts))[0]
    moves = np.where(sums > 0, likeness / np.where(sums > 0, sums, 1.0), best)
    visits = best
    for _ in range(_STEPS):
        visits = RESTART * best + (1 - RESTART) * visits @ moves
    return visits


def _cosine(a: Counter[str], b: Counter[str]) -> float:
    norm = math.sqrt(sum(n * n for n in a.values()) * sum(n * n for n in b.values()))
    return sum(n * b[term] for term, n in a.items()) / norm if norm else 0.0

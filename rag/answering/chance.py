"""The chance that the evidence answers a question: one fitted number over what is known of question and quote."""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass

ENOUGH = 0.5
_CLIPPED = 0.001


@dataclass(frozen=True, slots=True)
class Signs:
    """Signs that there is an answer.

    `relevancy` is that of the best entry, in [0, 1], and `reading` the reader's log odds. `coverage` is the share of
    the question's terms that stand with the quote, `absent` whether a demand stands nowhere, `terms` how many terms
    stand in the quote, and `asked` how many there are.
    """

    relevancy: float
    reading: float
    coverage: float
    absent: bool
    terms: int
    asked: int

    @property
    def row(self) -> tuple[float, ...]:
        """The signs as numbers, in the order of `Weights`, with 1 for the bias before them."""
        clipped = min(max(self.relevancy, _CLIPPED), 1 - _CLIPPED)
        too_little = self.coverage < ENOUGH or self.terms < min(2, self.asked)
        return (
            1.0,
            math.log(clipped / (1 - clipped)),
            self.reading,
            self.coverage,
            float(self.absent),
            float(min(self.terms, 3)),
            float(too_little),
            float(self.asked <= 2),
        )


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of a logistic model, fitted with a ridge of 0.1."""

    bias: float
    relevancy: float
    reading: float
    coverage: float
    absent: float
    terms: float
    too_little: float
    short: float


WEIGHTS = Weights(-0.778, 0.711, 0.134, 0.468, -3.765, 0.028, -0.592, -0.618)
"""Fitted on four sets: mmdocir-slides and -docs with their unanswerable questions, and two of user questions with near
misses and off-topic ones, of which the rightly answered count as answerable; answerable and others weigh the same.
AUROC on each set by the weights of the others: slides .81, docs .78, user questions .97 and .98."""


def chance(signs: Signs, weights: Weights = WEIGHTS) -> float:
    """Returns the chance in [0, 1] that there is an answer, where half of all questions have one.

    >>> round(chance(Signs(0.95, 1.2, 1.0, False, 3, 3)), 2), round(chance(Signs(0.95, 1.2, 0.5, True, 2, 3)), 2)
    (0.88, 0.12)
    """
    odds = sum(w * x for w, x in zip(astuple(weights), signs.row, strict=True))
    return 1 / (1 + math.exp(-odds))

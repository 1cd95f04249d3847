"""Agreement of raters: with people, and with one another."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from itertools import combinations


def accuracy(truth: Sequence[Hashable], predicted: Sequence[Hashable]) -> float:
    """Returns the share of equal labels, in [0, 1]."""
    return sum(a == b for a, b in zip(truth, predicted, strict=True)) / len(truth)


def confusion(truth: Sequence[str], predicted: Sequence[str]) -> dict[str, dict[str, int]]:
    """Counts by true label, then by the label said, over all labels that occur.

    >>> confusion(["yes", "no", "no"], ["yes", "yes", "no"])
    {'no': {'no': 1, 'yes': 1}, 'yes': {'no': 0, 'yes': 1}}
    """
    labels = sorted({*truth, *predicted})
    counts = Counter(zip(truth, predicted, strict=True))
    return {row: {column: counts[row, column] for column in labels} for row in labels}


def cohen_kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> float:
    """Returns the agreement of two raters beyond chance (Cohen 1960): 1 is perfect, 0 is chance, below 0 is worse.

    Where both give one and the same label throughout, chance explains everything, and the value is 0.

    >>> cohen_kappa("aabb", "aaba"), cohen_kappa("ab", "ab"), cohen_kappa("aa", "aa")
    (0.5, 1.0, 0.0)
    """
    n = len(first)
    counts_of_first, counts_of_second = Counter(first), Counter(second)
    expected = sum(counts_of_first[label] * counts_of_second[label] for label in counts_of_first) / n**2
    return (accuracy(first, second) - expected) / (1 - expected) if expected < 1 else 0.0


def krippendorff_alpha(units: Sequence[Sequence[Hashable]]) -> float:
    """Returns the agreement of any number of raters on nominal labels (Krippendorff 2011): 1 is perfect, 0 is chance.

    Each unit holds the labels that it was given, in any order; raters may be absent. Units with fewer than two labels
    say nothing. Where only one label was ever given the value is 0.

    >>> krippendorff_alpha(["aa", "bb", "ab", "b"])
    0.4444444444444444
    """
    pairable = [list(unit) for unit in units if len(unit) > 1]
    totals = Counter(label for unit in pairable for label in unit)
    n = totals.total()
    observed = sum(
        sum(count * (len(unit) - count) for count in Counter(unit).values()) / (len(unit) - 1) for unit in pairable
    )
    expected = sum(count * (n - count) for count in totals.values())
    return 1 - (n - 1) * observed / expected if expected else 0.0


def kendall_tau(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Returns Kendall's τ-b of two rankings of the same things, in [-1, 1]: 1 is the same order, -1 the reverse.

    Things that are alike in one ranking count in neither direction. `None` where a ranking has all things alike, so
    that there is no order.

    >>> kendall_tau([1, 2, 3], [0.2, 0.5, 0.9]), round(kendall_tau([1, 2, 3], [3, 2, 2]), 3)
    (1.0, -0.816)
    """
    pairs = list(combinations(zip(first, second, strict=True), 2))
    signs = [(_sign(a[0] - b[0]), _sign(a[1] - b[1])) for a, b in pairs]
    ordered_in_first, ordered_in_second = (sum(sign[n] != 0 for sign in signs) for n in (0, 1))
    if not (ordered_in_first and ordered_in_second):
        return None
    return sum(a * b for a, b in signs) / math.sqrt(ordered_in_first * ordered_in_second)


def _sign(difference: float) -> int:
    return (difference > 0) - (difference < 0)

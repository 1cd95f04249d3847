"""Two systems on the same questions: where the one is better, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from octavo.eval.metrics import Comparison, compare, holm
from octavo.eval.runs.rows import Row
from octavo.eval.runs.summary import RunTable

SURE = 0.05
"""The p-value, adjusted for all metrics of a pair, under which a difference is called clear."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A metric of two systems: the means over the questions that both have, and the second's less the first's.

    `adjusted` is the p-value after Holm's correction for all metrics of the pair that are not the same throughout.
    """

    metric: str
    first: float
    second: float
    change: Comparison
    adjusted: float

    @property
    def clear(self) -> bool:
        """Returns whether the difference is hardly by chance."""
        return self.adjusted < SURE

    @property
    def equal(self) -> bool:
        """Returns whether the metric is the same on every question."""
        return self.change.wins == self.change.losses == 0


def differences(first: RunTable, second: RunTable) -> list[Difference]:
    """Returns the metrics that both tables have, over the questions that are the same in both."""
    same = _same(first.rows, second.rows)
    results: list[tuple[str, float, float, Comparison]] = []
    for metric, values in first.values.items():
        other_values = second.values.get(metric, {})
        shared = [key for key in values if key in other_values and key in same]
        if shared:
            before, after = [values[key] for key in shared], [other_values[key] for key in shared]
            means = sum(before) / len(shared), sum(after) / len(shared)
            results.append((metric, *means, compare(before, after)))
    adjusted = iter(holm([change.p for *_, change in results if change.wins or change.losses]))
    return [Difference(*of, next(adjusted) if of[-1].wins or of[-1].losses else 1.0) for of in results]


def _same(first: Sequence[Row], second: Sequence[Row]) -> set[str]:
    """Returns the ids of questions that read alike and have the same gold answer in both."""
    questions = {row["id"]: (row["question"], row["gold"]) for row in first}
    return {row["id"] for row in second if questions.get(row["id"]) == (row["question"], row["gold"])}

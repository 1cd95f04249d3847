"""Means over groups of questions (macro), and of each group by itself."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence

MMDOCIR_DOMAINS = (
    "Research report / Introduction",
    "Administration/Industry file",
    "Tutorial/Workshop",
    "Academic paper",
    "Brochure",
    "Financial report",
    "Guidebook",
    "Government",
    "Laws",
    "News",
)
"""The ten domains over which MMDocIR's macro mean is taken."""


def by_group(values: Sequence[float], groups: Sequence[Iterable[str]]) -> dict[str, tuple[float, int]]:
    """Returns mean and count of each group, by name; a question may be in several groups, or in none.

    >>> by_group([1.0, 0.0, 0.5], [["table"], ["table", "chart"], []])
    {'chart': (0.0, 1), 'table': (0.5, 2)}
    """
    members: dict[str, list[float]] = {}
    for value, names in zip(values, groups, strict=True):
        for name in set(names):
            members.setdefault(name, []).append(value)
    return {name: (statistics.fmean(item), len(item)) for name, item in sorted(members.items())}


def macro(values: Sequence[float], groups: Sequence[str]) -> float:
    """Returns the mean over the means of those groups that have questions."""
    return statistics.fmean(mean for mean, _ in by_group(values, [[group] for group in groups]).values())


def mmdocir_macro(means: Mapping[str, float]) -> float:
    """Returns the macro mean of MMDocIR's script: the sum over domains divided by ten, an absent domain counting 0.

    >>> mmdocir_macro({"News": 1.0, "Laws": 0.5})
    0.15
    """
    return sum(means.get(domain, 0.0) for domain in MMDOCIR_DOMAINS) / len(MMDOCIR_DOMAINS)

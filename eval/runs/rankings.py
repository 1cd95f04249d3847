"""The ranking of systems by how little they hallucinate, as CrossCheckGPT (arXiv 2405.13684) ranks models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from octavo.eval.metrics import kendall_tau
from octavo.eval.runs.summary import RunTable, Values

HALLUCINATION = ("CrossCheckGPT explicit", "CrossCheckGPT implicit")
REFERENCES = ("correct by model", "correct by rules", "RAG-Check CS")
"""Metrics whose rankings of systems those of `HALLUCINATION` are held against."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Systems by the mean of a hallucination metric over the questions that all of them have it for, least first.

    `places` are the indexes of the tables that were ranked, each with its mean. `agreement` is Kendall's τ-b with the
    ranking by each reference metric: 1 where the system that hallucinates least is right most often, and so on.
    """

    metric: str
    places: tuple[tuple[int, float], ...]
    agreement: dict[str, float]
    questions: int


def rankings(tables: Sequence[RunTable]) -> list[Ranking]:
    """Returns the rankings of two or more systems that answered the same data set, one for each metric they have."""
    if len(tables) < 2:
        return []
    results = []
    for metric in HALLUCINATION:
        columns = [table.values.get(metric, {}) for table in tables]
        if not (questions := _shared(columns)):
            continue
        means = _means(columns, questions)
        places = sorted(enumerate(means), key=lambda place: place[1])
        results.append(Ranking(metric, tuple(places), dict(_agreement(tables, columns, questions)), len(questions)))
    return results


def _agreement(tables: Sequence[RunTable], columns: Sequence[Values], questions: set[str]) -> list[tuple[str, float]]:
    """Returns each reference metric with Kendall's τ, over the questions that all systems have both for."""
    results = []
    for reference in REFERENCES:
        others = [table.values.get(reference, {}) for table in tables]
        if both := questions & _shared(others):
            tau = kendall_tau([-mean for mean in _means(columns, both)], _means(others, both))
            results += [] if tau is None else [(reference, tau)]
    return results


def _shared(columns: Sequence[Values]) -> set[str]:
    return set.intersection(*(set(column) for column in columns))


def _means(columns: Sequence[Values], questions: set[str]) -> list[float]:
    return [fmean(column[key] for key in sorted(questions)) for column in columns]

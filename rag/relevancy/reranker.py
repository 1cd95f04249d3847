"""Adaptive up-to-k: relevancy scores, a threshold for the best, and what comes close to it, at most k."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from octavo.ingest import OctavoError
from octavo.rag.query.question import Query
from octavo.rag.relevancy.base import RelevancyScorer
from octavo.rag.retrieval.candidate import ScoredEntry


@dataclass(frozen=True)
class Reranker:
    """Scores candidates and selects up to `k` of them, perhaps none.

    `threshold` is a probability in [0, 1] that the best score must reach, or nothing is selected. Then the others pass
    with this part of the best score, too; 1 asks the threshold of each. The method is the adaptive up-to-k of
    arXiv 2501.04695, which states no threshold and has one for both: whether there is an answer, and what else to use.
    Raises `OctavoError` for a `k` under 1 and shares out of [0, 1].
    """

    scorer: RelevancyScorer
    k: int = 5
    threshold: float = 0.0
    relative_threshold: float = 1.0

    def __post_init__(self) -> None:
        if self.k < 1:
            raise OctavoError(f"k is the number of entries to select, at least 1, not {self.k}.")
        for name, value in (("threshold", self.threshold), ("relative_threshold", self.relative_threshold)):
            if not 0 <= value <= 1:
                raise OctavoError(f"{name} lies between 0 and 1, not at {value}.")

    def rank(self, query: Query, candidates: Sequence[ScoredEntry]) -> list[ScoredEntry]:
        """Returns all candidates with their relevancy score, best first; equal scores keep their order."""
        if not candidates:
            return []
        scores = self.scorer.scores(query, [c.entry for c in candidates], [c.score for c in candidates])
        scored = [replace(c, score=score) for c, score in zip(candidates, scores, strict=True)]
        return sorted(scored, key=lambda c: -c.score)

    def select(self, ranked: Sequence[ScoredEntry]) -> list[ScoredEntry]:
        """Returns the first `k` ranked candidates that pass: none, if the first does not reach the threshold."""
        best = ranked[: self.k]
        if not best or best[0].score < self.threshold:
            return []
        least = min(self.threshold, self.relative_threshold * best[0].score)
        return [c for c in best if c.score >= least]

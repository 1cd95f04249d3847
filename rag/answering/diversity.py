"""Passages that are quoted together: relevant ones that repeat neither each other nor the question.

Maximal marginal relevance (Carbonell and Goldstein, 1998), with the share of new words in the place of a similarity.
"""

from __future__ import annotations

from collections.abc import Sequence

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.scoring import ScoredCandidate

MAX_OVERLAP = 0.5
"""The share of its score that a passage loses where another one says all of it."""
POOL = 40
"""The best passages, among which is chosen."""


def select_diverse(
    ranked: Sequence[ScoredCandidate], question_terms: frozenset[str], most: int, words: int
) -> list[Candidate]:
    """Returns up to `most` of the ranked passages, best first, with up to `words` words in all.

    The score of a passage falls with the share of its words, `question_terms` apart, that a chosen passage has already.
    The first is always chosen, a passage that stands within another one never.
    """
    pool = list(ranked[:POOL])
    chosen: list[Candidate] = []
    length = 0
    while pool and len(chosen) < most:
        best = max(pool, key=lambda s: s.score * (1 - MAX_OVERLAP * _overlap(s.candidate, chosen, question_terms)))
        pool.remove(best)
        text = best.candidate.passage.text
        count = len(text.split())
        is_new = not any(text in c.passage.text or c.passage.text in text for c in chosen)
        if is_new and (not chosen or length + count <= words):
            chosen.append(best.candidate)
            length += count
    return chosen


def _overlap(c: Candidate, chosen: Sequence[Candidate], question_terms: frozenset[str]) -> float:
    """Returns the largest share of a passage's words that a chosen one says as well, in [0, 1]."""
    own = c.words - question_terms
    return max((len(own & other.words) / max(1, len(own)) for other in chosen), default=0.0)

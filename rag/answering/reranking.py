"""Passage reranking: the passages that fit a question by its words, ordered anew by what they mean.

The best by words are encoded as sentences, and those that are best by both are read one by one for the answer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from octavo.ingest.model import HEADINGS
from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.reader import Reader
from octavo.rag.answering.scoring import NO_ANSWER, ScoredCandidate, repeated_candidates
from octavo.rag.answering.sentence_encoder import encode_sentences

ENCODED, READ = 40, 8
"""The passages that are encoded, and those that are read."""
LIKENESS, ANSWERING = 1.0, 0.5
"""What a cosine of 1 and a reader that is sure add to the score of a passage by its words."""
LETTERS = 600
"""Letters of a passage, with its heading, that are encoded and read."""


def rerank(question: str, ranked: Sequence[ScoredCandidate]) -> list[ScoredCandidate]:
    """Returns scored passages by their words, their likeness to the question and the reader's odds, best first.

    Headings and what stands on several pages alike are neither encoded nor read.
    """
    edges = repeated_candidates([s.candidate for s in ranked])
    first = [s for s in ranked if s.candidate not in edges and s.candidate.passage.kind not in HEADINGS][:ENCODED]
    others = [s for s in ranked if s not in first]
    asked, *vectors = encode_sentences([question, *(_text(s.candidate) for s in first)])
    encoded = [_with_likeness(s, float(asked @ vector)) for s, vector in zip(first, vectors, strict=True)]
    encoded.sort(key=lambda s: -s.score)
    spans = Reader().read(question, [_text(s.candidate) for s in encoded[:READ]])
    read = [_with_odds(s, max(NO_ANSWER, span.score)) for s, span in zip(encoded, spans, strict=False)]
    return sorted([*read, *encoded[READ:], *others], key=lambda s: -s.score)


def _with_likeness(scored: ScoredCandidate, cosine: float) -> ScoredCandidate:
    return replace(scored, score=scored.score + LIKENESS * max(0.0, cosine), likeness=cosine)


def _with_odds(scored: ScoredCandidate, odds: float) -> ScoredCandidate:
    return replace(scored, score=scored.score + ANSWERING / (1 + math.exp(-odds)), odds=odds)


def _text(c: Candidate) -> str:
    """Returns what is read of a passage: its heading, then the passage as it is told apart in a row."""
    return f"{c.passage.section}\n{c.passage.text}".strip()[:LETTERS]

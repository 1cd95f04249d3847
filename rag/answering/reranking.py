"""Passage reranking: the passages that fit a question by its words, ordered anew by how near they are in meaning."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from octavo.ingest.model import HEADINGS
from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.scoring import ScoredCandidate
from octavo.rag.answering.sentence_encoder import encode_sentences

ENCODED = 40
"""The best passages by words, which are encoded."""
LIKENESS = 1.0
"""What a cosine of 1 adds to the score of a passage by its words."""
LETTERS = 600
"""Letters of a passage, with its heading, that are encoded."""


def rerank(
    question: str, ranked: Sequence[ScoredCandidate], repeated: Collection[Candidate] = ()
) -> list[ScoredCandidate]:
    """Returns scored passages by their words and their likeness to the question, best first.

    Headings and passages that are `repeated` on several pages are not encoded.
    """
    first, others = list[ScoredCandidate](), list[ScoredCandidate]()
    for s in ranked:
        is_heading = s.candidate.passage.kind in HEADINGS
        is_encoded = len(first) < ENCODED and not is_heading and s.candidate not in repeated
        (first if is_encoded else others).append(s)
    asked, *vectors = encode_sentences([question, *(_text(s.candidate) for s in first)])
    encoded = [_with_likeness(s, float(asked @ vector)) for s, vector in zip(first, vectors, strict=True)]
    return sorted([*encoded, *others], key=lambda s: -s.score)


def _with_likeness(scored: ScoredCandidate, cosine: float) -> ScoredCandidate:
    return replace(scored, score=scored.score + LIKENESS * max(0.0, cosine), likeness=cosine)


def _text(c: Candidate) -> str:
    """Returns a passage after its heading."""
    return f"{c.passage.section}\n{c.passage.text}".strip()[:LETTERS]

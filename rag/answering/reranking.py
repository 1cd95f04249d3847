"""Passage reranking: the passages that fit a question by its words, reordered by how near they are in meaning."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from octavo.ingest import Kind
from octavo.ingest.model import HEADINGS
from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.passage_lines import FIELD
from octavo.rag.answering.scoring import ScoredCandidate
from octavo.rag.answering.sentence_encoder import encode_sentences

ENCODED = 40
"""The best passages by words, which are encoded."""
LIKENESS = 1.0
"""What a cosine of 1 adds to the score of a passage by its words."""
LABEL_WORDS = 6
"""A line of fewer words that ends with no period is a label."""
LETTERS = 600
"""Letters of a passage, with its heading, that are encoded."""


def rerank(
    question: str,
    ranked: Sequence[ScoredCandidate],
    repeated: Collection[Candidate] = (),
    across: Callable[[Sequence[Candidate]], Sequence[float] | None] = lambda candidates: None,
) -> list[ScoredCandidate]:
    """Returns scored passages by their words and their likeness to the question, best first.

    `across` gives the likeness to a question in another language, where it is known; else the sentence encoder does.
    Headings and passages that are `repeated` on several pages have none. The likeness of a passage does not count
    that lacks a number or a code of the question that the best one by words says, nor that of a label, which is like
    the question by its heading alone.
    """
    numbers = {t for s in ranked[:1] for t in s.matched_terms if any(ch.isdigit() for ch in t)}
    first, others = list[ScoredCandidate](), list[ScoredCandidate]()
    for s in ranked:
        is_heading = s.candidate.passage.kind in HEADINGS
        is_encoded = len(first) < ENCODED and not is_heading and s.candidate not in repeated
        (first if is_encoded else others).append(s)
    likenesses = across([s.candidate for s in first])
    if likenesses is None:
        question_vector, *vectors = encode_sentences([question, *(_text(s.candidate) for s in first)])
        likenesses = [float(question_vector @ vector) for vector in vectors]
    encoded = [
        _with_likeness(s, likeness, counts=numbers <= s.matched_terms and not _is_label(s.candidate))
        for s, likeness in zip(first, likenesses, strict=True)
    ]
    return sorted([*encoded, *others], key=lambda s: -s.score)


def _with_likeness(scored: ScoredCandidate, likeness: float, *, counts: bool) -> ScoredCandidate:
    return replace(scored, score=scored.score + LIKENESS * max(0.0, likeness) * counts, likeness=likeness)


def _is_label(c: Candidate) -> bool:
    """Returns whether a passage is a short line without a number that is no list's item, no row and no form's field."""
    passage = c.passage
    is_short = passage.kind is Kind.TEXT and len(passage.text.split()) < LABEL_WORDS
    has_number = any(letter.isdigit() for letter in passage.text)
    return (
        is_short
        and not has_number
        and not passage.text.rstrip().endswith((".", "!"))
        and FIELD.match(passage.text) is None
    )


def _text(c: Candidate) -> str:
    """Returns a passage after its heading."""
    return f"{c.passage.section}\n{c.passage.text}".strip()[:LETTERS]

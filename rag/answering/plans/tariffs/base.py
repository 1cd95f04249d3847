"""The price that a tariff has for the amounts of a question: its words, where it stands, what it explains."""

from __future__ import annotations

from dataclasses import dataclass

from octavo.rag.answering.candidates import Candidate


@dataclass(frozen=True, slots=True)
class Match:
    """What a tariff comes to: `text` is the answer, `explained` are the terms of the question's own amounts."""

    text: str
    support: tuple[Candidate, ...]
    explained: frozenset[str]

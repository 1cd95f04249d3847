"""The price that a tariff sets for the amounts of a question, with its evidence."""

from __future__ import annotations

from dataclasses import dataclass

from octavo.rag.answering.candidates import Candidate


@dataclass(frozen=True, slots=True)
class Match:
    """A price by a tariff: `text` is the answer, `explained` are the terms of the amounts in the question."""

    text: str
    support: tuple[Candidate, ...]
    explained: frozenset[str]

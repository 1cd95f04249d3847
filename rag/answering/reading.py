"""The reader's result on the evidence: the passages that answer likeliest, and how likely that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.reader import Reader, blocks

ENTRIES, BLOCKS = 4, 12
"""The best entries of the evidence and the first blocks of their passages that are read."""
NO_ANSWER = -9.0
"""The score where nothing was read, and the least one."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The passages that hold the reader's answer; `score` is the log odds that they answer, from `NO_ANSWER`."""

    score: float = NO_ANSWER
    support: tuple[Candidate, ...] = ()


def read(question: str, pool: Sequence[Candidate]) -> Reading:
    """Reads the passages of the best entries; `pool` is in the order of the entries, best first."""
    entries = list(dict.fromkeys(c.evidence.id for c in pool))[:ENTRIES]
    places = {id(c.passage): c for c in pool}
    result = [block for entry in entries for block in blocks([c.passage for c in pool if c.evidence.id == entry])][
        :BLOCKS
    ]
    spans = Reader().read(question, [block.text for block in result])
    best = max(zip(spans, result, strict=True), key=lambda pair: pair[0].score, default=None)
    if best is None or not math.isfinite(best[0].score):
        return Reading()
    span, block = best
    return Reading(max(NO_ANSWER, span.score), tuple(places[id(p)] for p in block.at(span.start, span.end)))

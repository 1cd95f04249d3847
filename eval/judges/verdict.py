"""Verdicts of judges."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """An answer's grade by the gold answer; `FAILED` when no verdict could be had."""

    CORRECT = "correct"
    INCORRECT = "incorrect"
    REFUSAL = "refusal"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A grade with its reason; `score` is how right the answer is, in [0, 1], and `judge` who says so."""

    grade: Grade
    score: float
    reason: str
    judge: str

"""The embedded relevancy score: a small calibrated model over match features."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ..entry import Entry, Level
from ..index import Index
from ..question import Question
from .base import RelevancyScorer
from .features import NAMES, features

CARD = Path(__file__).with_name("match.json")


class MatchScorer(RelevancyScorer):
    """A logistic model over `features`, one for each level, fitted by `eval.fit` and stored in `match.json`.

    The file says what it was fitted on, under which licences, and how well it is calibrated.
    """

    name = "match"

    def __init__(self, index: Index) -> None:
        self._index = index

    def scores(self, question: Question, entries: Sequence[Entry]) -> list[float]:
        if not entries:
            return []
        model = _model(entries[0].level)
        logits = features(question, entries, self._index) @ model["weights"] + model["bias"]
        found: list[float] = (1 / (1 + np.exp(-logits))).tolist()
        return found


@cache
def _model(level: Level) -> dict[str, Any]:
    card = json.loads(CARD.read_text(encoding="utf-8"))
    if tuple(card["features"]) != NAMES:
        raise ValueError(f"{CARD.name} was fitted on other features: run `python -m eval.fit`.")
    fitted = card["levels"][str(level)]
    return {"weights": np.array(fitted["weights"]), "bias": float(fitted["bias"])}

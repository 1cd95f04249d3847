"""The embedded relevancy score: a small calibrated model over match features."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

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

    def scores(self, question: Question, entries: Sequence[Entry], found: Sequence[float] = ()) -> list[float]:
        scores: list[float] = (1 / (1 + np.exp(-self.logits(question, entries, found)))).tolist()
        return scores

    def logits(self, question: Question, entries: Sequence[Entry], found: Sequence[float] = ()) -> NDArray[np.float64]:
        """The scores' log odds, shape (len(entries),)."""
        if not entries:
            return np.zeros(0)
        weights, bias = _model(entries[0].level)
        logits: NDArray[np.float64] = self.features(question, entries, found) @ weights + bias
        return logits

    def features(
        self, question: Question, entries: Sequence[Entry], found: Sequence[float] = ()
    ) -> NDArray[np.float64]:
        """Match features; an element also has the logit of its page (coarse to fine)."""
        if entries[0].level is not Level.ELEMENT:
            return features(question, entries, self._index, found=found)
        stands_on = [f"{e.document}/p{e.page}" for e in entries]
        first = dict(zip(stands_on, found, strict=True)) if found else dict.fromkeys(stands_on, 0.0)
        pages = self._index.entries(list(first))
        logits = self.logits(question, pages, [first[page.id] for page in pages] if found else ())
        above = dict(zip((page.id for page in pages), logits, strict=True))
        return features(question, entries, self._index, [above[page] for page in stands_on], found)


@cache
def _model(level: Level) -> tuple[NDArray[np.float64], float]:
    card = json.loads(CARD.read_text(encoding="utf-8"))
    if tuple(card["features"]) != NAMES:
        raise ValueError(f"{CARD.name} was fitted on other features: run `python -m eval.fit`.")
    fitted = card["levels"][str(level)]
    return np.array(fitted["weights"]), float(fitted["bias"])

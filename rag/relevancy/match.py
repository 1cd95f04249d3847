"""The embedded relevancy score: a small calibrated model over match features."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from octavo.rag.entry import Entry, Level
from octavo.rag.index import Index
from octavo.rag.query.question import Query
from octavo.rag.relevancy.base import RelevancyScorer
from octavo.rag.relevancy.calibration import sigmoid
from octavo.rag.relevancy.cascade import Cascade
from octavo.rag.relevancy.features import NAMES, features

CARD = Path(__file__).with_name("match.json")


class MatchScorer(RelevancyScorer):
    """A logistic model over `features`, one for each level, stored in `match.json`.

    `octavo.eval.fitting.relevancy` fits it.

    The file says what it was fitted on, under which licences, and how well it is calibrated. Elements are scored by
    `cascade` from what the model says of them and of their page. What answers by its pictures may match in no word: so
    many entries are `unseen`, and no score is lower (a lapse rate; Wichmann and Hill 2001).
    """

    name = "match"

    def __init__(self, index: Index, cascade: Cascade | None = None) -> None:
        self._index = index
        self._cascade = cascade or Cascade()

    def scores(self, question: Query, entries: Sequence[Entry], found: Sequence[float] = ()) -> list[float]:
        if not entries:
            return []
        _, _, unseen = _model(entries[0].level)
        scores: list[float] = (unseen + (1 - unseen) * sigmoid(self.logits(question, entries, found))).tolist()
        return scores

    def logits(self, question: Query, entries: Sequence[Entry], found: Sequence[float] = ()) -> NDArray[np.float64]:
        """The log odds that the features give, shape (len(entries),)."""
        if not entries:
            return np.zeros(0)
        weights, bias, _ = _model(entries[0].level)
        matrix = self.features(question, entries, found)
        logits: NDArray[np.float64] = matrix @ weights + bias
        if entries[0].level is not Level.ELEMENT:
            return logits
        pages = {page.id: page for page in self._index.entries(list(dict.fromkeys(map(_page, entries))))}
        above = matrix[:, NAMES.index("page")]
        return self._cascade(question, entries, [pages[_page(e)] for e in entries], above, logits)

    def features(self, question: Query, entries: Sequence[Entry], found: Sequence[float] = ()) -> NDArray[np.float64]:
        """Match features; an element also has the logit of its page (coarse to fine)."""
        if entries[0].level is not Level.ELEMENT:
            return features(question, entries, self._index, found=found)
        stands_on = list(map(_page, entries))
        first = dict(zip(stands_on, found, strict=True)) if found else dict.fromkeys(stands_on, 0.0)
        pages = self._index.entries(list(first))
        logits = self.logits(question, pages, [first[page.id] for page in pages] if found else ())
        above = dict(zip((page.id for page in pages), logits, strict=True))
        return features(question, entries, self._index, [above[page] for page in stands_on], found)


def _page(element: Entry) -> str:
    return f"{element.document}/p{element.page}"


@cache
def _model(level: Level) -> tuple[NDArray[np.float64], float, float]:
    """The weights, the bias and the share of the unseen."""
    card = json.loads(CARD.read_text(encoding="utf-8"))
    if tuple(card["features"]) != NAMES:
        raise ValueError(f"{CARD.name} was fitted on other features: run `python -m octavo.eval.fitting.relevancy`.")
    fitted = card["levels"][str(level)]
    return np.array(fitted["weights"]), float(fitted["bias"]), float(fitted["unseen"])

"""Scorers that ask a model about each entry: the best of the candidates only, and calibrated."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..endpoint import Endpoint, EndpointError, Named
from ..entry import Entry, Level
from ..index import Index
from ..picture import smaller
from ..question import Question
from ..settings import ServedRelevancyOptions
from ..sight import Sight
from .base import RelevancyScorer
from .calibration import load
from .match import MatchScorer

NAMED = Named.under("OCTAVO_RELEVANCY__")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a model is shown of an entry."""

    text: str
    pictures: tuple[bytes, ...]

    def shorter(self) -> Shown:
        """The same with half the text and half the pixels."""
        return Shown(self.text[: len(self.text) // 2], tuple(smaller(picture) for picture in self.pictures))


class ModelScorer(RelevancyScorer):
    """Asks a served model about the `shortlist` best candidates by the embedded score.

    That is RAG-Check's order of things (2501.03995, 2501.04695): a fast pass gives a pool, RS looks at each of it.
    What was not looked at scores no higher than the least of what was. Where the library has a calibration of this
    scorer, its scores become probabilities by it. Raises `EndpointError`.
    """

    def __init__(self, index: Index, options: ServedRelevancyOptions, name: str) -> None:
        self.name = f"{name} {options.model}"
        self._index, self._options = index, options
        self._first = MatchScorer(index)
        self._endpoint = Endpoint(options.url, NAMED, key=options.key, timeout=options.timeout)

    @abstractmethod
    def judge(self, question: Question, entries: Sequence[Entry], sight: Sight) -> list[float]:
        """What the model says of each entry, in [0, 1]."""

    def raw(self, question: Question, entries: Sequence[Entry]) -> list[float]:
        """What the model says of each entry, in [0, 1], before calibration; of all of them."""
        found = self.judge(question, entries, Sight(self._index.library)) if entries else []
        if not np.isfinite(found).all():
            raise EndpointError(
                f"{self._options.model} at {self._endpoint.url} gives scores that are not finite: "
                "serve it in bfloat16 or float32 (--dtype), or set another OCTAVO_RELEVANCY__MODEL."
            )
        return found

    def _shown(self, entry: Entry, sight: Sight) -> Shown:
        """Text, and what there is to see: of a page or a figure that is seen, the picture alone."""
        pictures = tuple(sight.all(entry)) if self._options.sees else ()
        text = "" if pictures and entry.level is not Level.CHUNK else entry.searchable
        return Shown(text, pictures)

    def scores(self, question: Question, entries: Sequence[Entry], found: Sequence[float] = ()) -> list[float]:
        if not entries:
            return []
        first = np.array(self._first.scores(question, entries, found))
        best = np.argsort(-first, kind="stable")[: self._options.shortlist]
        judged = np.array(self.raw(question, [entries[n] for n in best]))
        calibration = load(self._index.library, self.name, entries[0].level)
        if calibration is not None:
            judged = calibration(judged)
        scores = np.minimum(first, judged.min())
        scores[best] = judged
        told: list[float] = scores.tolist()
        return told

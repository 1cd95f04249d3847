"""Scorers that ask a model about each entry: the best of the candidates only, and calibrated."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from octavo.ingest import OctavoError
from octavo.rag.clients.errors import EndpointError
from octavo.rag.clients.http import Endpoint, SettingNames
from octavo.rag.entry import Entry, Level
from octavo.rag.image_source import ImageSource
from octavo.rag.images import halve_image
from octavo.rag.index import Index
from octavo.rag.query.question import Query
from octavo.rag.relevancy.base import RelevancyScorer
from octavo.rag.relevancy.calibration import load
from octavo.rag.relevancy.match import MatchScorer
from octavo.rag.settings import ModelRelevancyOptions, ServedRelevancyOptions

PREFIX = "OCTAVO_RELEVANCY__"


@dataclass(frozen=True, slots=True)
class EntryView:
    """The text and pictures of an entry that a model is given."""

    text: str
    pictures: tuple[bytes, ...]

    def shorter(self) -> EntryView:
        """Returns the same with half the text and half the pixels."""
        return EntryView(self.text[: len(self.text) // 2], tuple(halve_image(picture) for picture in self.pictures))


class ModelScorer(RelevancyScorer):
    """Asks a model about the `shortlist` best candidates by the embedded score.

    RAG-Check proceeds the same way (arXiv 2501.03995, 2501.04695): a fast pass gives a pool, and RS scores each entry
    of it. An entry outside of the shortlist scores no higher than the least one inside. Where the library has a
    calibration of this scorer, its scores become probabilities by it. `place` says where the model is, for errors,
    which are `error`s.
    """

    place: str
    error: type[OctavoError] = OctavoError

    def __init__(self, index: Index, options: ModelRelevancyOptions, name: str) -> None:
        self.name = f"{name} {options.model}"
        self._index = index
        self._sees, self._shortlist = options.sees, options.shortlist
        self._first = MatchScorer(index)

    @abstractmethod
    def judge(self, question: Query, entries: Sequence[Entry], images: ImageSource) -> list[float]:
        """Returns the model's score of each entry, in [0, 1]."""

    def raw(self, question: Query, entries: Sequence[Entry]) -> list[float]:
        """Returns the model's score of each entry, in [0, 1], before calibration."""
        if question.picture is not None and not self._sees:
            question = replace(question, text=question.text or question.words, picture=None)
        result = self.judge(question, entries, ImageSource(self._index.library)) if entries else []
        if not np.isfinite(result).all():
            raise self.error(
                f"{self.place} gives scores that are not finite: run it in bfloat16 or float32, or set another "
                f"{PREFIX}MODEL."
            )
        return result

    def _view(self, entry: Entry, images: ImageSource) -> EntryView:
        """Returns an entry's text and pictures; of a page or a figure that is seen, the picture alone."""
        pictures = tuple(images.all(entry)) if self._sees else ()
        text = "" if pictures and entry.level is not Level.CHUNK else entry.searchable
        return EntryView(text, pictures)

    def scores(self, query: Query, entries: Sequence[Entry], first_pass: Sequence[float] = ()) -> list[float]:
        if not entries:
            return []
        first = np.array(self._first.scores(query, entries, first_pass))
        best = np.argsort(-first, kind="stable")[: self._shortlist]
        judged = np.array(self.raw(query, [entries[n] for n in best]))
        calibration = load(self._index.library, self.name, entries[0].level)
        if calibration is not None:
            judged = calibration(judged)
        scores = np.minimum(first, judged.min())
        scores[best] = judged
        result: list[float] = scores.tolist()
        return result


class ServedScorer(ModelScorer):
    """A model behind an endpoint. Raises `EndpointError`, one sentence that names the endpoint and the setting."""

    error = EndpointError

    def __init__(self, index: Index, options: ServedRelevancyOptions, name: str) -> None:
        super().__init__(index, options, name)
        self._options = options
        self._endpoint = Endpoint(options.url, SettingNames.under(PREFIX), key=options.key, timeout=options.timeout)
        self.place = f"{options.model} at {self._endpoint.url}"

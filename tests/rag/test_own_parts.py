"""Parts of one's own in the pipeline's seams."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from octavo.ingest import LibraryError, OctavoError
from octavo.rag import Answer, Delta, Entry, Evidence, Finished, Pipeline
from octavo.rag.answering import Answerer
from octavo.rag.embedding import Embedder, Vectors, unit
from octavo.rag.images import ImageInput
from octavo.rag.query.question import Query
from octavo.rag.relevancy import RelevancyScorer
from octavo.rag.settings import StaticEmbeddingOptions
from tests.conftest import make_pdf


class Letters(Embedder):
    """How often each letter stands in a text."""

    model_name: str = "letters"
    dimension: int = 26

    def embed_texts(self, texts: Sequence[str]) -> Vectors:
        return unit(np.array([[t.lower().count(chr(97 + n)) for n in range(26)] for t in texts], dtype=np.float32))

    def embed_image(self, image: ImageInput) -> Vectors:
        return np.zeros(26, dtype=np.float32)


class Naming(RelevancyScorer):
    """Only what names the night shift is relevant."""

    name = "naming"

    def scores(self, query: Query, entries: Sequence[Entry], first_pass: Sequence[float] = ()) -> list[float]:
        return [0.9 if "night shift" in entry.text else 0.1 for entry in entries]


class Loud(Answerer):
    """The first evidence in capitals."""

    model = "loud"

    def stream(
        self, question: str, evidence: Sequence[Evidence], picture: bytes | None = None
    ) -> Iterator[Delta | Finished]:
        yield Delta(evidence[0].text.upper())
        yield Finished(Answer(question, evidence[0].text.upper(), (), tuple(evidence), model=self.model))


def test_parts_of_ones_own_take_the_place_of_the_settings(tmp_path: Path) -> None:
    with Pipeline(tmp_path / "library", embedding=Letters(), scorer=Naming(), answerer=Loud()) as pipeline:
        pipeline.ingest(make_pdf(tmp_path / "report.pdf"))
        answer = pipeline.ask("Who works?")
        assert "NIGHT SHIFT" in answer.text
        assert answer.model == "loud"
        assert {e.score for e in answer.evidence} == {0.9}
        with pytest.raises(OctavoError, match="k is the number"):
            pipeline.search("Who works?", k=0)
    with pytest.raises(LibraryError, match="made by letters"):
        Pipeline(tmp_path / "library")


def test_a_scorer_of_ones_own_stays_when_the_library_is_embedded_anew(tmp_path: Path) -> None:
    scorer = Naming()
    with Pipeline(tmp_path / "library", embedding=Letters(), scorer=scorer) as pipeline:
        pipeline.ingest(make_pdf(tmp_path / "report.pdf"))
        assert pipeline.embed(StaticEmbeddingOptions()) == 1
        assert pipeline.scorer is scorer

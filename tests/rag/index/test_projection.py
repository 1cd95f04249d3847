"""Another embedding at once: its vectors mapped to those of the library, until it is embedded again."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from octavo import OctavoError, Pipeline
from octavo.ingest import LibraryError
from octavo.ingest.errors import EmbeddingMismatchError
from octavo.ingest.store.library import Library
from octavo.rag.embedding import Embedder, StaticEmbedder, Vectors, unit
from octavo.rag.entry import Level
from octavo.rag.images import ImageInput
from octavo.rag.index import Index, model_of, reembed
from octavo.rag.index.projection import project_library, ridge

TOPICS = ("dams", "lentils", "telescopes", "trains", "beetles", "glaciers", "violins", "harbors")
BASIS = np.linalg.qr(np.random.default_rng(3).normal(size=(300, 256)))[0].T


class Turned(Embedder):
    """The embedded vectors in another basis, with noise that the text decides: a new model of the same sense."""

    model_name: str = "turned"
    dimension: int = 300

    def embed_texts(self, texts: Sequence[str]) -> Vectors:
        noise = np.stack([np.random.default_rng(len(text)).normal(size=300) for text in texts])
        return unit((StaticEmbedder().embed_texts(texts) @ BASIS + 0.003 * noise).astype(np.float32))

    def embed_image(self, image: ImageInput) -> Vectors:
        raise OctavoError("no pictures")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("projected")
    sentences = [
        f"Chapter {n} is about {topic} of kind {n}, what they weigh, who keeps them and where they stand in {1900 + n}."
        for n, topic in enumerate(TOPICS * 8)
    ]
    text = "\n\n".join(f"# {s.split()[4].title()} {n}\n\n{s}" for n, s in enumerate(sentences))
    (folder / "book.md").write_text(text)
    (folder / "later.md").write_text("# Ferries\n\nFerries cross the strait every hour, and carry cars and cattle.")
    with Pipeline(folder / "library") as pipeline:
        pipeline.ingest(folder / "book.md")
    return folder


@pytest.fixture
def folder(filled: Path, tmp_path: Path) -> Path:
    shutil.copytree(filled / "library", tmp_path / "library")
    shutil.copy(filled / "later.md", tmp_path)
    return tmp_path


def _nearest(index: Index, question: str) -> list[str]:
    return [identity for identity, _ in index.nearest(question, Level.CHUNK, 5)]


def test_questions_find_the_same_at_once_and_new_documents_join(folder: Path) -> None:
    question = "Who keeps telescopes, and where?"
    with Library(folder / "library") as library:
        with pytest.raises(EmbeddingMismatchError):
            Index(library, Turned())
        before = _nearest(Index(library, StaticEmbedder()), question)
        report = project_library(library, Turned())
        assert (report.to, report.model) == (model_of(StaticEmbedder()), model_of(Turned()))
        assert report.texts >= 64
        assert report.overlap > 0.7
        index = Index(library, Turned())
        assert index.embedding.dimension == 256
        assert len({*before} & {*_nearest(index, question)}) >= 4
    with Pipeline(folder / "library", embedding=Turned()) as pipeline:
        pipeline.ingest(folder / "later.md")
        assert pipeline.search("cars and cattle across the strait")[0].name == "later.md"
    with Pipeline(folder / "library") as pipeline:  # the old embedding still serves
        assert pipeline.search("cars and cattle across the strait")[0].name == "later.md"


def test_embedding_anew_ends_the_map(folder: Path) -> None:
    with Library(folder / "library") as library:
        project_library(library, Turned())
        assert len([*library.folder.glob("projection-*.npy")]) == 1
        project_library(library, Turned())
        assert len([*library.folder.glob("projection-*.npy")]) == 1
        assert reembed(library, Turned()) == 1
        assert not [*library.folder.glob("projection-*.npy")]
        assert Index(library, Turned()).embedding.dimension == 300


def test_vectors_that_cannot_be_mapped_are_an_error(folder: Path, report_library: Path) -> None:
    with Library(folder / "library") as library, pytest.raises(LibraryError, match=r"are those of .* already"):
        project_library(library, StaticEmbedder())
    with Library(report_library) as library, pytest.raises(LibraryError, match="too few texts to learn from"):
        project_library(library, Turned())


def test_ridge_draws_noisy_maps_to_the_mean() -> None:
    source = np.random.default_rng(0)
    x, y = source.normal(size=(40, 30)), source.normal(size=(40, 2)) + 5
    matrix = ridge(x.astype(np.float32), y.astype(np.float32), 1e6)
    assert np.abs(matrix[:-1]).max() < 1e-3
    assert np.allclose(matrix[-1], y.mean(axis=0), atol=1e-2)

"""A projector of question vectors: what it learns, and the gates that refuse one that is worse."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from octavo import Pipeline
from octavo.eval.fitting.projector import EmbeddedQuestion, fit_projector, geodesic_mix, train
from octavo.rag import Level
from octavo.rag.embedding import unit
from octavo.rag.embedding.projected import ProjectedEmbedder, project
from octavo.rag.entry import Hits
from tests.apps.cli.command import octavo
from tests.conftest import make_pdf

THINGS = ("dam", "mirror", "violin", "glacier", "ferry", "beetle", "lentil", "harbor", "comet", "bridge")
CODES = {thing: f"zq{n}xv{n * 7}" for n, thing in enumerate(THINGS)}
"""Words of a house that the embedding does not know, which a projector has to learn."""


def _asked(turn: np.ndarray, source: np.random.Generator, count: int) -> list[EmbeddedQuestion]:
    results = []
    for n in range(count):
        pages = unit(source.normal(size=(12, 16)).astype(np.float32))
        question = unit((pages[:1] + 0.05 * source.normal(size=(1, 16))) @ turn.T)[0].astype(np.float32)
        results.append(EmbeddedQuestion(question, pages, (0,), f"d{n}"))
    return results


def test_a_turned_space_is_turned_back() -> None:
    source = np.random.default_rng(0)
    turn = np.linalg.qr(np.eye(16) + 0.5 * source.normal(size=(16, 16)))[0]
    matrix = fit_projector(_asked(turn, source, 200), strength=0.0, epochs=300)
    other = _asked(turn, source, 100)
    before = np.mean([int((a.pages @ a.vector).argmax()) == 0 for a in other])
    after = np.mean([int((a.pages @ project(a.vector[None], matrix)[0]).argmax()) == 0 for a in other])
    assert after > 0.9
    assert after > before + 0.2


def test_a_geodesic_mix_has_its_share_of_the_angle() -> None:
    a, b = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    mixed = geodesic_mix(a, b, 0.25)
    assert np.degrees(np.arccos(mixed @ a)) == pytest.approx(22.5)
    assert geodesic_mix(a, a, 0.5).tolist() == [1.0, 0.0]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of notes in which things have one name, and questions that call them by another."""
    folder = tmp_path_factory.mktemp("projector")
    rows = []
    for n in range(6):
        make_pdf(folder / f"note{n}.pdf", tuple((t.title(), f"The {t} is kept by crew {n}.") for t in THINGS))
        rows += [
            {"id": f"{n}-{t}", "question": f"Who keeps {CODES[t]}?", "doc": f"note{n}.pdf", "gold_pages": [page]}
            for page, t in enumerate(THINGS)
        ]
    with Pipeline(folder / "library") as pipeline:
        pipeline.ingest(*folder.glob("*.pdf"))
    _write(folder, rows)
    return folder


def _write(folder: Path, rows: list[dict[str, Any]]) -> None:
    (folder / "queries.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def folder(filled: Path, tmp_path: Path) -> Path:
    shutil.copytree(filled, tmp_path / "set")
    return tmp_path / "set"


def test_a_helpful_map_is_used_and_entries_are_unchanged(folder: Path) -> None:
    question = f"Who keeps {CODES['glacier']}?"
    with Pipeline(folder / "library") as pipeline:
        before = pipeline.index.embedding.embed_texts(["glacier"])
        result = train(folder, pipeline, strength=0.0)
        assert result.refused == ""
        assert result.own.after >= result.own.before + 0.2
        assert result.other.after == pytest.approx(result.other.before, abs=0.01)
        assert result.alignment[1] < result.alignment[0]
    with Pipeline(folder / "library") as pipeline:
        assert isinstance(pipeline.index.embedding, ProjectedEmbedder)
        assert np.array_equal(pipeline.index.embedding.embed_texts(["glacier"]), before)
        nearest = [entry.heading for entry in pipeline.index.entries([i for i, _ in _pages(pipeline, question)])]
        assert set(nearest) == {"Glacier"}


def _pages(pipeline: Pipeline, question: str) -> Hits:
    return pipeline.index.nearest(question, Level.PAGE, 3)


def test_a_harmful_map_is_refused_and_changes_nothing(folder: Path) -> None:
    rows = [json.loads(line) for line in (folder / "queries.jsonl").read_text().splitlines()]
    source = np.random.default_rng(0)
    _write(folder, [row | {"gold_pages": [int(source.integers(len(THINGS)))]} for row in rows])
    done = octavo("train", "projector", folder, "--library", folder / "library", "--json")
    result = json.loads(done.stdout)
    assert done.returncode == 1
    assert "has to rise by 0.02" in result["refused"]
    with Pipeline(folder / "library") as pipeline:
        assert not isinstance(pipeline.index.embedding, ProjectedEmbedder)

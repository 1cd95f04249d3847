"""The geometry of an index, and its report."""

from __future__ import annotations

import numpy as np
import pytest

from octavo import Pipeline
from octavo.rag.embedding import unit
from octavo.rag.entry import EntryId, Level
from octavo.rag.index import geometry
from octavo.rag.index.report import report_index


def test_uniformity_tells_crowded_vectors_from_spread_ones() -> None:
    source = np.random.default_rng(0)
    spread = unit(source.normal(size=(400, 16)).astype(np.float32))
    crowded = unit(source.normal(size=(400, 16)).astype(np.float32) * 0.1 + 1)
    assert geometry.uniformity(spread) == pytest.approx(-3.5, abs=0.1)
    assert geometry.uniformity(crowded) > -0.1


def test_the_effective_dimension_is_that_of_the_subspace() -> None:
    source = np.random.default_rng(1)
    flat = source.normal(size=(500, 3)) @ np.linalg.qr(source.normal(size=(20, 3)))[0].T
    assert geometry.effective_dimension(flat.astype(np.float32)) == pytest.approx(3, abs=0.1)


def test_a_hub_is_near_to_many_and_makes_occurrences_skewed() -> None:
    source = np.random.default_rng(2)
    rows = unit((source.normal(size=(200, 64)) + 0.5).astype(np.float32))
    hub = unit(rows.mean(axis=0, keepdims=True))
    counts = geometry.occurrences(rows, np.concatenate([rows, hub]), 10)
    assert counts.argmax() == 200
    assert counts.sum() == 10 * len(rows)
    assert geometry.skewness(counts) > 3


def test_the_report_of_a_library_measures_questions_against_their_pages(pipeline: Pipeline) -> None:
    page = EntryId.of_page(pipeline.document("report.pdf").id, 1)
    report = report_index(pipeline.index, [("What was capital expenditure in 2018?", [page])])
    vector = pipeline.index.query_vector("What was capital expenditure in 2018?")
    (similarity,) = [s for i, s in pipeline.index.vectors(vector, Level.PAGE, 10) if i == page]
    assert report.alignment == pytest.approx(2 - 2 * similarity, abs=2e-3)
    assert (report.levels[0].level, report.levels[0].entries) == (Level.PAGE, 4)
    assert (report.modality_gap, report.duplicates, report.questions) == (None, 0.0, 1)
    assert report.verdicts


def test_the_first_dimensions_of_a_nested_embedding_suffice() -> None:
    source = np.random.default_rng(4)
    scale = np.concatenate([np.ones(64), np.full(192, 0.02)])
    nested = unit((source.normal(size=(2_000, 256)) * scale).astype(np.float32))
    even = unit(source.normal(size=(2_000, 256)).astype(np.float32))
    assert geometry.sufficient_dimensions(nested[:50], nested, 10, 40) == 64
    assert geometry.sufficient_dimensions(even[:50], even, 10, 40) > 64

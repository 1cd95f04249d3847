"""Methods that were tried: they run on any library, and do what they say on vectors that are made for it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from octavo.eval.tried import vectors
from octavo.eval.tried.commands import report_of_arguments
from octavo.rag.embedding import unit
from tests.conftest import make_pdf

HUB = 0


def _space() -> vectors.Space:
    """Pages of which one is near to everything, and questions near to the others."""
    source = np.random.default_rng(0)
    pages = unit(source.normal(size=(40, 24)).astype(np.float32))
    questions = unit((pages[1:] + 0.9 * pages[HUB] + 0.1 * source.normal(size=(39, 24))).astype(np.float32))
    bank = unit((pages[1:] + 0.9 * pages[HUB] + 0.1 * source.normal(size=(39, 24))).astype(np.float32))
    return vectors.Space(questions, pages, pages.copy(), np.arange(40), bank)


def _right(scores: vectors.Scores) -> float:
    return float(np.mean(scores.argmax(axis=1) == np.arange(1, 40)))


@pytest.mark.parametrize("method", [vectors.inverted_softmax, vectors.dual_inverted_softmax, vectors.coarse_to_fine])
def test_a_hub_is_normalized_away(method: object) -> None:
    space = _space()
    assert _right(vectors.plain(space)) < 0.8
    assert _right(method(space)) > 0.9  # type: ignore[operator]


def test_the_report_has_a_row_for_each_method(report_library: Path, tmp_path: Path) -> None:
    make_pdf(tmp_path / "report.pdf")
    row = {"id": 1, "question": "Who works on the night shift?", "doc": "report.pdf", "gold_pages": [2]}
    (tmp_path / "queries.jsonl").write_text(json.dumps(row))
    lines = report_of_arguments(["vectors", str(tmp_path), str(report_library)]).splitlines()
    assert [line.split()[0] for line in lines[1:]] == [method.__name__ for method in vectors.METHODS]
    assert "1 questions, 4 pages" in lines[0]
    with pytest.raises(ValueError, match="usage"):
        report_of_arguments(["nothing"])

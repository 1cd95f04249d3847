"""The rankings of the documents of examples/, to the fifth digit of their scores."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.rag.golden import RANKINGS, load_documents, opened, rankings


def test_rankings_and_scores_are_as_they_were(tmp_path: Path) -> None:
    with opened(tmp_path / "library", load_documents()) as index:
        found = rankings(index)
    expected = json.loads(RANKINGS.read_text(encoding="utf-8"))
    assert list(found) == list(expected)
    for question, ranking in expected.items():
        assert [place for place, _ in found[question]] == [place for place, _ in ranking], question
        assert [score for _, score in found[question]] == pytest.approx([score for _, score in ranking], abs=1e-5)

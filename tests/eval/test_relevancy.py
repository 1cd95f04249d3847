"""What the relevancy score is worth on a data set."""

from __future__ import annotations

from pathlib import Path

import pytest

from octavo.eval.relevancy import evaluate
from octavo.eval.reports import relevancy
from octavo.ingest import OctavoError
from tests.conftest import make_pdf
from tests.eval.test_datasets import write


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    asked = (("What was capital expenditure in 2018?", 1), ("How many people does the observatory employ?", 2))
    rows = [{"id": str(n), "question": q, "doc": "pdfs/a.pdf", "gold_pages": [n]} for q, n in asked]
    unanswerable = {
        "id": "x",
        "question": "Which harbour has a crane?",
        "doc": "pdfs/a.pdf",
        "answerable": False,
        "gold_pages": [],
    }
    write(tmp_path, *rows, unanswerable)
    make_pdf(tmp_path / "pdfs" / "a.pdf")
    return tmp_path


def test_pairs_cuts_and_abstention(dataset: Path, tmp_path: Path) -> None:
    result = evaluate(dataset, library=tmp_path / "library")
    assert result.questions == 3
    assert result.random.pairs == result.hardest.pairs == 4
    assert result.hardest.accuracy <= result.random.accuracy
    assert [cut.entries for cut in result.fixed[:4]] == [1, 2, 3, 3]
    assert [cut.recall for cut in result.fixed[:3]] == [1, 1, 1]
    for fixed, cut in zip(result.fixed, result.adaptive, strict=True):
        assert cut.recall >= fixed.recall
        assert cut.entries <= fixed.entries
    assert result.adaptive[2].entries == 1
    assert result.auroc == 1
    assert result.area == pytest.approx(1 / 9)
    text = relevancy(result)
    assert "| 3 | 1.000 | 1.00" in text
    assert "AUROC 1.000" in text


def test_without_gold_pages_there_is_nothing_to_measure(dataset: Path, tmp_path: Path) -> None:
    write(
        dataset, {"id": "x", "question": "Which harbour?", "doc": "pdfs/a.pdf", "answerable": False, "gold_pages": []}
    )
    with pytest.raises(OctavoError, match="names no gold pages"):
        evaluate(dataset, library=tmp_path / "library")

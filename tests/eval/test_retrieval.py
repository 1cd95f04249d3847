"""Measuring retrieval."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from octavo.eval.reports import table
from octavo.eval.retrieval import evaluate
from octavo.ingest import OctavoError
from tests.conftest import make_pdf
from tests.eval.test_datasets import write


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    rows = [
        {"id": "a", "question": "What was capital expenditure in 2018?", "doc": "pdfs/a.pdf", "gold_pages": [1]}
        | {"gold_layouts": [{"page": 1, "bbox": [60, 118, 535, 150], "page_size": [595, 842]}]}
        | {"domain": "Financial report", "evidence_type": ["Table"]},
        {
            "id": "b",
            "question": "How many people work on the night shift?",
            "doc": "pdfs/a.pdf",
            "gold_pages": [0, 2],
            "domain": "Laws",
        },
        {"id": "c", "question": "Where do herons nest?", "doc": "pdfs/b.pdf", "gold_pages": [0], "domain": "Laws"},
    ]
    write(tmp_path, *rows)
    make_pdf(tmp_path / "pdfs" / "a.pdf")
    make_pdf(tmp_path / "pdfs" / "b.pdf", (("Herons", "Herons nest in tall trees beside the lake."),))
    return tmp_path


def test_records_that_cannot_be_written_are_said_before_anything_is_read(dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(OctavoError, match=r"cannot be written to .*absent"):
        evaluate(dataset, library=tmp_path / "library", records=tmp_path / "absent" / "records.jsonl")
    assert not (tmp_path / "library").exists()


def test_figures_are_those_of_the_rankings(dataset: Path, tmp_path: Path) -> None:
    records = tmp_path / "records.jsonl"
    result = evaluate(dataset, library=tmp_path / "library", records=records)
    assert (result.questions, result.documents, result.pages, result.within) == (3, 2, 4, "document")
    assert result.page["recall@1"] == pytest.approx((1 + 0.5 + 1) / 3, abs=1e-3)
    assert result.page["recall@3"] == 1
    assert result.ceiling["recall@1"] == pytest.approx(2.5 / 3, abs=1e-3)
    assert result.layout is not None
    assert result.layout["recall@5"] > 0.3
    assert result.layout_clipped is not None
    assert result.layout_clipped["recall@10"] <= min(1, result.layout["recall@10"])
    assert result.ranking["mrr@5"] == 1
    assert result.interval["page recall@1"][0] <= result.page["recall@1"] <= result.interval["page recall@1"][1]
    assert result.macro["domains"]["page recall@1"] == pytest.approx((1 + 0.75) / 2)
    assert result.macro["mmdocir"]["page recall@1"] == pytest.approx((1 + 0.75) / 10)
    assert result.domains["Laws"] == {"questions": 2, "page recall@1": 0.75, "page recall@3": 1, "page recall@5": 1}
    assert list(result.types) == ["Table"]
    rows = [json.loads(line) for line in records.read_text().splitlines()]
    assert [row["id"] for row in rows] == ["a", "b", "c"]
    assert rows[0]["pages"][0][:2] == ["a.pdf", 1]
    again = evaluate(dataset, library=tmp_path / "library")
    assert (again.page, again.layout) == (result.page, result.layout)
    assert "| page |" in table(result)


def test_across_all_documents_other_pages_compete(dataset: Path, tmp_path: Path) -> None:
    result = evaluate(dataset, across=True, library=tmp_path / "library")
    assert result.within == "all"
    assert 0 < result.page["recall@1"] <= result.page["recall@5"] <= 1


def test_a_document_that_cannot_be_read_is_named_and_counts_as_nothing_found(dataset: Path, tmp_path: Path) -> None:
    (dataset / "pdfs" / "b.pdf").write_bytes(b"%PDF-1.7 nothing follows")
    result = evaluate(dataset, library=tmp_path / "library")
    assert "b.pdf" in result.failed["pdfs/b.pdf"]
    assert result.questions == 3
    assert result.page["recall@5"] == pytest.approx(2 / 3, abs=1e-3)

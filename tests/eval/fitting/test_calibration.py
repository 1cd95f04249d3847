"""Calibration on a data set, from its folder to scores that are probabilities."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from octavo.eval.fitting.calibration import calibrate
from octavo.ingest import OctavoError
from octavo.rag import Pipeline, Settings
from tests.conftest import make_pdf
from tests.rag.embedding_server import pooling

TOPICS = ("harbour", "orchard", "glacier", "library", "railway", "theatre")


def score(path: str, body: dict[str, Any]) -> tuple[int, Any]:
    """Overconfident: .9 where the document holds the question's last word, .6 where it does not."""
    right = body["query"].split()[-1].strip("?") in str(body["documents"])
    return 200, {"results": [{"index": 0, "relevance_score": 0.9 if right else 0.6}]}


def test_a_scorer_is_calibrated_and_its_scores_change(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    make_pdf(
        folder / "towns.pdf",
        tuple((f"The {topic}", f"The {topic} opened in 19{n}0.") for n, topic in enumerate(TOPICS)),
    )
    rows = [
        {"id": f"{n}-{again}", "question": f"In which year opened the {topic}?", "doc": "towns.pdf", "gold_pages": [n]}
        for n, topic in enumerate(TOPICS)
        for again in range(2)
    ]
    (folder / "queries.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    with pooling(respond=score) as server:
        relevancy = {"kind": "rerank", "url": server.url, "model": "tiny", "sees": False}
        settings = Settings(library=tmp_path / "library", relevancy=relevancy)
        made = calibrate(folder, settings)
        assert (made.relevant, made.pairs) == (12, 72)
        assert made.error[1] < 0.05 < made.error[0]
        with Pipeline(settings) as pipeline:
            hits = pipeline.search("In which year opened the glacier?", k=6)
            assert hits[0].page == 2
            assert hits[0].score > 0.9
            assert max(hit.score for hit in hits[1:]) < 0.1


def test_the_embedded_score_needs_none(tmp_path: Path) -> None:
    make_pdf(tmp_path / "report.pdf")
    row = {"id": "1", "question": "Who?", "doc": "report.pdf", "gold_pages": [0]}
    (tmp_path / "queries.jsonl").write_text(json.dumps(row))
    with pytest.raises(OctavoError, match="calibrated already"):
        calibrate(tmp_path, Settings(library=tmp_path / "library"))

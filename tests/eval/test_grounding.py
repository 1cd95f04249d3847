"""Measuring where the boxes of claims lie."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from octavo.eval.grounding import agreement, evaluate, record_of, report_of, table
from octavo.eval.records import write_records
from octavo.ingest import Box, Element, Kind, OctavoError, Page
from octavo.rag import Settings
from octavo.rag.settings import AnsweringOptions
from tests.conftest import make_pdf
from tests.eval.test_datasets import write
from tests.rag.model_server import Reply, serving

PAGE = Page(
    0, 100, 100, elements=(Element(0, Kind.TEXT, Box(0, 0, 100, 20)), Element(1, Kind.TEXT, Box(0, 60, 100, 80)))
)


@pytest.mark.parametrize(
    ("boxes", "gold", "expected"),
    [
        ([], [Box(0, 0, 10, 10)], (0, 0, 0, 0)),
        ([Box(0, 0, 50, 10)], [Box(0, 0, 100, 20)], (1, 1, 1, 1)),
        ([Box(0, 60, 50, 70)], [Box(0, 0, 100, 20)], (0, 0, 0, 0)),
        ([Box(0, 0, 10, 10), Box(0, 60, 100, 80)], [Box(0, 0, 100, 20)], (1, 0, 100 / 2100, 0.5)),
        ([Box(0, 0, 50, 20), Box(0, 0, 50, 20)], [Box(25, 0, 75, 20)], (0, 1, 0.5, 0.5)),
        ([Box(0, 0, 20, 10)], [Box(0, 0, 10, 10), Box(10, 0, 20, 10)], (0, 1, 1, 0.1)),
    ],
)
def test_agreement_of_boxes(boxes: list[Box], gold: list[Box], expected: tuple[float, ...]) -> None:
    assert agreement(boxes, gold, PAGE) == pytest.approx(expected)


def test_the_boxes_that_a_model_names_stand_beside_those_of_words(tmp_path: Path) -> None:
    question = {"question": "What was capital expenditure in 2018?", "doc": "pdfs/a.pdf", "gold_pages": [1]}
    answer = {"answer": "Capital expenditure in 2018 was 1,577 million crowns."}
    layout = {"gold_layouts": [{"page": 1, "bbox": [60, 118, 535, 150], "page_size": [595, 842]}]}
    write(tmp_path, {"id": "a"} | question | answer | layout)
    make_pdf(tmp_path / "pdfs" / "a.pdf")
    with serving(Reply(['{"boxes": [[100, 140, 900, 178]]}'])) as server:
        answering = AnsweringOptions(grounding="model", pointing="boxes")
        settings = Settings(llm_url=server.url, answering=answering)
        claims = evaluate(tmp_path, library=tmp_path / "library", settings=settings)
    report = report_of(claims)
    assert report.model["hit"].mean == 1
    assert report.model_difference["hit"].difference == 0
    assert "model − words" in table(report)
    with serving(Reply(["Nowhere."])) as server:
        mute = settings.model_copy(update={"llm_url": server.url})
        claims = evaluate(tmp_path, library=tmp_path / "library", settings=mute)
    assert "named no places" in claims[0].problem
    assert claims[0].model == claims[0].words
    assert table(report_of(claims)).startswith("1 claims, 1 without a reply of the model")
    with pytest.raises(OctavoError, match="set llm_url as well"):
        evaluate(tmp_path, settings=Settings(answering=answering))


def test_claims_are_cited_on_their_pages(tmp_path: Path) -> None:
    question = {"question": "What was capital expenditure in 2018?", "doc": "pdfs/a.pdf", "gold_pages": [1]}
    answer = {"answer": "Capital expenditure in 2018 was 1,577 million crowns."}
    layout = {"gold_layouts": [{"page": 1, "bbox": [60, 118, 535, 150], "page_size": [595, 842]}]}
    write(tmp_path, {"id": "a"} | question | answer | layout, {"id": "b"} | question | answer)
    make_pdf(tmp_path / "pdfs" / "a.pdf")
    claims = evaluate(tmp_path, library=tmp_path / "library")
    report = report_of(claims)
    assert report.claims == 1
    assert (report.words["hit"].mean, report.words["pointing"].mean) == (1, 1)
    assert report.words["precision"].mean > report.whole["precision"].mean
    assert report.difference["precision"].wins == 1
    assert table(report).splitlines()[0] == "1 claims"
    write_records(tmp_path / "records.jsonl", map(record_of, claims))
    assert json.loads((tmp_path / "records.jsonl").read_text())["words"]["hit"] == 1
    write(tmp_path, {"id": "b"} | question | answer)
    with pytest.raises(OctavoError, match="no boxes of answers"):
        evaluate(tmp_path, library=tmp_path / "library")

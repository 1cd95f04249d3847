"""Results as people and programs read them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from octavo.apps.cli import output as show
from octavo.ingest import OctavoError
from octavo.rag import Answer, Ingested, Level, PageRef, Pipeline, Step
from octavo.rag.evidence import Span


def test_the_summary_names_every_failure_and_problem(capsys: pytest.CaptureFixture[str]) -> None:
    show.results(
        [
            Ingested(Path("a.pdf"), "added", "a", 4, problems=("page 2 cannot be read: [it] crashed",)),
            Ingested(Path("b.pdf"), "failed", reason="b.pdf is empty."),
            Ingested(Path("c.pdf"), "skipped", "c", reason="unchanged"),
        ],
        2.0,
    )
    assert capsys.readouterr().out.splitlines() == [
        "problem  a.pdf: page 2 cannot be read: [it] crashed",
        "failed   b.pdf is empty.",
        "1 added, 1 skipped, 1 failed: 4 pages in 2.0 s, 2.0 pages/s",
    ]


def test_steps_are_told_beside_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    show.step(Step("search", "costs 2017", (PageRef("d", "a.pdf", 1), PageRef("d", "a.pdf", 1)), 0.44))
    show.step(Step("judge", "", (), 2.0, "it is busy."))
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "· Searched again: costs 2017 → a.pdf, page 2 (0.4 s)",
        "· Judged the evidence → failed: it is busy. (2.0 s)",
    ]


def test_sentences_that_their_evidence_does_not_support_follow_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    spans = (Span(0, 8, True, 0.9), Span(9, 22, True, 0.25, "1 of 4 words"), Span(9, 22, False, None))
    show.answer(Answer("Did it?", "It grew. [It] shrank.", spans=spans))
    assert capsys.readouterr().out.splitlines() == ["", "not supported 0.25  [It] shrank. (1 of 4 words)"]


def test_hits_show_score_place_and_text(pipeline: Pipeline, capsys: pytest.CaptureFixture[str]) -> None:
    hits = pipeline.search("night shift", level=Level.ELEMENT, k=1)
    show.evidence(hits)
    out = capsys.readouterr().out
    assert f"{hits[0].score:.2f}" in out
    assert "report.pdf, page 3" in out
    assert "58 worked" in " ".join(out.split())
    show.evidence([])
    assert "Nothing found." in capsys.readouterr().out


@pytest.mark.parametrize("name", ["absent/page.png", "page.unknown"])
def test_a_page_that_cannot_be_written_is_one_sentence(pipeline: Pipeline, tmp_path: Path, name: str) -> None:
    answer = pipeline.ask("How many people work on the night shift?")
    with pytest.raises(OctavoError, match=r"cannot be written to .*name a \.png file"):
        show.save_highlighted(pipeline, answer, tmp_path / name)


def test_json_holds_all_of_an_answer(pipeline: Pipeline, capsys: pytest.CaptureFixture[str]) -> None:
    answer = pipeline.ask("How many people work on the night shift?")
    show.as_json(answer)
    told = json.loads(capsys.readouterr().out)
    assert told["text"] == answer.text
    assert told["citations"][0]["boxes"] == [list(box) for box in answer.citations[0].boxes]
    assert told["evidence"][0]["score"] == answer.evidence[0].score
    with pytest.raises(TypeError, match="complex has no JSON form"):
        show.as_json(1j)

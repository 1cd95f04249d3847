"""Questions that a model writes of one's own documents, and the round trip that filters them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from octavo import OctavoError, Pipeline
from octavo.eval import synthesis
from octavo.eval.datasets import load
from octavo.eval.judges import JudgeOptions
from octavo.eval.synthesis import synthesize
from tests.apps.cli.command import octavo
from tests.conftest import make_pdf
from tests.eval.judges.faulty import serving

MORE = " This page goes on for a while, so that there is enough on it to ask a question of, as pages of reports do." * 2
PAGES = {
    "dam": "The dam at Northlight was finished in 2031 and holds 412 million cubic meters of water.",
    "lentils": "Boil the lentils for twenty minutes with bay leaves, then add vinegar.",
    "mirror": "The telescope's mirror was polished in the spring of 2021 by the optics workshop.",
    "ferry": "The ferry to the island leaves at nine and takes forty minutes, cars included.",
}
QUESTIONS = {
    "dam": "When was the dam at Northlight finished?",
    "lentils": "How heavy is a lentil?",
    "mirror": "What stands on a page of a report?",
    "ferry": "Who painted the ceiling of the chapel?",
}


def _script(request: dict[str, Any]) -> dict[str, str]:
    """Writes the question of a page; lentils do not answer theirs, and all pages answer that of the mirror."""
    text = str(request["messages"])
    page = next(name for name, sentence in PAGES.items() if sentence[:30] in text.replace("\\'", "'"))
    if "Question: " not in text:
        return {"question": QUESTIONS[page], "answer": "2031" if page == "dam" else "?"}
    asked = next(name for name, question in QUESTIONS.items() if question in text)
    return {"answered": "yes" if asked == "mirror" or (asked == page and asked != "lentils") else "no"}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("synthesis")
    make_pdf(folder / "all.pdf", tuple((name.title(), sentence + MORE) for name, sentence in PAGES.items()))
    with Pipeline(folder / "library") as pipeline:
        pipeline.ingest(folder / "all.pdf")
    return folder / "library"


def test_only_questions_that_a_round_trip_bears_out_are_kept(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthesis, "SEARCH_DEPTH", 1)
    with serving(reply=_script) as server, Pipeline(library) as pipeline:
        counts = synthesize(pipeline, tmp_path / "set", JudgeOptions(url=server.url), count=10, languages=["Czech"])
        assert sum("in Czech" in str(request["messages"]) for request in server.requests) == 4
    assert counts == {"kept": 1, "unanswered": 1, "ambiguous": 1, "not found": 1}
    data = load(tmp_path / "set")
    (question,) = data.questions
    assert question.question == QUESTIONS["dam"]
    assert (question.answer, question.gold_pages) == ("2031", (0,))
    assert (tmp_path / "set" / question.doc).is_file()
    refused = [json.loads(line) for line in (tmp_path / "set" / "refused.jsonl").read_text().splitlines()]
    assert [row["outcome"] for row in refused if row["question"] == QUESTIONS["ferry"]] == ["not found"]
    with serving(reply=_script) as server, Pipeline(library) as pipeline, pytest.raises(OctavoError, match="not empty"):
        synthesize(pipeline, tmp_path / "set", JudgeOptions(url=server.url))


def test_the_command_writes_a_set_that_can_be_measured(library: Path, tmp_path: Path) -> None:
    shutil.copytree(library, tmp_path / "library")
    with serving(reply=_script) as server:
        arguments = ("--llm-url", server.url, "--library", tmp_path / "library", "--json")
        done = octavo("eval", "synthesize", tmp_path / "set", *arguments)
    assert json.loads(done.stdout)["kept"] >= 1
    measured = octavo("eval", "retrieval", tmp_path / "set", "--library", tmp_path / "measured", "--json")
    assert measured.returncode == 0

"""Probes over a small set: those of the embedded default, and those of a model by a scripted server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import cast

import pytest
from PIL import Image

from octavo.eval.datasets import Question, load
from octavo.eval.probes import ProbeReport, ProbeTarget, run_probe, table
from octavo.eval.probes.modality import KINDS
from octavo.eval.probes.perturb import exchange, in_other_words, negate, with_slips
from octavo.eval.runs import RunConfig
from octavo.eval.runs.rows import read
from octavo.ingest import OctavoError
from tests.eval.test_datasets import write
from tests.rag.model_server import ModelServer, Reply, serving

MILL = """<html><body><h1>The water mill at Larkfield</h1><p>The mill was built in 1832 by Ann Ferrow.
It sold 1,340 tonnes of flour in 2018.</p><h1>The wind mill at Moorend</h1><p>The wind mill was built in 1790.
It sold 2,210 tonnes of flour in 2018.</p></body></html>"""
RAIL = """<html><body><h1>The narrow railway at Ashby</h1>
<p>The railway carried 48,200 passengers in 2019.</p></body></html>"""
QUESTIONS = (
    {"id": "flour", "question": "How much flour did the water mill sell in 2018?", "answer": "1,340",
     "doc": "mill.html"},
    {"id": "rail", "question": "How many passengers did the railway carry in 2019?", "answer": "48,200",
     "doc": "rail.html"},
)  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a data set, whose library all tests share."""
    folder = tmp_path_factory.mktemp("probes")
    (folder / "set").mkdir()
    (folder / "set" / "mill.html").write_text(MILL)
    (folder / "set" / "rail.html").write_text(RAIL)
    write(folder / "set", *({**question, "gold_pages": [0], "evidence_type": "Pure-text"} for question in QUESTIONS))
    return folder


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with serving(Reply(["It is 1,340 [1]."])) as model:
        yield model


def probed(name: str, home: Path, out: Path, url: str = "", limit: int = 0) -> tuple[ProbeReport, dict[str, float]]:
    config = {
        "data": [{"path": home / "set", "limit": limit}],
        "systems": [{"name": "own", "settings": {"llm_url": url, "llm_max_tokens": 100}, "concurrency": 1}],
        "out": out,
        "libraries": home / "libraries",
    }
    [report] = run_probe(name, RunConfig.model_validate(config))
    return report, {figure.name: figure.value.mean for figure in report.figures}


def test_perturbed_questions(home: Path, tmp_path: Path) -> None:
    report, figures = probed("perturb", home, tmp_path)
    assert (report.trials, report.failed) == (7, 0)
    assert figures["lower case: change of page recall@1"] == 0
    assert figures["other words: answers or abstains as before"] == 1
    assert "perturb · set · own: 7 trials" in table([report])


def test_variants_of_a_question() -> None:
    question = Question("a", "How many are higher than 40 in the report?", "a.pdf")
    draw, source = Random(1), cast("ProbeTarget", None)
    assert in_other_words(source, question, draw) == "What is the number of are higher than 40 within this report?"
    assert negate(source, question, draw) == "How many are not higher than 40 in the report?"
    assert exchange(source, question, draw) == "How many 40 higher than are in the report?"
    assert sorted(with_slips(source, question, draw)) == sorted(question.question)


def test_questions_as_pictures(home: Path, tmp_path: Path, server: ModelServer) -> None:
    _, figures = probed("omnify", home, tmp_path, server.url)
    assert figures["page recall@1, text"] == figures["page recall@1, picture"] == 1
    assert figures["right answers, text"] == figures["right answers, page"] == 0.5
    assert figures["right or wrong as by text, picture"] == 1
    assert {len(server.images(n)) for n in range(6)} == {1, 2}


def test_noise(home: Path, tmp_path: Path) -> None:
    _, figures = probed("noise", home, tmp_path)
    assert figures["alone: right answers"] == figures["alone: citations on a gold page"] == 1
    assert "3 random: right answers" in figures
    rows = read(tmp_path / "probe-noise.jsonl")
    assert len(rows) == 14
    assert {row["count"] for row in rows} == {0, 1, 3, 5}


def test_modality(home: Path, tmp_path: Path, server: ModelServer) -> None:
    server.by_text = {"0, the text alone": Reply(["3"])}
    _, figures = probed("modality", home, tmp_path, server.url)
    assert figures["text asked for: text of the first five"] == 1
    assert figures["redundant"] == 0.5
    assert figures["of both together"] == 0
    assert figures["importance of the picture by the model's word"] == pytest.approx(0.3)
    asked = [n for n in range(len(server.requests)) if "0, the text alone" in server.prompt(n)]
    assert asked
    assert all(server.images(n) for n in asked)
    biases = [figures[f"bias towards {kind}: share of the first five less the gold's"] for kind in KINDS]
    assert biases == pytest.approx([0.0, 0.0, 0.0])


def test_twins_of_pages(home: Path, tmp_path: Path) -> None:
    report, figures = probed("source-bias", home, tmp_path)
    assert report.trials == 4
    assert 0 <= figures["set anew: the page is before its twin"] <= 1
    assert abs(figures["as a picture: reciprocal rank, page less twin"]) <= 1


def test_text_bias(home: Path, tmp_path: Path, server: ModelServer) -> None:
    report, figures = probed("text-bias", home, tmp_path, server.url)
    assert report.failed == 0
    assert figures["picture alone: right answers"] == 1
    assert figures["pictures first, question last, match: over the picture alone"] == 1
    prompts = [server.prompt(n) for n in range(len(server.requests))]
    assert any("go by the picture" in prompt for prompt in prompts)
    rows = [
        row for row in read(tmp_path / "probe-text-bias.jsonl") if row["text"] == "corrupt" and row["id"] == "flour"
    ]
    assert {row["short"] for row in rows} == {"2,210"}
    assert all("1,340" not in p for p in prompts if "2,210 tonnes of flour in 2018" in p and "wind" not in p)


def test_a_needle_is_found_by_its_caption(home: Path, tmp_path: Path, server: ModelServer) -> None:
    server.replies = [Reply(["1, 1, 1"])]
    report, figures = probed("needle", home, tmp_path, server.url, limit=4)
    assert report.trials == 4
    assert figures == {"1 pictures, 1×1: existence": 0.5, "1 pictures, 1×1: index": 1, "1 pictures, 1×1: exact": 1}


def test_a_probe_of_a_model_needs_one(home: Path, tmp_path: Path) -> None:
    with pytest.raises(OctavoError, match="asks a model: set llm_url of system 'own'"):
        probed("needle", home, tmp_path)
    with pytest.raises(OctavoError, match="There is no probe 'nonsense'"):
        probed("nonsense", home, tmp_path)


def test_a_trial_that_failed_is_tried_again(home: Path, tmp_path: Path, server: ModelServer) -> None:
    server.replies = [Reply(status=400, message="no"), Reply(["1, 1, 1"])]
    report, _ = probed("needle", home, tmp_path, server.url, limit=2)
    assert (report.trials, report.failed) == (2, 1)
    report, _ = probed("needle", home, tmp_path, server.url, limit=2)
    assert (report.trials, report.failed) == (2, 0)


def test_ocrbench(tmp_path: Path, server: ModelServer) -> None:
    (tmp_path / "set").mkdir()
    Image.new("RGB", (60, 30), "white").save(tmp_path / "set" / "sign.png")
    row = {"dataset_name": "IIIT5K", "question": "What is written?", "image_path": "sign.png", "id": 7}
    rows = [row | {"type": "Regular Text Recognition", "answers": ["CENTRE", "1,340"]},
            row | {"id": 8, "type": "Handwritten Mathematical Expression Recognition", "answers": "1, 3 40"},
            row | {"id": 9, "type": "Key Information Extraction", "answers": ["no"]}]  # fmt: skip
    (tmp_path / "set" / "OCRBench.json").write_text(json.dumps(rows))
    assert [q.accepted for q in load(tmp_path / "set").questions] == [("CENTRE", "1,340"), ("1, 3 40",), ("no",)]
    _, figures = probed("ocrbench", tmp_path, tmp_path / "out", server.url)
    assert figures == {
        "text recognition": 1,
        "handwritten formulas": 1,
        "key information": 0,
        "all": pytest.approx(2 / 3),
    }

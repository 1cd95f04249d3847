"""Reports of runs."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from octavo.eval.reports import report
from octavo.eval.reports.pages import Pages
from octavo.eval.runs import load, rows, run
from octavo.eval.runs.differences import differences
from octavo.eval.runs.execute import ANSWERS, VERDICTS
from octavo.eval.runs.summary import tables
from octavo.ingest import OctavoError
from octavo.ingest.readers import content_id
from tests.conftest import make_pdf
from tests.eval.judges.faulty import graded, says, serving
from tests.eval.runs.test_runs import config, dataset
from tests.eval.test_datasets import write
from tests.rag.model_server import Reply, serving as model

SYSTEMS: list[dict[str, Any]] = [
    {"name": "embedded <b>"},
    {"name": "shy", "settings": {"threshold": 1.0}},
]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    dataset(folder / "set")
    with serving(reply=graded) as server:
        judging = {"url": server.url}
        return run(load(config(folder, systems=SYSTEMS, judge=judging, metrics=["correctness"])))


def test_figures_are_those_of_the_rows(done: Path) -> None:
    plain, shy = tables(done)
    assert (plain.system, shy.system) == ("embedded <b>", "shy")
    assert plain.values["page recall@1"] == {"a": 1, "b": 1, "c": 1}
    assert plain.figures()["correct by rules, answerable"].n == 3
    assert set(plain.values["correct by rules"]) == {"a", "b", "c", "u"}
    assert shy.values["correct by rules"] == {"a": 0, "b": 0, "c": 0, "u": 1}
    assert shy.abstention()["answered"] == 0
    assert shy.abstention()["recall"] == 0
    assert 0 <= plain.abstention()["auroc"] <= 1
    assert set(plain.values["correct by model"]) == {"a", "b", "c", "u"}
    assert plain.cost()["judge_tokens"] == 4 * 110
    of = {found.metric: found for found in differences(plain, shy)}
    answered = of["correct by rules, answerable"]
    assert (answered.change.n, answered.change.losses) == (3, round(3 * answered.first))
    assert (answered.second, answered.clear) == (0, False)
    assert answered.adjusted >= answered.change.p
    assert of["page recall@1"].equal
    assert not answered.equal
    assert -1 <= plain.judges()["rules and models, kappa"] <= 1


def test_the_report_is_one_file_with_everything_in_it(done: Path, tmp_path: Path) -> None:
    files = report([done], tmp_path)
    assert [path.name for path in files] == [
        "report.html",
        "report.json",
        "figures.csv",
        "questions.csv",
        "differences.csv",
    ]
    text = files[0].read_text()
    assert not re.search(r'(?:src|href)="(?!data:)', text)
    assert "embedded &lt;b&gt;" in text
    assert "embedded <b>" not in text
    assert "What was capital expenditure in 2018?" in text
    assert text.count('<rect class="cited"') >= 1
    assert "data:image/webp;base64," in text
    assert "was not measured" in text
    assert "<b>shy</b> against <b>embedded &lt;b&gt;</b>" in text
    assert "The same on every question: page recall@1" in text
    plain, shy = (table.values["correct by rules"] for table in tables(done))
    assert text.count('data-kind="differs"') == sum(plain[key] != shy[key] for key in plain) > 0
    assert text.count('<details class="q"') == 4, "each question once"
    (first, _) = json.loads(files[1].read_text())
    assert len(first["data_hash"]) == 16
    assert first["code"].startswith("0.")
    assert (first["judge"], first["seed"], first["questions"]) == ("tiny", 7, 4)
    assert first["figures"]["page recall@1"]["mean"] == 1
    figures = list(csv.DictReader(io.StringIO(files[2].read_text())))
    assert {(row["system"], row["data_hash"]) for row in figures} == {
        ("embedded <b>", first["data_hash"]),
        ("shy", first["data_hash"]),
    }
    assert len(list(csv.DictReader(io.StringIO(files[3].read_text())))) == 8
    changes = {row["metric"]: row for row in csv.DictReader(io.StringIO(files[4].read_text()))}
    assert (changes["correct by rules"]["second system"], changes["correct by rules"]["questions"]) == ("shy", "4")


def test_the_same_run_again_gives_the_same_figures(done: Path, tmp_path: Path) -> None:
    once = [path.read_bytes() for path in report([done], tmp_path / "a", pictures=False)]
    assert [path.read_bytes() for path in report([done], tmp_path / "b", pictures=False)] == once
    assert b"data:image" not in once[0]


def copied(done: Path, to: Path) -> Path:
    to.mkdir()
    for path in done.glob("*.json*"):
        (to / path.name).write_bytes(path.read_bytes())
    return to


def test_questions_that_could_not_be_answered_are_told_with_the_reason(done: Path, tmp_path: Path) -> None:
    copy = copied(done, tmp_path / "run")
    with (copy / ANSWERS).open("a") as file:
        row = {"key": "set/shy/z", "data": "set", "system": "shy", "id": "z", "error": "The model is out of memory."}
        file.write(json.dumps(row) + "\n")
    files = report([copy], tmp_path / "out", pictures=False)
    assert "shy could not answer 1 question: The model is out of memory." in files[0].read_text()
    assert [found["failed"] for found in json.loads(files[1].read_text())] == [{}, {"The model is out of memory.": 1}]


def test_a_poor_judge_is_named_in_the_head(done: Path, tmp_path: Path) -> None:
    copy = copied(done, tmp_path / "run")
    made = json.loads((copy / "run.json").read_text())
    measured = {"mean": 0.5, "low": 0.4, "high": 0.6, "n": 9}
    made["agreement"] = [
        {"judge": "tiny", "labels": 9, "failed": 0, "accuracy": measured, "kappa": 0.1, "binary_accuracy": measured}
        | {"binary_kappa": 0.12, "confusion": {"correct": {"correct": 4}}, "kinds": {}, "data_hash": "0"}
    ]
    (copy / "run.json").write_text(json.dumps(made))
    text = report([copy], tmp_path / "out")[0].read_text()
    head = text[: text.index("<table>")]
    assert "The judge tiny agrees poorly with people (kappa 0.12" in head


def test_runs_over_other_questions_are_compared_on_those_that_are_the_same(done: Path, tmp_path: Path) -> None:
    dataset(tmp_path / "set")
    path = tmp_path / "set" / "queries.jsonl"
    path.write_text(path.read_text().replace("night shift", "day shift"))
    other = run(load(config(tmp_path, systems=SYSTEMS[:1], out="other")))
    text = report([done, other], tmp_path / "out")[0].read_text()
    assert "The runs have other questions or gold answers under this name" in text
    one, two = tables(done)[0], tables(other)[0]
    assert {found.change.n for found in differences(one, two) if found.metric == "page recall@1"} == {2}
    text = report([done, done], tmp_path / "same")[0].read_text()
    assert "under this name" not in text
    assert text.count("</span>shy</td>") == 1, "a run that is named twice counts once"
    same = run(load(config(tmp_path, systems=SYSTEMS[:1], out="elsewhere/run")))
    first = done.parent.parent.name
    assert f"{first}/runs/run: shy" in report([done, same], tmp_path / "alike")[0].read_text()


def test_documents_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    asked = []
    for year, spent in (("2017", "12"), ("2018", "15")):
        (tmp_path / "set" / year).mkdir(parents=True)
        make_pdf(tmp_path / "set" / year / "report.pdf", (("Report", f"In {year} the dome cost {spent} crowns."),))
        question = {"id": year, "question": f"What did the dome cost in {year}?", "answer": spent}
        asked.append(question | {"doc": f"{year}/report.pdf", "gold_pages": [0]})
    write(tmp_path / "set", *asked)
    (table,) = tables(run(load(config(tmp_path))))
    with Pages() as pages:
        gold = {row["id"]: [page["key"] for page in pages.of(table, row) if page["gold"]] for row in table.rows}
    ids = {year: content_id(tmp_path / "set" / year / "report.pdf") for year in ("2017", "2018")}
    assert gold == {year: [f"{identity[:12]}/p0"] for year, identity in ids.items()}


def test_a_folder_without_a_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(OctavoError, match="is no run"):
        report([tmp_path], tmp_path)


def test_verdicts_are_read_while_a_run_goes_on(done: Path) -> None:
    path = done / VERDICTS
    before = path.read_bytes()
    path.write_bytes(before + b'{"key": "cut')
    try:
        assert len(rows.read(path)) == 8
    finally:
        path.write_bytes(before)


def test_systems_are_ranked_by_how_little_they_hallucinate(tmp_path: Path) -> None:
    """CrossCheckGPT's order, from pictures that other models are shown, against the one by correctness."""
    dataset(tmp_path / "set")

    def judge(request: dict[str, Any]) -> dict[str, Any]:
        text = says(request)
        if "yes, no, or unsure" in text:
            sentence = text[text.index("<sentence>") :]
            return {"verdict": "no" if "elephants" in sentence else "yes"}
        return {"answer": "It was 1,577 million crowns."} if "a few plain sentences" in text else graded(request)

    with (
        serving(reply=judge) as server,
        model(Reply(["It was 1,577 million crowns [1]."])) as right,
        model(Reply(["There were elephants [1]."])) as wrong,
    ):
        systems = [
            {"name": name, "settings": {"llm_url": answers.url}, "modality": "image", "level": "page"}
            for name, answers in (("wrong", wrong), ("right", right))
        ]
        judging = {"url": server.url, "pictures": 1}
        metrics = ["correctness", "crosscheck"]
        made = run(load(config(tmp_path, systems=systems, judge=judging, metrics=metrics)))
        asked = [r for r in server.requests if "a few plain sentences" in says(r)]
    assert asked
    assert all("image_url" in json.dumps(request) for request in asked)
    files = report([made], tmp_path / "out", pictures=False)
    rows = list(csv.DictReader(io.StringIO(files[-1].read_text())))
    assert files[-1].name == "rankings.csv"
    assert [(row["metric"], row["place"], row["system"], row["mean"]) for row in rows] == [
        ("CrossCheckGPT explicit", "1", "right", "0.0"),
        ("CrossCheckGPT explicit", "2", "wrong", "1.0"),
        ("CrossCheckGPT implicit", "1", "right", "0.0"),
        ("CrossCheckGPT implicit", "2", "wrong", "1.0"),
    ]
    assert json.loads(rows[0]["kendall tau"]) == {"correct by model": 1.0, "correct by rules": 1.0}
    assert "1. right (0.000), 2. wrong (1.000)" in files[0].read_text()

"""`octavo eval …` as people call it."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from apps.cli import app
from tests.eval.judge.faulty import graded, serving
from tests.eval.judge.test_labels import ROWS, write as write_labels
from tests.eval.test_run import config, dataset


def call(*arguments: object) -> str:
    result = CliRunner().invoke(app, ["eval", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_run_and_its_report(tmp_path: Path) -> None:
    dataset(tmp_path / "set")
    said = call("run", config(tmp_path), "--quiet")
    assert str(tmp_path / "runs" / "run") in said
    files = call("report", tmp_path / "runs" / "run", "--out", tmp_path / "out").split()
    assert [Path(file).name for file in files] == ["report.html", "report.json", "figures.csv", "questions.csv"]


def test_judges_against_people(tmp_path: Path) -> None:
    (tmp_path / "labels").mkdir()
    write_labels(tmp_path / "labels", *ROWS)
    with serving(reply=graded) as server:
        given = ("judge", "--labels", tmp_path / "labels", "--llm-url", server.url, "--cache", tmp_path / "c.sqlite")
        by_rules, by_model = json.loads(call(*given, "--json"))
        assert (by_rules["judge"], by_rules["labels"], by_model["judge"]) == ("rules", 4, "tiny")
        assert "tiny: 2 labels" in call(*given, "--limit", 2)
    assert len(server.requests) == 4


def test_without_a_model_the_rules_alone(tmp_path: Path) -> None:
    write_labels(tmp_path, *ROWS)
    assert "rules: 4 labels" in call("judge", "--labels", tmp_path)

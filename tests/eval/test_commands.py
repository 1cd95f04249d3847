"""`octavo eval …` as people call it."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from octavo.apps.cli.main import app
from octavo.ingest import OctavoError
from tests.eval.judges.faulty import graded, serving
from tests.eval.judges.test_labels import ROWS, write as write_labels
from tests.eval.runs.test_runs import config, dataset
from tests.rag.model_server import closed_port


def call(*arguments: object) -> str:
    result = CliRunner().invoke(app, ["eval", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result.stdout


def wrong(*arguments: object) -> str:
    """The sentence of a command that cannot do its work."""
    result = CliRunner().invoke(app, ["eval", *map(str, arguments)])
    assert isinstance(result.exception, OctavoError)
    return str(result.exception)


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


def test_the_setting_of_a_judge_that_cannot_be_reached_is_named(tmp_path: Path) -> None:
    dataset(tmp_path / "set")
    write_labels(tmp_path, *ROWS)
    away = f"http://127.0.0.1:{closed_port()}/v1"
    said = wrong("judge", "--labels", tmp_path, "--llm-url", away, "--cache", tmp_path / "c.sqlite")
    assert said.endswith("check --llm-url.")
    said = wrong("run", config(tmp_path, judge={"url": away}, metrics=["correctness"]), "--quiet")
    assert said.endswith("check judge.url.")
    with serving() as server:
        judging = {"url": server.url, "panel": [{"url": server.url, "model": "gone"}, {"url": away}]}
        said = wrong("run", config(tmp_path, judge=judging, metrics=["correctness"], out="other"), "--quiet")
        assert said.endswith("check judge.panel.url.")
    systems = [{"name": "mine", "settings": {"llm_url": away}}]
    said = wrong("run", config(tmp_path, systems=systems, out="third"), "--quiet")
    assert "The settings of system 'mine'" in said


def test_a_model_in_a_file_is_called_by_the_files_name(tmp_path: Path) -> None:
    write_labels(tmp_path, *ROWS)
    with serving(reply=graded) as server:
        given = ("--llm-url", server.url, "--llm-model", "/weights/small-q4.gguf", "--cache", tmp_path / "c.sqlite")
        assert "\nsmall-q4.gguf: 4 labels" in call("judge", "--labels", tmp_path, *given)
        assert server.requests[0]["model"] == "/weights/small-q4.gguf"

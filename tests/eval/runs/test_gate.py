"""A run against its baseline."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from octavo.apps.cli.main import app
from octavo.eval import pytest_plugin
from octavo.eval.runs import load, run
from octavo.eval.runs.execute import ANSWERS
from octavo.eval.runs.gate import GateResult, compare_runs
from octavo.ingest import OctavoError
from tests.eval.runs.test_runs import config, dataset

Row = dict[str, Any]
gate = pytest_plugin.octavo_gate


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of 40 questions: four that were answered, ten times each under other ids."""
    folder = tmp_path_factory.mktemp("gate")
    dataset(folder / "set")
    out = run(load(config(folder)))
    rows = [json.loads(line) for line in (out / ANSWERS).read_text().splitlines()]
    copies = [row | {"id": f"{row['id']}{n}", "key": f"{row['key']}{n}"} for row in rows for n in range(10)]
    write(out, copies)
    return out


def write(folder: Path, rows: list[Row]) -> None:
    (folder / ANSWERS).write_text("".join(json.dumps(row) + "\n" for row in rows))


def changed(baseline: Path, folder: Path, change: Callable[[Row], Row]) -> Path:
    """A copy of the run with each row changed."""
    shutil.copytree(baseline, folder)
    write(folder, [change(json.loads(line)) for line in (baseline / ANSWERS).read_text().splitlines()])
    return folder


def worse(row: Row) -> Row:
    return row | {"rules": row["rules"] | {"grade": "incorrect"}} if row["id"][0] in "ab" else row


def test_the_same_run_passes(baseline: Path, gate: Callable[[Path, Path], GateResult]) -> None:
    found = gate(baseline, baseline)
    assert (found.passes, found.worse, found.better, found.compared) == (True, (), (), 1)


def test_a_worse_run_fails_and_a_better_one_passes(
    baseline: Path, tmp_path: Path, gate: Callable[[Path, Path], GateResult]
) -> None:
    bad = changed(baseline, tmp_path / "bad", worse)
    found = compare_runs(bad, baseline)
    assert not found.passes
    assert -0.5 in [change.difference.change.difference for change in found.worse]
    assert compare_runs(baseline, bad).passes
    with pytest.raises(pytest.fail.Exception, match=r"-0\.500"):
        gate(bad, baseline)
    called = CliRunner().invoke(app, ["eval", "gate", str(bad), "--baseline", str(baseline)])
    assert (called.exit_code, called.stdout.splitlines()[-1]) == (1, "failed")


def test_one_question_more_or_less_is_chance(baseline: Path, tmp_path: Path) -> None:
    slightly = changed(baseline, tmp_path / "run", lambda row: worse(row) if row["id"] == "a3" else row)
    assert compare_runs(slightly, baseline).passes


def test_questions_that_failed_are_no_chance(baseline: Path, tmp_path: Path) -> None:
    failing = changed(
        baseline, tmp_path / "run", lambda row: row | {"error": "the server is gone"} if row["id"] == "a3" else row
    )
    found = compare_runs(failing, baseline)
    assert (found.passes, found.failed) == (False, 1)


def test_runs_without_anything_in_common_are_not_compared(baseline: Path, tmp_path: Path) -> None:
    other = changed(baseline, tmp_path / "run", lambda row: row | {"data": "other"})
    with pytest.raises(OctavoError, match="nothing can be compared"):
        compare_runs(other, baseline)

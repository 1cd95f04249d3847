"""The probe of composed retrieval: charts that differ in one thing, and words that name it."""

from __future__ import annotations

from pathlib import Path

import pytest

from octavo.eval.probes.composed import DRAWINGS, FORMS
from octavo.eval.runs.rows import read
from tests.apps.cli.command import octavo
from tests.eval.test_datasets import write


@pytest.mark.slow
def test_a_changed_chart_is_found_by_picture_and_words_together(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "mill.txt").write_text("The mill sold 3,400 tonnes of flour.")
    write(tmp_path / "set", {"id": "a", "question": "How much flour?", "doc": "mill.txt", "gold_pages": [0]})
    (tmp_path / "probe.yaml").write_text("data: [{path: set, limit: 1}]\nout: out\nlibraries: libraries\n")
    result = octavo("eval", "probe", "composed", tmp_path / "probe.yaml", "--quiet")
    assert result.returncode == 0, result.stderr
    rows = read(tmp_path / "out" / "probe-composed.jsonl")
    assert {row["variant"] for row in rows} == {"another year", "another place", "a table"}
    assert len(rows) == 3
    assert all(set(row["ranks"]) == set(FORMS) for row in rows)
    assert all(row["ranks"]["both"] <= 2 for row in rows), [row["ranks"] for row in rows]
    assert "another year, both: page recall@1" in result.stdout


def test_no_two_drawings_are_alike() -> None:
    assert len({(drawing.title, drawing.kind) for drawing in DRAWINGS}) == len(DRAWINGS) == 54

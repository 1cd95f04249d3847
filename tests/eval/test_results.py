"""The tables of a page of results, measured again."""

from __future__ import annotations

from pathlib import Path

import pytest

from octavo.eval import results
from octavo.eval.runs.manifest import code
from octavo.ingest import OctavoError
from tests.eval.runs.test_runs import dataset

ROOT = Path(__file__).resolve().parents[2]


def test_a_table_is_measured_in_its_place_and_others_stay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dataset(tmp_path / "azure-search-demo")
    page = tmp_path / "RESULTS.md"
    page.write_text(
        "# Measured\n\nRecall: <!-- make results: retrieval -->\n\n| old |\n|---|\n| 1 |\n\nText.\n\n| other |\n|---|\n"
    )
    results.remake(page, [tmp_path], tmp_path / "libraries", ["retrieval"])
    text = page.read_text()
    head, line, row, after = text.splitlines()[4:8]
    assert text.startswith("# Measured\n\nRecall: <!-- make results: retrieval -->\n\n| set, split (")
    assert f"({code()} on " in head
    assert line == "|---|---|---|---|---|---|---|"
    assert row.startswith("| azure-search-demo, all | 3 / 3 | 1.000 [1.000, 1.000] / 1.000 [1.000, 1.000] / ")
    assert after == ""
    assert text.endswith("\nText.\n\n| other |\n|---|\n")
    results.remake(page, [tmp_path / "none"], tmp_path / "libraries", ["rules"])
    assert "rules: left as it is" in capsys.readouterr().out


def test_a_page_without_the_place_of_a_table_is_refused() -> None:
    with pytest.raises(OctavoError, match="make results: retrieval"):
        results.replace_table("# Measured\n", "retrieval", "| a |", "0.2.0")


def test_the_page_of_the_project_has_the_place_of_every_table() -> None:
    text = (ROOT / "eval" / "RESULTS.md").read_text(encoding="utf-8")
    for name in results.TABLES:
        assert results.replace_table(text, name, "| new |", "0.2.0").count("| new (0.2.0) |") == 1

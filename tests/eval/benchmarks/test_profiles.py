"""Profiles are measured on the documents that are named, in one table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from octavo.eval.benchmarks import profiles
from octavo.ingest import Profile
from tests.conftest import make_pdf
from tests.eval.test_datasets import write


@pytest.mark.usefixtures("own_workers")  # their processor time counts when they end
def test_a_row_has_costs_and_recall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profiles, "Profile", [Profile.FAST])
    make_pdf(tmp_path / "kiln.pdf", (("Kiln", "The kiln burns every week."),))
    write(tmp_path, {"id": "2", "question": "When does the kiln burn?", "doc": "kiln.pdf", "gold_pages": [0]})
    [row] = profiles.report([tmp_path]).splitlines()[2:]
    name, profile, pages, milliseconds, kilobytes, recall, layout = (cell.strip() for cell in row.strip("|").split("|"))
    assert (name, profile, pages) == (tmp_path.name, "fast", "1")
    assert (recall, layout) == ("1.000 / 1.000 / 1.000", "–")
    assert int(milliseconds) > 0
    assert 0 < int(kilobytes) < 60


@pytest.mark.slow
@pytest.mark.usefixtures("own_workers")  # their processor time counts when they end
def test_each_profile_has_a_row(tmp_path: Path) -> None:
    make_pdf(tmp_path / "ferry.pdf", (("Ferry", "The ferry leaves at nine."), ("Bus", "The bus leaves at ten.")))
    make_pdf(tmp_path / "kiln.pdf", (("Kiln", "The kiln burns every week."),))
    questions = [
        {"id": "1", "question": "When does the bus leave?", "doc": "ferry.pdf", "gold_pages": [1], "answer": "ten"},
        {"id": "2", "question": "When does the kiln burn?", "doc": "kiln.pdf", "gold_pages": [0], "answer": "weekly"},
    ]
    (tmp_path / "queries.jsonl").write_text("\n".join(map(json.dumps, questions)))
    table = profiles.report([tmp_path], ["ferry.pdf"]).splitlines()[2:]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in table]
    assert [row[1] for row in cells] == ["fast", "balanced", "thorough"]
    for _, _, pages, milliseconds, kilobytes, recall, layout in cells:
        assert (pages, recall, layout) == ("2", "1.000 / 1.000 / 1.000", "–")
        assert int(milliseconds) > 0
        assert 0 < int(kilobytes) < 60

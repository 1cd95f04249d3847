"""Progress on a pipe is lines, and none when it is to be quiet."""

from __future__ import annotations

from pathlib import Path

import pytest

from octavo.apps.cli.progress import EVERY, IngestProgress, RunProgress
from octavo.ingest.reading import Progress
from octavo.rag import Ingested

PATH = Path("report.pdf")
ROW = {"prompt_tokens": 1_000, "completion_tokens": 50}


def test_lines_name_the_file_the_page_and_the_end(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    with IngestProgress(2) as progress:
        progress.update(Progress(PATH, "opening"))
        now += 2
        progress.update(Progress(PATH, "reading", 1, 3))
        progress.update(Progress(PATH, "reading", 1, 3))  # told again, as nothing happens
        now += 1
        progress.update(Progress(PATH, "reading", 2, 3))
        progress.finished(Ingested(PATH, "added", "d", 3))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "report.pdf: opening"
    assert lines[1].startswith("report.pdf: reading page 1 of 3 ")
    assert lines[1].endswith(" 0.5 pages/s")
    assert lines[2:] == ["report.pdf: added (1 of 2)"]


def test_quiet_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    with IngestProgress(1, quiet=True) as progress:
        progress.update(Progress(PATH, "reading", 1, 3))
        progress.finished(Ingested(PATH, "failed", reason="broken"))
    assert capsys.readouterr() == ("", "")


def test_lines_of_a_run_name_the_stage_and_what_it_cost(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    with RunProgress() as progress:
        progress("reports, model", 1, 4, ROW)
        now += EVERY / 2
        progress("reports, model", 2, 4, ROW)
        now += EVERY / 2
        progress("reports, model", 3, 4, {"error": "the model is gone"})
        progress("reports, model", 4, 4, ROW)
    assert capsys.readouterr().err.splitlines() == [
        "reports, model: 1 of 4; 1,050 tokens, 0 s",
        "reports, model: 3 of 4; 2,100 tokens, 5 s, 1 failed",
        "reports, model: 4 of 4; 3,150 tokens, 5 s, 1 failed",
    ]


def test_a_quiet_run_counts_and_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with RunProgress(quiet=True) as progress:
        progress("reports, model", 1, 1, ROW)
    assert progress.cost.startswith("1,050 tokens, ")
    assert capsys.readouterr() == ("", "")

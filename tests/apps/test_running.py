"""Progress of an evaluation on a pipe: a line in so many seconds, and the last of each stage."""

from __future__ import annotations

import pytest

from apps.running import EVERY, RunProgress

ROW = {"prompt_tokens": 1_000, "completion_tokens": 50}


def test_lines_name_the_stage_and_what_it_cost(
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


def test_quiet_counts_and_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with RunProgress(quiet=True) as progress:
        progress("reports, model", 1, 1, ROW)
    assert progress.cost.startswith("1,050 tokens, ")
    assert capsys.readouterr() == ("", "")

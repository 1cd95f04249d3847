"""Progress on a pipe is lines, and none when it is to be quiet."""

from __future__ import annotations

from pathlib import Path

import pytest

from apps.progress import IngestProgress
from ingest.run import Progress
from rag import Ingested

PATH = Path("report.pdf")


def test_lines_name_the_file_the_page_and_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    with IngestProgress(2) as progress:
        progress.update(Progress(PATH, "opening"))
        progress._logged = 0
        progress.update(Progress(PATH, "reading", 1, 3))
        progress.update(Progress(PATH, "reading", 2, 3))
        progress.finished(Ingested(PATH, "added", "d", 3))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "report.pdf: opening"
    assert lines[1].startswith("report.pdf: reading page 1 of 3 ")
    assert lines[1].endswith(" pages/s")
    assert lines[2:] == ["report.pdf: added (1 of 2)"]


def test_quiet_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    with IngestProgress(1, quiet=True) as progress:
        progress.update(Progress(PATH, "reading", 1, 3))
        progress.finished(Ingested(PATH, "failed", reason="broken"))
    assert capsys.readouterr() == ("", "")

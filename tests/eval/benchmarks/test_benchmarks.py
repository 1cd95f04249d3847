"""The benchmarks print ratios."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from octavo.eval.benchmarks import ingest, search, start, synthetic
from octavo.eval.benchmarks.__main__ import main
from octavo.rag import Pipeline
from tests.conftest import make_pdf


def test_made_up_libraries_are_the_same_each_time(tmp_path: Path) -> None:
    assert synthetic.document(3, 5) == synthetic.document(3, 5)
    assert synthetic.document(3, 5) != synthetic.document(4, 5)
    with Pipeline(tmp_path) as pipeline:
        synthetic.fill(pipeline, 2 * synthetic.PAGES)
        assert [info.pages for info in pipeline.documents()] == [synthetic.PAGES] * 2


def test_they_run_on_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "ROUNDS", 1)
    monkeypatch.setattr(search, "QUESTIONS", 3)
    monkeypatch.setattr(start, "PAGES", 100)
    monkeypatch.setattr(start, "ROUNDS", 1)
    assert re.match(r"ingest: \d+\.\d\d of the speed .* 3 pages", ingest.report([make_pdf(tmp_path / "a.pdf")], 1))
    libraries = tmp_path / "libraries"
    for _ in range(2):  # libraries that are kept are used again
        lines = search.report((100, 200), libraries).splitlines()
        assert [re.search(r"over (\d+) pages, \d+ ms for the first", line)[1] for line in lines] == ["100", "200"]  # type: ignore[index]
    with Pipeline(libraries / "synthetic-200") as pipeline:
        assert len(pipeline.documents()) == 20
    assert re.search(r"opening 100 pages: -?\d+\.\d\d s more", start.report())


def test_bad_use_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fly"]) == 2
    assert main(["ingest"]) == 2
    assert "usage" in capsys.readouterr().err

"""The benchmarks print ratios."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from octavo.eval.benchmarks import ingest, plan, search, start, synthetic
from octavo.eval.benchmarks.__main__ import main
from octavo.rag import Pipeline
from tests.conftest import make_pdf


def test_made_up_libraries_are_the_same_each_time(tmp_path: Path) -> None:
    assert synthetic.document(3, 5) == synthetic.document(3, 5)
    assert synthetic.document(3, 5) != synthetic.document(4, 5)
    with Pipeline(tmp_path) as pipeline:
        synthetic.fill(pipeline, 2 * synthetic.PAGES)
        assert [info.pages for info in pipeline.documents()] == [synthetic.PAGES] * 2


@pytest.mark.slow
def test_they_run_on_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "ROUNDS", 1)
    monkeypatch.setattr(search, "QUESTIONS", 3)
    monkeypatch.setattr(search, "ADDED", 1)
    monkeypatch.setattr(start, "PAGES", 20)
    monkeypatch.setattr(start, "ROUNDS", 1)
    assert re.match(r"ingest: \d+\.\d\d of the speed .* 3 pages", ingest.report([make_pdf(tmp_path / "a.pdf")], 1))
    libraries = tmp_path / "libraries"
    with Pipeline(libraries / "synthetic-20") as pipeline:
        synthetic.fill(pipeline, 20)
        documents = pipeline.documents()
    [line] = search.report((20,), libraries).splitlines()
    assert re.match(r"search: \d+\.\d ms a question over 20 pages, \d+ ms for the first", line)
    with Pipeline(libraries / "synthetic-20") as pipeline:
        assert pipeline.documents() == documents, "a library that is kept is used again, and left as it was"
    assert re.search(r"opening 20 pages: -?\d+\.\d\d s more", start.report())


def test_bad_use_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fly"]) == 2
    assert main(["ingest"]) == 2
    assert "usage" in capsys.readouterr().err


def test_the_documented_plan_is_what_the_constants_give() -> None:
    documented = (Path(__file__).parents[3] / "docs" / "scale.md").read_text(encoding="utf-8")
    for table in plan.report().split("\n\n"):
        assert table in documented

"""The benchmarks print ratios."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from octavo.eval.benchmarks import ingest, plan, search, start, synthetic
from octavo.eval.benchmarks.__main__ import main
from octavo.rag import Pipeline
from tests.conftest import REPORT, make_pdf


def test_made_up_libraries_are_the_same_each_time(tmp_path: Path) -> None:
    assert synthetic.document(3, 5) == synthetic.document(3, 5)
    assert synthetic.document(3, 5) != synthetic.document(4, 5)
    with Pipeline(tmp_path) as pipeline:
        synthetic.fill(pipeline, 2 * synthetic.PAGES)
        assert [info.pages for info in pipeline.documents()] == [synthetic.PAGES] * 2


def test_reading_is_compared_with_bare_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "ROUNDS", 1)
    report = ingest.report([make_pdf(tmp_path / "a.pdf", REPORT[:1])], workers=1)
    assert re.fullmatch(r"ingest: \d+\.\d\d of the speed of the bare calls \(\d+\.\d\d; 1 pages\)", report)


def test_a_library_is_searched_extended_and_left_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "QUESTIONS", 3)
    monkeypatch.setattr(search, "ADDED", 1)
    with Pipeline(tmp_path) as pipeline:
        synthetic.fill(pipeline, 20)
        documents = pipeline.documents()
    figures = search.measure(tmp_path, 20)
    assert min(figures.first, figures.search, figures.add) > 0
    assert str(search.SearchFigures(20, 12.4, 3.25, 7.6)) == (
        "search: 3.2 ms a question over 20 pages, 12 ms for the first after opening, 8 ms to add ten pages"
    )
    with Pipeline(tmp_path) as pipeline:
        assert pipeline.documents() == documents


def test_starts_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    monkeypatch.setattr(start, "PAGES", 20)
    monkeypatch.setattr(start, "ROUNDS", 1)
    monkeypatch.setattr(subprocess, "run", lambda command, **_: ran.append(command[2]) or exec(command[2], {}))
    assert re.fullmatch(
        r"octavo --help: \d+\.\d\d s, [\d.]+ of bare Python\n"
        r"opening 20 pages: -?\d+\.\d\d s more than the imports \(\d+\.\d\d s\)",
        start.report(),
    )
    assert ran[0] == "pass"
    assert len(ran) == 4


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

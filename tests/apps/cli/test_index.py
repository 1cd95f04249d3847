"""`octavo index report`, `octavo duplicates` and `octavo related`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.apps.cli.command import octavo
from tests.conftest import make_pdf


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("index")
    make_pdf(folder / "report.pdf")
    make_pdf(folder / "again.pdf", (("Preface", "This edition was set anew, with a preface."), *_report()))
    assert octavo("ingest", folder / "report.pdf", folder / "again.pdf", cwd=folder).returncode == 0
    return folder / ".octavo"


def _report() -> tuple[tuple[str, str], ...]:
    from tests.conftest import REPORT

    return REPORT


def test_duplicates_are_listed_by_group(library: Path) -> None:
    groups = json.loads(octavo("duplicates", "--library", library, "--json").stdout)
    assert sorted(sorted((place["name"], place["page_number"]) for place in group) for group in groups) == [
        [("again.pdf", 2), ("report.pdf", 1)],
        [("again.pdf", 3), ("report.pdf", 2)],
        [("again.pdf", 4), ("report.pdf", 3)],
    ]
    assert "3 groups of copies" in octavo("duplicates", "--library", library).stdout


def test_search_names_the_copies_of_a_page(library: Path) -> None:
    printed = octavo("search", "capital expenditure in 2018", "--library", library).stdout
    assert "also on again.pdf, p. 3" in printed or "also on report.pdf, p. 2" in printed


def test_related_pages_and_documents(library: Path) -> None:
    (first, *_) = json.loads(octavo("related", "report.pdf:2", "--library", library, "--json").stdout)
    assert (first["name"], first["page_number"]) == ("again.pdf", 3)
    assert "again.pdf" in octavo("related", "report.pdf", "--library", library).stdout
    failed = octavo("related", "report.pdf:9", "--library", library)
    assert (failed.returncode, "has 3 pages, and no page 9" in failed.stderr) == (1, True)


def test_the_report_has_figures_and_sentences(library: Path, tmp_path: Path) -> None:
    questions = tmp_path / "set"
    (questions / "pdfs").mkdir(parents=True)
    make_pdf(questions / "pdfs" / "report.pdf")
    row = {"id": 1, "question": "What was capital expenditure?", "doc": "pdfs/report.pdf", "gold_pages": [1]}
    (questions / "queries.jsonl").write_text(json.dumps(row))
    report = json.loads(octavo("index", "report", "--library", library, "--questions", questions, "--json").stdout)
    assert [level["level"] for level in report["levels"]] == ["page", "element", "chunk"]
    assert 0 < report["alignment"] < 4
    assert report["duplicates"] == pytest.approx(3 / 7)
    assert "43% of the pages are copies of others." in report["verdicts"]
    assert "copies of others" in octavo("index", "report", "--library", library).stdout

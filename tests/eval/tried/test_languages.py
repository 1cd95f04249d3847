"""Questions in several languages by vectors alone."""

from __future__ import annotations

from pathlib import Path

from octavo.eval.datasets.translations import translations
from octavo.eval.tried.commands import report_of_arguments
from tests.conftest import make_pdf
from tests.eval.test_datasets import write


def test_each_language_has_a_row_beside_the_language_of_the_set(report_library: Path, tmp_path: Path) -> None:
    translated = next(iter(translations()["de"]))
    row = {"id": translated, "question": "Who works on the night shift?", "doc": "report.pdf", "gold_pages": [2]}
    write(tmp_path, row)
    make_pdf(tmp_path / "report.pdf")
    lines = report_of_arguments(["languages", str(tmp_path), str(report_library)]).splitlines()
    assert lines[0].endswith("1 questions")
    assert [line.split()[0] for line in lines[1:]] == ["original", "de", "es", "fr", "id"]
    assert lines[1].startswith("original 1.000 / 1.000")

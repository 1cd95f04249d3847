"""Small files of the kinds that readers get wrong, each with the right value; they lie beside the repository."""

from __future__ import annotations

import shutil

import pytest

from octavo.eval.benchmarks.reading_cases import CASES, ReadingCase, outcomes
from tests.conftest import DATA

BY_OCR = ("outlined-text/", "scan-turned/", "tounicode-shift/")
"""Files that OCR reads, line by line and turned; test_page, test_fonts and test_unread draw such files."""


def outcome_of(cases: list[ReadingCase]) -> dict[str, list[str]]:
    return outcomes(DATA / "reading-cases", cases)


@pytest.fixture(scope="module")
def found() -> dict[str, list[str]]:
    return outcome_of([case for case in CASES if not case.file.startswith(BY_OCR)])


@pytest.mark.parametrize("file", [case.file for case in CASES if not case.file.startswith(BY_OCR)])
def test_a_case_is_read_as_a_person_reads_it(found: dict[str, list[str]], file: str) -> None:
    if file not in found:
        pytest.skip(f"the reading cases are not there: {file}")
    if file.endswith(".docx") and shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not installed")
    assert found[file] == []


@pytest.mark.slow
def test_cases_without_a_text_layer_are_read_by_ocr() -> None:
    found = outcome_of([case for case in CASES if case.file.startswith(BY_OCR)])
    if not found:
        pytest.skip("the reading cases are not there")
    assert {file: faults for file, faults in found.items() if faults} == {}

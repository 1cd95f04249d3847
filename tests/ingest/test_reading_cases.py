"""Small files of the kinds that readers get wrong, each with the right value; they lie beside the repository."""

from __future__ import annotations

import shutil

import pytest

from octavo.eval.benchmarks.reading_cases import CASES, outcomes
from tests.conftest import DATA


@pytest.fixture(scope="module")
def found() -> dict[str, list[str]]:
    return outcomes(DATA / "reading-cases")


@pytest.mark.parametrize("file", [case.file for case in CASES])
def test_a_case_is_read_as_a_person_reads_it(found: dict[str, list[str]], file: str) -> None:
    if file not in found:
        pytest.skip(f"the reading cases are not there: {file}")
    if file.endswith(".docx") and shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not installed")
    assert found[file] == []

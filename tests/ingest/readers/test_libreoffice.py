"""Several office files in one run of LibreOffice: each has its own result or its own error."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from octavo.ingest import ReadError, ReadOptions
from octavo.ingest.readers import Source, open_each
from octavo.ingest.readers.libreoffice import convert_each
from tests.ingest.test_wordml import docx, run

_PROGRAM = r"""#!/bin/sh
# Converts like LibreOffice: "hangs.txt" takes for ever, "broken.txt" is left out; it notes each run.
echo "$@" >> "{runs}"
while [ "$1" != --outdir ]; do shift; done
folder=$2; shift 2
for file in "$@"; do
    name=$(basename "$file" .txt)
    [ "$name" = hangs ] && sleep 30
    [ "$name" = broken ] || cat "$file" > "$folder/$name.pdf"
done
"""


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for LibreOffice, and the file that it notes its runs in."""
    program = tmp_path / "bin" / "soffice"
    program.parent.mkdir()
    program.write_text(_PROGRAM.format(runs=tmp_path / "runs"))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return tmp_path / "runs"


def converted(folder: Path, *names: str, timeout: float = 20) -> list[Path | ReadError]:
    for name in names:
        (folder / f"{name}.txt").write_text(name)
    return convert_each([(folder / f"{name}.txt", f"{name}.docx") for name in names], "pdf:x", folder, timeout)


def test_files_are_converted_in_one_run(tmp_path: Path, runs: Path) -> None:
    made = converted(tmp_path, "a", "b", "c")
    assert [path.read_text() for path in made if isinstance(path, Path)] == ["a", "b", "c"]
    assert len(runs.read_text().splitlines()) == 1


def test_a_file_that_cannot_be_converted_costs_no_other(tmp_path: Path, runs: Path) -> None:
    first, broken, last = converted(tmp_path, "a", "broken", "c")
    assert isinstance(first, Path)
    assert isinstance(last, Path)
    assert str(broken) == "broken.docx cannot be converted by LibreOffice: it is broken or protected by a password."
    assert len(runs.read_text().splitlines()) == 2


def test_a_file_that_takes_too_long_costs_no_other(tmp_path: Path, runs: Path) -> None:
    first, hangs, last = converted(tmp_path, "a", "hangs", "c", timeout=2)
    assert [path.read_text() for path in (first, last) if isinstance(path, Path)] == ["a", "c"]
    assert "hangs.docx was not converted by LibreOffice within 2 s" in str(hangs)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_office_files_are_opened_together(tmp_path: Path) -> None:
    paths = [docx(tmp_path / f"{n}.docx", f"<w:p>{run(f'Text {n}')}</w:p>") for n in range(2)]
    (tmp_path / "old.rtf").write_bytes(rb"{\rtf1\ansi The rent is {\deleted 2,400}{\revised 2,950} euros.}")
    (tmp_path / "cut.pptx").write_bytes(b"PK\x03\x04")
    (tmp_path / "a.txt").write_text("Notes")
    names = ["old.rtf", "cut.pptx", "a.txt"]
    found = open_each([*paths, *(tmp_path / name for name in names)], ReadOptions(), workdir=tmp_path)
    assert [one.page_count if isinstance(one, Source) else str(one)[:26] for one in found] == [
        *(1, 1, 1),
        "cut.pptx is broken or cut ",
        1,
    ]
    assert isinstance(found[2], Source)
    assert found[2].problems == ("1 tracked deletion is left out",)

"""`octavo ingest` in a folder that holds programs beside the documents: none of them is run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import octavo
from tests.ingest.workers.test_process import plant

ROOT = Path(octavo.__file__).parents[1]


def octavo_in(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the command as it is installed: with no current folder on the search path."""
    return subprocess.run(
        [sys.executable, "-P", "-c", "from octavo.apps.cli.main import main; main()", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=200,
    )


def test_a_program_beside_the_documents_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("The mirror was polished in 2021.")
    plant(tmp_path)
    done = octavo_in(tmp_path, "ingest", ".")
    assert done.returncode == 0, done.stderr
    assert "1 added" in done.stdout
    assert not list(tmp_path.glob("ran-*"))


def test_names_that_are_no_utf_8_come_out_as_text_and_as_json(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    (tmp_path / name).write_text("Herons wade in the delta.")
    (tmp_path / os.fsdecode(b"\xff.pdf")).write_bytes(b"%PDF-1.7")
    done = octavo_in(tmp_path, "ingest", ".")
    assert (done.returncode, "1 added, 1 failed" in done.stdout) == (1, True), done.stderr
    assert "Traceback" not in done.stderr
    [info] = json.loads(octavo_in(tmp_path, "list", "--json").stdout)
    assert info["paths"] == [str(tmp_path / name)]

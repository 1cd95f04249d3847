"""`octavo ingest` in a folder that holds programs beside the documents: none of them is run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import octavo
from tests.ingest.workers.test_process import plant

ROOT = Path(octavo.__file__).parents[1]


def test_a_program_beside_the_documents_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("The mirror was polished in 2021.")
    plant(tmp_path)
    done = subprocess.run(  # as the installed command does it: with no current folder on the search path
        [sys.executable, "-P", "-c", "from octavo.apps.cli.main import main; main()", "ingest", "."],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    assert "1 added" in done.stdout
    assert not list(tmp_path.glob("ran-*"))

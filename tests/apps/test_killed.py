"""`octavo ingest`, killed at any moment and started again: the library is the one that it would have been."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from octavo.apps.samples import copy_samples
from octavo.rag import Level, Pipeline
from tests.conftest import make_pdf

QUESTIONS = ("What was capital expenditure in 2018?", "Who works on the night shift?", "What did the crane cost?")
PLACES = (("harbour", "crane", 1911), ("orchard", "cider press", 1874), ("quarry", "railway", 1938))


def ingest(documents: Path, library: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", "from octavo.apps.cli.main import main; main()", "ingest", str(documents), "-q"]
    return subprocess.Popen(
        [*command, "--library", str(library)],
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # its own group, so that its readers are killed with it
        env=os.environ | {"OCTAVO_READING__WORKERS": "1"},
    )


def finish(documents: Path, library: Path) -> float:
    started = time.monotonic()
    assert ingest(documents, library).wait(300) == 0
    return time.monotonic() - started


def look(folder: Path) -> dict[str, object]:
    """All that a library holds and finds; scores to four places."""
    with Pipeline(folder) as pipeline:
        connection = pipeline.library.connection
        rows = connection.execute("SELECT id, vector FROM entries JOIN vectors ON entry = entries.rowid ORDER BY id")
        return {
            "documents": {info.id: pipeline.library.document(info.id) for info in pipeline.documents()},
            "paths": {info.id: info.paths for info in pipeline.documents()},
            "vectors": {identity: np.frombuffer(row, np.float16).tolist() for identity, row in rows},
            "images": sorted(path.name for path in (folder / "pages").glob("*/*")),
            "found": [
                [(hit.id, round(hit.score, 4)) for hit in pipeline.search(question, level=level, k=5)]
                for question in QUESTIONS
                for level in Level
            ],
            "integrity": connection.execute("PRAGMA integrity_check").fetchone(),
        }


@pytest.mark.slow  # tests/rag/index/test_killed.py and tests/rag/test_resumed.py kill writers and readers quickly
@pytest.mark.parametrize("kills", [1, 30])
@pytest.mark.timeout(3600)
def test_a_killed_ingest_ends_as_one_that_was_not(tmp_path: Path, kills: int) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    if kills > 10:
        copy_samples(documents)
    make_pdf(documents / "annual.pdf")
    for n, (place, thing, number) in enumerate(PLACES):
        pages = (place.title(), f"The {place} was opened in {number}."), (thing.title(), f"Its {thing} cost {number}.")
        make_pdf(documents / f"{place}.pdf", pages[: n + 1])
    (documents / "note.txt").write_text("The mirror was polished in 2021.")
    seconds = finish(documents, tmp_path / "whole")
    expected = look(tmp_path / "whole")
    moments = random.Random(kills)
    for n in range(kills):
        library = tmp_path / f"killed{n // 4}"
        process = ingest(documents, library)
        time.sleep(moments.uniform(0.3, 1) * seconds)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if (library / "library.sqlite").exists():
            with Pipeline(library) as pipeline:
                for info in pipeline.documents():
                    assert pipeline.library.document(info.id) == expected["documents"][info.id]  # type: ignore[index]
    for library in sorted(tmp_path.glob("killed*")):
        finish(documents, library)
        assert look(library) == expected

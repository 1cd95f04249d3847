"""`octavo migrate`: vectors go to an engine and come back."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from octavo.apps.cli.main import app
from octavo.ingest.store.library import Library
from octavo.rag.index import Index
from octavo.rag.index.engine_index import cover_of
from tests.rag import made


def test_a_library_goes_to_lancedb_and_back(tmp_path: Path) -> None:
    folder, lance = tmp_path / "library", tmp_path / "lance"
    with Library(folder) as library:
        Index(library, made.HashEmbedding()).add(made.document(library, "a.pdf", "dome", "sea"), "/a.pdf")
    arguments = ["migrate", "--library", str(folder)]
    done = CliRunner().invoke(app, [*arguments, "--to", "lancedb", "--uri", str(lance), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {
        "entries": 12,
        "searches": 2,
        "equal": 2,
        "recall": 1.0,
        "words_searches": 2,
        "words_equal": 2,
        "compared": 12,
    }
    with Library(folder) as library:
        assert cover_of(library).uri == str(lance)
    back = CliRunner().invoke(app, [*arguments, "--to", "sign-bits"])
    assert back.exit_code == 0, back.output
    with Library(folder) as library:
        assert not cover_of(library).engine

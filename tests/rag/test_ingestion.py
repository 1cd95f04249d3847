"""Files on their way into a library: odd names, and what goes wrong with one of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from octavo.apps.cli import output
from octavo.ingest import Document, OctavoError
from octavo.ingest.readers import find
from octavo.rag import Pipeline, ingestion
from octavo.rag.index import Index

NAME = os.fsdecode(b"caf\xe9 \x1b[31m.txt")
PRINTABLE = "caf\ufffd \ufffd[31m.txt"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / NAME).write_text("Herons wade in the delta.")
    (tmp_path / "files" / os.fsdecode(b"\xff\xfe.pdf")).write_bytes(b"%PDF-1.7")
    (tmp_path / "files" / "plain.txt").write_text("Otters swim in the river.")
    return tmp_path / "files"


def test_a_name_that_is_no_utf_8_is_read_shown_and_found_again(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Pipeline(tmp_path / "library") as pipeline:
        results = {r.path.name: r for r in pipeline.ingest(folder)}
        assert [results[name].status for name in (NAME, "plain.txt")] == ["added", "added"]
        broken = results[os.fsdecode(b"\xff\xfe.pdf")]
        assert broken.reason.startswith("\ufffd\ufffd.pdf is no readable PDF")
        [hit] = pipeline.search("Where do herons wade?", k=1)
        assert hit.name == PRINTABLE
        info = pipeline.library.find(str(folder / NAME))
        assert info.paths == (str(folder / NAME),)
        assert info.title == Path(PRINTABLE).stem
        assert pipeline.library.document(info.id).path == str(folder / NAME)
        assert [r.status for r in pipeline.ingest(folder / NAME)] == ["skipped"]
        (folder / NAME).write_text("Herons have left.")
        assert [r.status for r in pipeline.ingest(folder / NAME)] == ["replaced"]
        output.documents(pipeline.documents())
        assert PRINTABLE.partition(" ")[0] in capsys.readouterr().out
        pipeline.remove(str(folder / NAME))
        assert [info.name for info in pipeline.documents()] == ["plain.txt"]


@pytest.mark.parametrize("error", [OctavoError("The model says no."), KeyError("nobody thought of this")])
def test_an_error_in_one_document_is_its_failure(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def described(document: Document, *others: Any) -> Document:
        if document.name == "plain.txt":
            raise error
        return document

    monkeypatch.setattr(ingestion, "_describe", described)
    with Pipeline(tmp_path / "library") as pipeline:
        results = {r.path.name: r for r in pipeline.ingest_each(find([folder]))}
        assert results[NAME].status == "added"
        assert results["plain.txt"].status == "failed"
        assert results["plain.txt"].reason.startswith("plain.txt cannot be added: ")
        assert [info.name for info in pipeline.documents()] == [PRINTABLE]


def test_unread_files_of_a_folder_are_reported_at_the_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "files").mkdir()
    for name in ("plain.txt", "program.exe", "song.flac"):
        (tmp_path / "files" / name).write_text("Otters swim in the river.")
    with Pipeline(tmp_path / "library") as pipeline:
        results = pipeline.ingest(tmp_path / "files")
    assert [(r.path.name, r.status) for r in results] == [
        ("plain.txt", "added"),
        ("program.exe", "unsupported"),
        ("song.flac", "unsupported"),
    ]
    output.results(results, 1.0)
    said = capsys.readouterr().out
    assert "2 files of other kinds: program.exe, song.flac" in said
    assert "1 added, 2 unsupported: 1 page in 1.0 s" in said


def test_a_document_is_never_there_without_what_is_noted_with_it(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Index, "set_metadata", lambda *_: pytest.fail("noted by a change of its own"))
    file = folder / "plain.txt"
    with Pipeline(tmp_path / "library") as pipeline:
        [added] = pipeline.ingest(file, metadata={"year": 2018})
        pipeline.ingest(file, metadata={"place": "river"}, force=True)
        assert pipeline.library.info(added.document).metadata == {"year": 2018, "place": "river"}
        file.write_text("Otters have left.")
        [replaced] = pipeline.ingest(file, metadata={"year": 2019})
        assert pipeline.library.info(replaced.document).metadata == {"year": 2019, "place": "river"}

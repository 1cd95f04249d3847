"""A copy of a library that is being written is a library that answers."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from octavo.ingest import LibraryError
from octavo.ingest.store.backup import backup
from octavo.rag import Pipeline


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text)
    return file


def test_a_copy_answers_as_the_library_does(tmp_path: Path) -> None:
    with Pipeline(tmp_path / "library") as pipeline:
        pipeline.ingest(write(tmp_path, "owl.txt", "The owl of Brennholm has a wingspan of 83 cm."))
        assert backup(tmp_path / "library", tmp_path / "copy") > 1000
        expected = pipeline.ask("What is the wingspan of the owl?")
    assert not list((tmp_path / "copy").glob("*-wal"))
    with Pipeline(tmp_path / "copy") as copied:
        assert copied.ask("What is the wingspan of the owl?") == expected
        assert copied.document("owl.txt").pages[0].image.width > 100


def test_each_copy_made_while_documents_come_and_go_is_whole(tmp_path: Path) -> None:
    stop = threading.Event()
    with Pipeline(tmp_path / "library") as pipeline:
        pipeline.ingest(write(tmp_path, "first.txt", "The first document stays."))

        def work() -> None:
            with Pipeline(tmp_path / "library") as writer:
                number = 0
                while not stop.is_set():
                    number += 1
                    writer.ingest(write(tmp_path, "changing.txt", f"Version {number} of what changes."))
                    writer.remove("changing.txt")

        thread = threading.Thread(target=work)
        thread.start()
        try:
            for number in range(3):
                backup(tmp_path / "library", tmp_path / f"copy-{number}")
        finally:
            stop.set()
            thread.join()
    for number in range(3):
        with Pipeline(tmp_path / f"copy-{number}") as copied:
            for info in copied.documents():
                for page in copied.document(info.id).pages:
                    assert page.image.width > 100
            assert "first.txt" in [info.name for info in copied.documents()]


def test_a_failed_backup_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="There is no library in"):
        backup(tmp_path, tmp_path / "copy")
    with Pipeline(tmp_path / "library"):
        pass
    with pytest.raises(LibraryError, match="lies in the library"):
        backup(tmp_path / "library", tmp_path / "library" / "copy")
    write(tmp_path, "x.txt", "x")
    with pytest.raises(LibraryError, match="is not empty"):
        backup(tmp_path / "library", tmp_path)

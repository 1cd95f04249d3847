"""Files of a library: whole or not there, for everyone whom the folder is for."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from octavo.ingest import LibraryError
from octavo.ingest.store.files import write_file
from octavo.ingest.store.library import Library


def test_a_file_is_written_with_its_folder_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "ab" / "page.webp"
    write_file(path, b"old")
    write_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(path.parent.iterdir()) == [path]


def test_only_its_owner_may_read_it_whatever_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_file(tmp_path / "ab" / "page.webp", b"seen")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "ab" / "page.webp").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "ab").stat().st_mode) == 0o700


def test_a_full_disk_is_one_sentence_and_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "page.webp"
    write_file(path, b"old")
    monkeypatch.setattr(os, "fsync", _full)
    with pytest.raises(LibraryError, match=r"page\.webp cannot be written: No space left on device\.$"):
        write_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_screenshot_that_cannot_be_written_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Library(tmp_path / "library") as library:
        monkeypatch.setattr(os, "fsync", _full)
        with pytest.raises(LibraryError, match="No space left on device"):
            library.save_image(b"a picture")
        monkeypatch.undo()
        assert library.image(library.save_image(b"a picture")) == b"a picture"


def _full(descriptor: int) -> None:
    raise OSError(28, "No space left on device")

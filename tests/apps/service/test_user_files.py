"""Files of users are copied whole, compared by their hashes, and a run that is cut off goes on."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from octavo.apps.service.user_files import copy_files, delete_files, user_files
from octavo.ingest import LibraryError

PLACES = ("uploads/default/a.txt", "collections/vault/uploads/default/b.txt", "files/ann/0123/c.txt")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for place in (*PLACES, "uploads/default/.d.txt.part", "pages/ab/e.webp", "collections/vault/library.sqlite"):
        file = tmp_path / "source" / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"The text of {place}.")
    return tmp_path / "source"


def places(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_files_of_users_alone_are_copied_and_deleted(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    assert (copy_files(source, target), places(target)) == (3, sorted(PLACES))
    assert all((target / place).read_bytes() == (source / place).read_bytes() for place in PLACES)
    delete_files(source)
    assert (list(user_files(source)), copy_files(source, target)) == ([], 0)
    assert places(source) == ["collections/vault/library.sqlite", "pages/ab/e.webp"]


def test_a_run_that_is_cut_off_goes_on(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target, copies = tmp_path / "target", list[Path]()
    real = shutil.copy2

    def copy(file: Path, part: Path) -> Any:
        copies.append(file)
        if len(copies) == 2:
            part.write_bytes(file.read_bytes()[:5])
            raise OSError(28, "No space left on device")
        return real(file, part)

    monkeypatch.setattr(shutil, "copy2", copy)
    with pytest.raises(LibraryError, match=r"cannot be copied to .*: No space left on device"):
        copy_files(source, target)
    assert len([path for path in places(target) if path in PLACES]) == 1
    assert copy_files(source, target) == 3
    assert (places(target), len(copies)) == (sorted(PLACES), 4)


def test_a_copy_that_differs_is_an_error(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other" / PLACES[0]
    other.parent.mkdir(parents=True)
    other.write_text("Another text.")
    with pytest.raises(LibraryError, match=r"is another file than .*: name an empty folder"):
        copy_files(source, tmp_path / "other")
    assert other.read_text() == "Another text."
    monkeypatch.setattr(shutil, "copy2", lambda file, part: part.write_bytes(file.read_bytes()[:5]))
    with pytest.raises(LibraryError, match="differs from it: move the files again"):
        copy_files(source, tmp_path / "target")
    assert not [path for path in places(tmp_path / "target") if path in PLACES]

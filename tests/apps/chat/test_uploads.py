"""Uploaded files stay in their folder, by names that are safe, within their limits."""

from __future__ import annotations

from pathlib import Path

import pytest

from octavo.apps.chat.uploads import Uploads, file_name
from octavo.ingest import OctavoError


def test_uploads_keep_to_their_folder_and_their_limits(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "library")
    big = tmp_path / "big.pdf"
    big.write_bytes(b"x" * 2_000_001)
    with pytest.raises(OctavoError, match="larger than 2 MB"):
        uploads.check(big, 2_000_000)
    program = tmp_path / "setup.exe"
    program.write_bytes(b"MZ")
    with pytest.raises(OctavoError, match="no kind of file"):
        uploads.check(program, 100)
    target = uploads.place(uploads.check(big, 3_000_000), "../../elsewhere")
    assert target == (tmp_path / "library/uploads/elsewhere/big.pdf").resolve()
    uploads.move(big, target)
    assert target.stat().st_size == 2_000_001
    assert not big.exists()
    assert uploads.leftovers(()) == [target]
    assert uploads.free(target).name == "big (2).pdf"
    assert uploads.key(target) == "uploads/elsewhere/big.pdf"
    assert not uploads.holds(tmp_path / "kept.pdf")


def test_a_file_that_cannot_be_moved_leaves_nothing(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "library")
    (tmp_path / "library" / "uploads").mkdir(parents=True)
    (tmp_path / "library" / "uploads" / "Notes").write_text("a file where the collection should be")
    (tmp_path / "a.txt").write_text("Words.")
    with pytest.raises(OctavoError, match=r"a\.txt cannot be kept in Notes"):
        uploads.move(tmp_path / "a.txt", uploads.place("a.txt", "Notes"))
    assert (tmp_path / "a.txt").exists()


@pytest.mark.parametrize(
    "name", ["..", ".", "", "/", "\x00", "a/..", "…", "x" * 400 + ".pdf", "con\u202egpj.pdf", "a\nb.pdf"]
)
def test_any_name_becomes_one_that_is_safe(name: str) -> None:
    safe = file_name(name)
    assert safe
    assert len(safe) <= 120
    assert not set(safe) & set('/\\\0\n\u202e<>:"|?*')
    assert not safe.startswith(".")
    assert Path("folder") / safe != Path("folder")

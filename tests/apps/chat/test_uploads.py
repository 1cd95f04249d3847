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
        uploads.take(big, "a", 2_000_000)
    program = tmp_path / "setup.exe"
    program.write_bytes(b"MZ")
    with pytest.raises(OctavoError, match="no kind of file"):
        uploads.take(program, "a", 100)
    taken = uploads.take(big, "../../elsewhere", 3_000_000)
    assert taken == (tmp_path / "library/uploads/elsewhere/big.pdf").resolve()
    outside = tmp_path / "kept.pdf"
    outside.write_bytes(b"x")
    uploads.drop([outside, taken])
    assert outside.exists()
    assert not taken.exists()


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

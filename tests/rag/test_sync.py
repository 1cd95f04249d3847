"""A library in step with a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from octavo.ingest import ReadError
from octavo.rag import Pipeline


def statuses(pipeline: Pipeline, folder: Path, *, dry_run: bool = False) -> dict[str, str]:
    return {result.path.name: result.status for result in pipeline.sync(folder, dry_run=dry_run)}


def test_what_is_new_changed_renamed_and_gone(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    for name in ("a", "b", "c"):
        (folder / f"{name}.txt").write_text(f"The lighthouse {name} was built in 1887.")
    (tmp_path / "elsewhere.txt").write_text("The harbour master closes the gate at nine.")
    with Pipeline(tmp_path / "library") as pipeline:
        pipeline.ingest(tmp_path / "elsewhere.txt")
        assert set(statuses(pipeline, folder, dry_run=True).values()) == {"added"}
        assert [info.name for info in pipeline.documents()] == ["elsewhere.txt"]
        assert set(statuses(pipeline, folder).values()) == {"added"}
        (folder / "a.txt").write_text("The lighthouse a was painted in 1901.")
        (folder / "b.txt").rename(folder / "d.txt")
        (folder / "c.txt").unlink()
        expected = {"a.txt": "replaced", "d.txt": "skipped", "b.txt": "removed", "c.txt": "removed"}
        assert statuses(pipeline, folder, dry_run=True) == expected
        assert statuses(pipeline, folder) == expected
        paths = sorted(Path(path).name for info in pipeline.documents() for path in info.paths)
        assert paths == ["a.txt", "d.txt", "elsewhere.txt"]
        assert "1901" in pipeline.search("When was the lighthouse painted?", k=1)[0].text
        assert set(statuses(pipeline, folder).values()) == {"skipped"}


def test_a_folder_that_is_empty_or_not_there_removes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a.txt").write_text("The lighthouse was built in 1887.")
    with Pipeline(tmp_path / "library") as pipeline:
        pipeline.sync(folder)
        (folder / "a.txt").unlink()
        with pytest.raises(ReadError, match="holds no file that can be read, and the library has 1 from there"):
            pipeline.sync(folder)
        with pytest.raises(ReadError, match="is no folder"):
            pipeline.sync(tmp_path / "absent")
        assert len(pipeline.documents()) == 1

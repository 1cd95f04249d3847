"""A library in step with a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from octavo.ingest import ReadError
from octavo.rag import Pipeline


def statuses(pipeline: Pipeline, folder: Path, *, dry_run: bool = False) -> dict[str, str]:
    """The status of each file; a dry run says the same as what is done then."""
    return {str(r.path.relative_to(folder)): r.status for r in pipeline.sync(folder, dry_run=dry_run)}


def synced(pipeline: Pipeline, folder: Path) -> dict[str, str]:
    planned = statuses(pipeline, folder, dry_run=True)
    done = statuses(pipeline, folder)
    assert planned == done
    return done


def notes(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"The lighthouse {name} was built in 1887.")
    return folder


def test_sync_plans_new_changed_renamed_and_missing_files(tmp_path: Path) -> None:
    folder = notes(tmp_path / "notes", "a.txt", "b.txt", "c.txt", "data.xyz")
    (tmp_path / "elsewhere.txt").write_text("The harbour master closes the gate at nine.")
    with Pipeline(tmp_path / "library") as pipeline:
        pipeline.ingest(tmp_path / "elsewhere.txt")
        others = {"data.xyz": "unsupported"}
        new = dict.fromkeys(("a.txt", "b.txt", "c.txt"), "added") | others
        assert statuses(pipeline, folder, dry_run=True) == new
        assert [info.name for info in pipeline.documents()] == ["elsewhere.txt"]
        assert statuses(pipeline, folder) == new
        (folder / "a.txt").write_text("The lighthouse a was painted in 1901.")
        (folder / "b.txt").rename(folder / "d.txt")
        (folder / "c.txt").unlink()
        assert synced(pipeline, folder) == {"a.txt": "replaced", "d.txt": "renamed", "c.txt": "removed"} | others
        assert {info.name: [Path(path).name for path in info.paths] for info in pipeline.documents()} == {
            name: [name] for name in ("a.txt", "d.txt", "elsewhere.txt")
        }
        assert "1901" in pipeline.search("When was the lighthouse painted?", k=1)[0].text
        assert synced(pipeline, folder) == {"a.txt": "skipped", "d.txt": "skipped"} | others


def test_a_renamed_or_moved_file_goes_by_its_new_name(tmp_path: Path) -> None:
    folder = notes(tmp_path / "notes", "a.txt", "b.txt")
    with Pipeline(tmp_path / "library") as pipeline:
        pipeline.sync(folder)
        (folder / "deeper").mkdir()
        (folder / "a.txt").rename(folder / "deeper" / "report.txt")
        [renamed] = [r for r in pipeline.sync(folder) if r.status == "renamed"]
        assert renamed.reason == "was a.txt"
        info = pipeline.library.find("report.txt")
        assert (info.title, info.paths) == ("report", (str(folder / "deeper" / "report.txt"),))
        assert pipeline.search("lighthouse a", k=2)[0].name in ("report.txt", "b.txt")
        (folder / "b.txt").rename(folder / "plan.txt")
        assert [(r.status, r.reason) for r in pipeline.ingest(folder / "plan.txt")] == [("renamed", "was b.txt")]
        assert [info.name for info in pipeline.documents()] == ["plan.txt", "report.txt"]


def test_the_same_content_twice_is_one_document_until_both_are_gone(tmp_path: Path) -> None:
    folder = notes(tmp_path / "notes", "z.txt")
    for name in ("a.txt", "b.txt"):
        (folder / name).write_text("The same words.")
    with Pipeline(tmp_path / "library") as pipeline:
        assert synced(pipeline, folder) == {"a.txt": "added", "b.txt": "skipped", "z.txt": "added"}
        (folder / "a.txt").unlink()
        assert synced(pipeline, folder) == {"a.txt": "removed", "b.txt": "skipped", "z.txt": "skipped"}
        assert [info.name for info in pipeline.documents()] == ["b.txt", "z.txt"]
        (folder / "b.txt").unlink()
        assert synced(pipeline, folder) == {"b.txt": "removed", "z.txt": "skipped"}
        assert [info.name for info in pipeline.documents()] == ["z.txt"]


def test_links_are_one_file_and_those_that_lead_nowhere_are_failures(tmp_path: Path) -> None:
    folder = notes(tmp_path / "notes", "a.txt")
    (folder / "link.txt").symlink_to(folder / "a.txt")
    (folder / "lost.txt").symlink_to(folder / "nothing.txt")
    with Pipeline(tmp_path / "library") as pipeline:
        assert synced(pipeline, folder) == {"a.txt": "added", "nothing.txt": "failed"}
        assert [info.name for info in pipeline.documents()] == ["a.txt"]


def test_a_disk_that_is_not_mounted_removes_nothing(tmp_path: Path) -> None:
    folder = notes(tmp_path / "notes", "a.txt", "disk/b.txt", "old/c.txt")
    with Pipeline(tmp_path / "library") as pipeline:
        pipeline.sync(folder)
        (folder / "disk" / "b.txt").unlink()
        (folder / "old" / "c.txt").unlink()
        (folder / "old").rmdir()
        assert synced(pipeline, folder) == {"a.txt": "skipped", "disk/b.txt": "failed", "old/c.txt": "removed"}
        (folder / "disk").rmdir()
        (folder / "a.txt").unlink()
        with pytest.raises(ReadError, match="holds no file that can be read, and the library has 2 from there"):
            pipeline.sync(folder)
        with pytest.raises(ReadError, match="is no folder"):
            pipeline.sync(tmp_path / "absent")
        assert len(pipeline.documents()) == 2


def test_files_of_other_kinds_stay_and_libraries_are_not_read(tmp_path: Path) -> None:
    folder = notes(tmp_path / "notes", "a.txt", "README")
    with Pipeline(folder / "library") as pipeline:
        pipeline.ingest(folder / "README")
        assert synced(pipeline, folder) == {"a.txt": "added", "README": "unsupported"}
        assert synced(pipeline, folder) == {"a.txt": "skipped", "README": "unsupported"}
        assert [info.name for info in pipeline.documents()] == ["README", "a.txt"]

"""Many files by the processes of this machine: drawn as there is room, from folders, stores and manifests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from octavo.ingest import Document, MissingToolError, ReadError, ReadOptions, read_document
from octavo.ingest.engines import pool
from octavo.ingest.engines.base import read_files
from octavo.ingest.manifest import find_files, read_manifest
from octavo.ingest.reading import Failure, read
from octavo.ingest.remote import File, RemoteFile, find_remote
from octavo.ingest.store.images import MemoryImages
from octavo.rag import Pipeline
from tests.conftest import make_pdf
from tests.ingest.readers.test_video import SUBTITLES, TALK, write


@pytest.fixture
def bucket(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a store in memory with three notes, one of them empty, and two files that are not read."""
    store = fsspec.filesystem("memory")
    folder = f"/{request.node.name}"
    for name, text in {
        "a.txt": "Otters swim.",
        "b/c.txt": "Herons wade.",
        "d.txt": "",
        ".e.txt": "-",
        "f.bin": "-",
    }.items():
        store.pipe(f"{folder}/{name}", text.encode())
    yield f"memory://{folder}"
    store.rm(folder, recursive=True)


def test_files_are_drawn_only_as_there_is_room(tmp_path: Path) -> None:
    drawn = []

    def files() -> Iterator[File]:
        for number in range(10_000):
            drawn.append(number)
            yield tmp_path / f"{number}.txt"

    results = read(files(), ReadOptions(workers=1), save_image=MemoryImages().save)
    first = next(results)
    assert isinstance(first, Failure)
    assert len(drawn) == pool.MAX_WAITING
    assert sum(1 for _ in results) == 9_999


def test_processes_that_outlive_an_engine_read_what_a_file_holds_now(tmp_path: Path) -> None:
    path, options, said = tmp_path / "report.pdf", ReadOptions(workers=1), []
    with pool.WorkerPool(1, options.worker_memory) as workers:
        for text in ("The first text.", "The second text."):
            make_pdf(path, (("Report", text),))
            with pool.PoolEngine(options, save_image=MemoryImages().save, pool=workers) as engine:
                [document] = read_files([path], engine)
            assert isinstance(document, Document)
            said.append(document.pages[0].text.splitlines()[-1])
    assert said == ["The first text.", "The second text."]


def test_a_folder_of_a_store_is_read_and_skipped_the_second_time(bucket: str, tmp_path: Path) -> None:
    with Pipeline(tmp_path / "library") as pipeline:
        results = {str(r.path): r for r in pipeline.ingest(bucket)}
        assert {url.removeprefix(bucket): r.status for url, r in results.items()} == {
            "/a.txt": "added",
            "/b/c.txt": "added",
            "/d.txt": "failed",
        }
        assert results[f"{bucket}/d.txt"].reason == "d.txt is empty."
        assert pipeline.document(f"{bucket}/a.txt").info.paths == (f"{bucket}/a.txt",)
        assert pipeline.document("c.txt").content.path == f"{bucket}/b/c.txt"
        assert [(r.status, r.reason) for r in pipeline.ingest(f"{bucket}/b/*.txt")] == [("skipped", "unchanged")]
        fsspec.filesystem("memory").pipe(f"/{bucket.rpartition('/')[2]}/a.txt", b"Otters sleep.")
        assert [r.status for r in pipeline.ingest(f"{bucket}/a.txt")] == ["replaced"]
        assert len(pipeline.documents()) == 2


def test_a_file_of_a_store_is_read_without_a_library(bucket: str) -> None:
    read = read_document(f"{bucket}/a.txt", ReadOptions(workers=1))
    assert read.document.pages[0].text == "Otters swim."
    assert read.document.path == f"{bucket}/a.txt"
    with pytest.raises(ReadError, match=r"memory://.*/absent.txt is not there"):
        read_document(f"{bucket}/absent.txt")
    with pytest.raises(ReadError, match=r"a.txt has more than 5 bytes"):
        read_document(f"{bucket}/a.txt", ReadOptions(max_file_bytes=5))


def test_a_missing_object_and_a_missing_package_are_errors(bucket: str) -> None:
    with pytest.raises(ReadError, match="There is no file, folder or match for memory:///nowhere"):
        list(find_remote("memory:///nowhere"))
    with pytest.raises(MissingToolError, match="need the package adlfs"):
        list(find_remote("az://container/a.pdf"))


def test_a_video_of_a_store_is_read_with_the_subtitles_beside_it(bucket: str, tmp_path: Path) -> None:
    store, folder = fsspec.filesystem("memory"), bucket.removeprefix("memory://")
    video = write(tmp_path / "talk.mp4", TALK)
    store.pipe(f"{folder}/talks/talk.mp4", video.read_bytes())
    store.pipe(f"{folder}/talks/talk.en.vtt", SUBTITLES.encode())
    store.pipe(f"{folder}/talks/talks.vtt", SUBTITLES.encode())
    video.with_name("talk.en.vtt").write_text(SUBTITLES)
    assert [file.name for file in find_remote(f"{bucket}/talks/")] == ["talk.mp4", "talks.vtt"]
    there = read_document(f"{bucket}/talks/talk.mp4")
    here = read_document(video)
    assert there.document.pages == here.document.pages
    assert "The Harrow pump moves forty liters a minute." in there.document.pages[0].notes
    assert there.document.problems == here.document.problems == ()


def test_a_manifest_lists_paths_and_addresses_and_what_failed_is_one(bucket: str, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("Capital expenditure was 12 million.")
    manifest = tmp_path / "manifest.txt"
    gone = json.dumps({"path": str(tmp_path / "gone.txt"), "reason": "empty"})
    manifest.write_text(f"# files\n{tmp_path}/note.txt\n\n{bucket}/a.txt\n{gone}\n")
    files = list(read_manifest(manifest))
    assert files == [tmp_path / "note.txt", RemoteFile(f"{bucket}/a.txt"), tmp_path / "gone.txt"]
    with Pipeline(tmp_path / "library") as pipeline:
        statuses = {r.path.name: r.status for r in pipeline.ingest_each(read_manifest(manifest))}
    assert statuses == {"note.txt": "added", "a.txt": "added", "gone.txt": "failed"}
    manifest.write_text("{}")
    with pytest.raises(ReadError, match=r"Line 1 of .*manifest.txt is no JSON object with a path"):
        list(read_manifest(manifest))


def test_files_of_this_machine_come_before_those_of_stores(bucket: str, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("A note.")
    files = [str(file) for file in find_files([f"{bucket}/a.txt", tmp_path])]
    assert files == [str(tmp_path / "note.txt"), f"{bucket}/a.txt"]

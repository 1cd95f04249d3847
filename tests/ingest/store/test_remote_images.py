"""Screenshots at a location of fsspec: a bucket of moto's server, and fsspec's file system in memory."""

from __future__ import annotations

import sqlite3
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest

from octavo import OctavoError, Pipeline, Settings
from octavo.ingest.errors import LibraryError, MissingToolError, ScreenshotError, SettingsError
from octavo.ingest.options import ImageOptions
from octavo.ingest.store.backup import backup
from octavo.ingest.store.images import image_hash
from octavo.ingest.store.library import Library
from octavo.ingest.store.remote_images import CachedImages, RemoteImages, open_images
from tests.object_store import new_bucket

WEBP = [bytes([n]) * 1000 for n in range(12)]


@pytest.fixture
def memory() -> Iterator[Any]:
    system = fsspec.filesystem("memory")
    yield system
    system.rm("/shots", recursive=True) if system.exists("/shots") else None


def _remote(folder: Path, cache_bytes: int = 1 << 20) -> RemoteImages:
    return RemoteImages("memory://shots/x", {}, CachedImages(folder / "cache", cache_bytes))


def test_screenshots_are_saved_once_read_checked_and_deleted(memory: Any, tmp_path: Path) -> None:
    images = _remote(tmp_path)
    first, second = images.save(WEBP[0]), images.save(WEBP[1])
    assert (first, images.save(WEBP[0])) == (image_hash(WEBP[0]), first)
    assert memory.find("/shots") == sorted(f"/shots/x/{i[:2]}/{i}.webp" for i in (first, second))
    assert (images.has(first), images.read(first), images.url(first)) == (
        True,
        WEBP[0],
        f"memory:///shots/x/{first[:2]}/{first}.webp",
    )
    images.delete([first, first])
    assert not images.has(first)
    with pytest.raises(ScreenshotError, match="gone: read its document again"):
        images.read(first)
    images.sweep(used=[])
    assert memory.find("/shots") == []
    with pytest.raises(LibraryError, match="is not the hash"):
        images.read("../../etc/passwd")


def test_a_damaged_screenshot_is_an_error_and_a_damaged_copy_is_fetched_again(memory: Any, tmp_path: Path) -> None:
    images = _remote(tmp_path)
    image = images.save(WEBP[0])
    (tmp_path / "cache" / image[:2] / f"{image}.webp").write_bytes(b"cut")
    assert images.read(image) == WEBP[0]
    memory.pipe_file(f"/shots/x/{image[:2]}/{image}.webp", b"cut")
    assert images.read(image) == WEBP[0]  # from the copy
    with pytest.raises(ScreenshotError, match="damaged"):
        _remote(tmp_path / "other").read(image)
    assert images.save(WEBP[0]) == image
    assert _remote(tmp_path / "other").read(image) == WEBP[0]


def test_copies_stay_within_their_bound_and_the_least_used_go(tmp_path: Path) -> None:
    cache = CachedImages(tmp_path, 10_000)
    names = []
    for n, webp in enumerate(WEBP):
        names.append(cache.save(webp))
        if n:
            assert cache.get(names[0]) == WEBP[0]
    assert sum(path.stat().st_size for path in tmp_path.glob("*/*")) <= 10_000
    assert cache.get(names[0]) == WEBP[0]
    assert [cache.has(name) for name in (names[1], names[-1])] == [False, True]
    assert not cache.has(cache.save(bytes(1001)))  # more than a tenth
    assert not list(CachedImages(tmp_path / "none", 0).folder.glob("*/*"))


def test_a_library_remembers_where_its_screenshots_are(memory: Any, tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("Capital expenditure in 2018 was 1,577 million dollars.")
    settings = Settings(library=tmp_path / "library", images="memory://shots/all", reading={"workers": 1})
    with Pipeline(settings) as pipeline:
        assert [done.status for done in pipeline.ingest(note)] == ["added"]
        size = pipeline.document("note.txt").pages[0].image.size
    assert not list((tmp_path / "library" / "pages").glob("*/*"))
    [path] = memory.find("/shots")
    with Library(tmp_path / "library") as library:  # without the setting
        [info] = library.documents()
        page = library.page(info.id, 0)
        assert library.image(page.image) == memory.cat_file(path)
        assert library.image_url(page.image) == f"memory://{path}"
    with Pipeline(settings) as pipeline:
        assert pipeline.ask("What was capital expenditure in 2018?").citations
    with pytest.raises(LibraryError, match="not at memory://shots/elsewhere") as raised:
        Library(tmp_path / "library", images=ImageOptions(url="memory://shots/elsewhere"))
    assert raised.value.setting == "images"
    backup(tmp_path / "library", tmp_path / "copy")
    with Pipeline(settings) as pipeline:
        pipeline.remove("note.txt")
    assert memory.find("/shots") == []
    with Pipeline(tmp_path / "copy") as pipeline:
        assert pipeline.document("note.txt").pages[0].image.size == size
    assert not (tmp_path / "copy" / "pages-cache").exists()


def test_two_libraries_share_a_location_and_sweep_their_own(memory: Any, tmp_path: Path) -> None:
    options = ImageOptions(url="memory://shots")
    with Library(tmp_path / "a", images=options) as first, Library(tmp_path / "b", images=options) as second:
        image = first.save_image(WEBP[0])
        second.save_image(WEBP[0])
        second.sweep()
        assert first.image(image) == WEBP[0]
        assert len(memory.find("/shots")) == 1


def test_a_folder_elsewhere_keeps_whole_files_by_hash(tmp_path: Path) -> None:
    options = ImageOptions(url=(tmp_path / "shots").as_uri())
    with Library(tmp_path / "library", images=options) as library:
        image = library.save_image(WEBP[0])
    [path] = (tmp_path / "shots").glob("*/*/*.webp")
    assert (path.stem, path.read_bytes(), path.stat().st_mode & 0o077) == (image, WEBP[0], 0)


@pytest.mark.parametrize("where", ["memory", "folder", "bucket"])
def test_a_store_tells_what_it_holds_and_when_it_was_written(
    where: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    begun = time.time()
    if where == "folder":
        images = open_images((tmp_path / "shots").as_uri(), ImageOptions(), tmp_path / "cache")
    else:
        options = request.getfixturevalue(where)
        url = "memory://shots/y" if where == "memory" else "s3://bucket/held"
        given = ImageOptions(url=url, options=options if where == "bucket" else {}, cache_bytes=0)
        images = open_images(url, given, tmp_path / "cache")
    held = {images.save(webp) for webp in WEBP}
    assert {*images.names()} == held
    assert all(begun - 2 <= images.written_at(image) <= time.time() + 2 for image in held)
    images.delete(held)
    assert [*images.names()] == []
    assert images.written_at(held.pop()) >= begun


def test_settings_take_a_url_and_refuse_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OCTAVO_IMAGES", "s3://bucket/prefix/")
    assert Settings.from_env().images == ImageOptions(url="s3://bucket/prefix")
    monkeypatch.delenv("OCTAVO_IMAGES")
    monkeypatch.setenv("OCTAVO_IMAGES__URL", "s3://bucket")
    monkeypatch.setenv("OCTAVO_IMAGES__CACHE_BYTES", "0")
    assert Settings.from_env().images == ImageOptions(url="s3://bucket", cache_bytes=0)
    for url in ("s3://key:secret@bucket/prefix", "bucket"):
        with pytest.raises(SettingsError, match="a URL without credentials"):
            Settings(images=url)
    monkeypatch.setitem(sys.modules, "adlfs", None)
    with pytest.raises(MissingToolError, match="package adlfs"):
        RemoteImages("az://bucket", {}, CachedImages(tmp_path, 0)).save(b"")


@pytest.fixture(scope="module")
def bucket() -> Iterator[dict[str, Any]]:
    with new_bucket() as options:
        yield options


def test_a_bucket_keeps_a_library_and_signs_urls(bucket: dict[str, Any], tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("Capital expenditure in 2018 was 1,577 million dollars.")
    images = {"url": "s3://bucket/prefix", "options": bucket, "cache_bytes": 0}
    with Pipeline(Settings(library=tmp_path / "library", images=images)) as pipeline:
        pipeline.ingest(note)
        page = pipeline.document("note.txt").pages[0]
        image = pipeline.library.page(pipeline.documents()[0].id, 0).image
        with urllib.request.urlopen(pipeline.library.image_url(image)) as reply:
            assert image_hash(reply.read()) == image
        assert page.image.size[0] > 500
        pipeline.remove("note.txt")
    assert fsspec.filesystem("s3", **bucket).find("bucket/prefix") == []
    with sqlite3.connect(tmp_path / "library" / "library.sqlite") as connection:
        assert "secret" not in str(connection.execute("SELECT * FROM meta").fetchall())
    with (
        Library(tmp_path / "library", images=ImageOptions(**{**images, "url": "s3://no-such-bucket"})) as library,
        pytest.raises(OctavoError, match=r"s3://no-such-bucket/\w+ cannot be written"),
    ):
        library.save_image(WEBP[0])

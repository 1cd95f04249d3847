"""All that a bucket may hold, as a user does it: files that are read, screenshots, the index; in servers of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest

from octavo.apps.service import Service, ServiceOptions
from octavo.ingest.store.images import image_hash
from octavo.rag import Settings
from tests.apps.cli.command import octavo_apart
from tests.apps.service.conftest import serve
from tests.object_store import new_bucket, new_google_bucket

pytestmark = pytest.mark.slow

TOWERS = {f"tower{n}.txt": f"The tower of Brennholm {n} is {n}12 metres high." for n in range(3)}


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The file system of a bucket that the environment names, with files to be read."""
    with new_bucket() as options:
        variables = {"ENDPOINT_URL": options["endpoint_url"], "ACCESS_KEY_ID": "k", "SECRET_ACCESS_KEY": "s"}
        for name, value in (variables | {"REGION": "us-east-1", "ALLOW_HTTP": "true"}).items():
            monkeypatch.setenv(f"AWS_{name}", value)
        system = fsspec.filesystem("s3", **options)
        for name, text in TOWERS.items():
            system.pipe_file(f"bucket/towers/{name}", text.encode())
        yield system


def told(*arguments: str | Path) -> str:
    done = octavo_apart(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_library_is_read_from_kept_in_searched_in_and_served_from_a_bucket(
    bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = ("--library", tmp_path / "library")
    monkeypatch.setenv("OCTAVO_IMAGES", "s3://bucket/screenshots")
    assert told("ingest", "s3://bucket/towers/", *library).startswith("3 added")
    assert told("ingest", "s3://bucket/towers/", *library).startswith("3 skipped")
    before = told("search", "How high is the tower of Brennholm 1?", "--level", "page", "--json", *library)
    moved = told("migrate", "--to", "lancedb", "--uri", "s3://bucket/index", *library)
    assert "12 entries were read back and are the same." in moved
    for name, value in (("DENSE_INDEX", "lancedb"), ("SPARSE_INDEX", "lancedb"), ("INDEX_URI", "s3://bucket/index")):
        monkeypatch.setenv(f"OCTAVO_{name}", value)
    assert told("search", "How high is the tower of Brennholm 1?", "--level", "page", "--json", *library) == before
    assert "112 metres" in told("ask", "How high is the tower of Brennholm 1?", *library)
    assert {path.split("/")[1] for path in bucket.find("bucket")} == {"towers", "screenshots", "index"}

    told("migrate", "--to", "sign-bits", *library)
    for name in ("DENSE_INDEX", "SPARSE_INDEX", "INDEX_URI"):
        monkeypatch.delenv(f"OCTAVO_{name}")

    check_signed_url(tmp_path / "library")
    told("remove", *TOWERS, *library)
    assert {path.split("/")[1] for path in bucket.find("bucket")} == {"towers"}


@pytest.fixture
def google_bucket(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """The file system of a bucket of Google's kind that the environment names, with files to be read."""
    with new_google_bucket(tmp_path) as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        system = fsspec.filesystem("gs")
        for name, text in TOWERS.items():
            system.pipe_file(f"bucket/towers/{name}", text.encode())
        yield system
        system.clear_instance_cache()


def test_a_library_is_read_from_kept_in_and_served_from_a_bucket_of_google(
    google_bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = ("--library", tmp_path / "library")
    monkeypatch.setenv("OCTAVO_IMAGES", "gs://bucket/screenshots")
    assert told("ingest", "gs://bucket/towers/", *library).startswith("3 added")
    assert told("ingest", "gs://bucket/towers/*.txt", "gcs://bucket/towers/tower1.txt", *library).startswith(
        "4 skipped"
    )
    gone = octavo_apart("ingest", "gs://bucket/towers/tower9.txt", *library)
    assert "There is no file, folder or match for gs://bucket/towers/tower9.txt" in gone.stderr
    manifest = tmp_path / "manifest.txt"
    manifest.write_text("gs://bucket/towers/tower1.txt\ngs://no-such-bucket/tower.txt\n")
    listed = octavo_apart("ingest", "--manifest", manifest, *library)
    assert (listed.returncode, "1 skipped, 1 failed" in listed.stdout) == (1, True), listed.stdout
    assert "gs://no-such-bucket/tower.txt is not there." in listed.stdout
    assert "112 metres" in told("ask", "How high is the tower of Brennholm 1?", *library)
    kept = [path for path in google_bucket.find("bucket") if path.startswith("bucket/screenshots/")]
    assert {google_bucket.info(path)["contentType"] for path in kept} == {"image/webp"}
    assert len(kept) == 3
    check_signed_url(tmp_path / "library")
    told("remove", *TOWERS, *library)
    google_bucket.invalidate_cache()
    assert {path.split("/")[1] for path in google_bucket.find("bucket")} == {"towers"}


def check_signed_url(library: Path) -> None:
    """Fetches a screenshot from where the service's answer leads."""
    settings, options = Settings.from_env(library=library), ServiceOptions(chat=False, signed_image_seconds=60)
    with Service(settings, options) as service:
        for running in serve(service):
            with running.client() as client:
                answer = client.get("/api/collections/default/documents/tower1.txt/pages/0/image")
                url = answer.headers["location"]
                assert image_hash(client.get(url).content) == Path(url.partition("?")[0]).stem

"""All that a bucket may hold, as a user does it: files that are read, screenshots, the index; in moto's server."""

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
from tests.object_store import new_bucket

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

    settings = Settings.from_env(library=tmp_path / "library")
    options = ServiceOptions(chat=False, signed_image_seconds=60)
    with Service(settings, options) as service:
        for running in serve(service):
            with running.client() as client:
                answer = client.get("/api/collections/default/documents/tower1.txt/pages/0/image")
                url = answer.headers["location"]
                assert image_hash(client.get(url).content) == Path(url.partition("?")[0]).stem

    told("remove", *TOWERS, *library)
    assert {path.split("/")[1] for path in bucket.find("bucket")} == {"towers"}

"""Pictures of pages on object storage: the API leads to signed URLs, after it has looked at the rights."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from PIL import Image

from octavo.apps.service import Service, ServiceOptions
from octavo.client import Client
from octavo.ingest.store.images import image_hash
from octavo.rag import Settings
from tests.apps.service.conftest import NOTE, SECRET, Running, add, serve
from tests.object_store import new_bucket

PICTURE = "/api/collections/{}/documents/{}/pages/0/image"


@pytest.fixture(scope="module")
def bucket() -> Iterator[dict[str, Any]]:
    with new_bucket() as options:
        yield options | {"config_kwargs": {"signature_version": "s3v4"}}


@pytest.fixture(scope="module")
def signing(bucket: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service with its screenshots in a bucket; ann is in `vault`, ben is not."""
    folder = tmp_path_factory.mktemp("signing")
    settings = Settings(library=folder / "library", images={"url": "s3://bucket/shots", "options": bucket})
    with Service(settings, ServiceOptions(chat=False, signed_image_seconds=600)) as service:
        for name in ("ann", "ben"):
            service.add_user(name, f"{name}-password")
        ann = service.users.caller(service.users.make_key("ann", "")[1])
        assert ann is not None
        service.collections.make(ann, "vault")
        add(service, "vault", folder, "secret.txt", SECRET)
        yield from serve(service)


def key(service: Running, user: str) -> str:
    return service.service.users.make_key(user, "")[1]


def test_a_whole_picture_is_at_a_signed_url_that_expires(signing: Running, bucket: dict[str, Any]) -> None:
    with signing.client(key(signing, "ann")) as client:
        answer = client.get(PICTURE.format("vault", "secret.txt"))
        assert (answer.status_code, answer.headers["cache-control"]) == (307, "private, max-age=300")
        url = urlsplit(answer.headers["location"])
        assert f"{url.scheme}://{url.netloc}" == bucket["endpoint_url"]
        assert parse_qs(url.query)["X-Amz-Expires"] == ["600"]
        stored = httpx.get(answer.headers["location"])
        assert (stored.status_code, stored.headers["content-type"]) == (200, "image/webp")
        assert image_hash(stored.content) == Path(url.path).stem
        assert Image.open(BytesIO(stored.content)).format == "WEBP"


def test_parts_and_small_pictures_are_made_by_the_service(signing: Running) -> None:
    with signing.client(key(signing, "ann")) as client:
        small = client.get(PICTURE.format("vault", "secret.txt"), params={"width": 100})
        assert (small.status_code, Image.open(BytesIO(small.content)).width) == (200, 100)


def test_nothing_is_signed_for_those_who_may_not_see_the_page(signing: Running) -> None:
    with signing.client(key(signing, "ben")) as ben, signing.client() as nobody:
        for client, status in ((ben, 404), (nobody, 401)):
            answer = client.get(PICTURE.format("vault", "secret.txt"))
            assert (answer.status_code, "location" in answer.headers) == (status, False)


def test_the_client_follows_without_its_key(signing: Running) -> None:
    with Client(signing.url, key=key(signing, "ann"), collection="vault") as pipeline:
        assert pipeline.document("secret.txt").pages[0].image.width > 500


def test_a_folder_signs_nothing_and_the_service_sends_its_pictures(tmp_path: Path) -> None:
    options = ServiceOptions(chat=False, signed_image_seconds=600)
    with Service(Settings(library=tmp_path / "library"), options) as service:
        add(service, "default", tmp_path, "note.txt", NOTE)
        for running in serve(service):
            with running.client() as client:
                answer = client.get(PICTURE.format("default", "note.txt"))
                assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")

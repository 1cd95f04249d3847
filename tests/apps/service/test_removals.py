"""Others remove documents while the service reads them: a search goes on, and a document is there or not found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from octavo.apps.service import Service, ServiceOptions, create_app
from octavo.ingest import ReadDocument, read_document
from octavo.rag import Pipeline, Settings
from tests.apps.service.conftest import NOTE, add
from tests.removals import each_step, put


@pytest.fixture(scope="module")
def read() -> ReadDocument:
    return read_document(b"The mirror of the other dome was polished in 2019.", name="dome.txt")


@pytest.fixture
def client(tmp_path: Path, read: ReadDocument) -> Iterator[TestClient]:
    settings = Settings(library=tmp_path / "library", llm_url="")
    with Service(settings, ServiceOptions(chat=False, mcp=False)) as service:
        add(service, "default", tmp_path, "note.txt", NOTE)
        with service.collections.opened("default") as pipeline:
            put(pipeline, read)
        yield TestClient(create_app(service), "http://127.0.0.1:8080", raise_server_exceptions=False)


def test_a_search_in_a_vector_store_goes_on(client: TestClient, read: ReadDocument, tmp_path: Path) -> None:
    with Pipeline(tmp_path / "library") as writer:
        for _ in each_step(writer, read):
            hits = client.post("/v1/vector_stores/default/search", json={"query": "When was the mirror polished?"})
            assert hits.status_code == 200
            assert "note.txt" in {hit["filename"] for hit in hits.json()["data"]}


@pytest.mark.parametrize("path", ["", "/pages", "/pages/0", "/pages/0/image", "/export"])
def test_a_document_is_there_or_not_found(client: TestClient, read: ReadDocument, path: str, tmp_path: Path) -> None:
    url, statuses = f"/api/collections/default/documents/{read.document.id}{path}", []
    with Pipeline(tmp_path / "library") as writer:
        for _ in each_step(writer, read):
            response = client.get(url)
            statuses.append(response.status_code)
            assert str(tmp_path) not in response.text
    assert statuses[0] == 404
    assert statuses[-1] == 200
    assert set(statuses) == {404, 200}

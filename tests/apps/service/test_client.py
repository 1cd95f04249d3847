"""The client gives what the pipeline gives."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from octavo.client import Client, ServerError
from octavo.ingest import Box
from octavo.rag import Answer, Finished, Level, PageRegion, Scope
from tests.apps.service.conftest import Running

QUESTIONS = ("What was capital expenditure in 2018?", "What is the capital of France?", "When was the mirror polished?")


@pytest.fixture
def client(local: Running) -> Iterator[Client]:
    with Client(local.url) as client:
        yield client


def test_answers_and_results_are_those_of_the_pipeline(client: Client, local: Running) -> None:
    with local.service.collections.opened("default") as pipeline:
        assert client.ask_many(QUESTIONS) == pipeline.ask_many(QUESTIONS)
        for level in Level:
            assert client.search("polished mirror", level=level) == pipeline.search("polished mirror", level=level)
        assert list(client.stream(QUESTIONS[0])) == list(pipeline.stream(QUESTIONS[0]))
        names = [(info.id, info.name, info.metadata) for info in client.documents()]
        assert names == [(info.id, info.name, info.metadata) for info in pipeline.documents()]


def test_the_same_without_blocking(client: Client) -> None:
    async def run() -> tuple[Answer, Answer]:
        answer = await client.aask(QUESTIONS[2])
        events = [event async for event in client.astream(QUESTIONS[2])]
        assert isinstance(events[-1], Finished)
        return answer, events[-1].answer

    answer, streamed = asyncio.run(run())
    assert answer == streamed


def test_scope_filter_and_pictures_are_passed_on(client: Client) -> None:
    assert client.ask(QUESTIONS[2], filter={"year": 1}).abstained
    assert not client.ask(QUESTIONS[2], filter={"year": 2021}, scope=Scope(documents=("note.txt",))).abstained
    out = BytesIO()
    Image.new("RGB", (40, 40), "white").save(out, "PNG")
    assert not client.ask(QUESTIONS[2], picture=out.getvalue()).abstained
    region = PageRegion("note.txt", 0, Box(0, 0, 600, 100))
    assert client.ask("What happened here in 2021?", region=region).citations[0].name == "note.txt"
    with pytest.raises(ServerError, match="by documents and kinds, not by pages"):
        client.ask(QUESTIONS[2], scope=Scope(pages=(0, 1)))


def test_documents_are_uploaded_looked_at_and_removed(client: Client, tmp_path: Path) -> None:
    (tmp_path / "owl.md").write_text("# Owls\n\nThe owl of Brennholm has a wingspan of 83 cm.")
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7 nothing")
    results = {done.path.name: done for done in client.ingest(tmp_path, metadata={"kind": "bird"})}
    assert (results["owl.md"].status, results["bad.pdf"].status) == ("added", "failed")
    assert results["bad.pdf"].reason.startswith("bad.pdf")
    document = client.document("owl.md")
    assert document.info.metadata == {"kind": "bird"}
    page = document.pages[0]
    assert "83 cm" in page.text
    assert page.crop(page.elements[0]["box"]).width < page.image.width
    assert "# Owls" in document.to_markdown()
    client.set_metadata("owl.md", {"kind": "owl"})
    assert client.document("owl.md").info.metadata == {"kind": "owl"}
    assert client.remove("owl.md").name == "owl.md"
    with pytest.raises(ServerError, match=r"There is no document 'owl\.md'") as failure:
        client.document("owl.md")
    assert (failure.value.code, failure.value.status) == ("not-found", 404)


def test_a_server_that_is_not_there_is_one_sentence() -> None:
    with Client("http://127.0.0.1:9", timeout=2) as client, pytest.raises(ServerError, match="did not answer"):
        client.ask("What?")

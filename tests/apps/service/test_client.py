"""The client gives what the pipeline gives."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from octavo.client import Client, RemoteConcepts, ServerError
from octavo.ingest import Box
from octavo.ingest.store.documents import DocumentStore
from octavo.rag import Answer, Finished, Level, PageRegion, Pipeline, Scope
from octavo.rag.concepts import Concepts
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
    assert page.crop(page.elements[0].box).width < page.image.width
    assert "# Owls" in document.to_markdown()
    client.set_metadata("owl.md", {"kind": "owl"})
    assert client.document("owl.md").info.metadata == {"kind": "owl"}
    assert client.remove("owl.md").name == "owl.md"
    with pytest.raises(ServerError, match=r"There is no document 'owl\.md'") as failure:
        client.document("owl.md")
    assert (failure.value.code, failure.value.status) == ("not-found", 404)


def test_a_collection_is_kept_in_step_with_a_folder(client: Client, tmp_path: Path) -> None:
    folder = tmp_path / "birds"
    (folder / "north").mkdir(parents=True)
    texts = {"owl.txt": "The owl is nocturnal.", "hawk.txt": "The hawk is diurnal.", "north/owl.txt": "The snow owl."}
    for name, text in texts.items():
        (folder / name).write_text(text)

    def sync(*, dry_run: bool = False) -> dict[str, str]:
        results = client.sync(folder, dry_run=dry_run, metadata={"kind": "bird"})
        return {str(result.path.relative_to(folder)): result.status for result in results}

    assert sync(dry_run=True) == sync() == dict.fromkeys(texts, "added")
    assert sync() == dict.fromkeys(texts, "skipped")
    (folder / "owl.txt").write_text("The owl hunts at night.")
    (folder / "hawk.txt").rename(folder / "falcon.txt")
    (folder / "north" / "owl.txt").unlink()
    (folder / "north" / "crow.txt").write_text("The crow stays.")
    changes = {"owl.txt": "replaced", "falcon.txt": "renamed", "north/owl.txt": "removed", "north/crow.txt": "added"}
    assert sync(dry_run=True) == sync() == changes
    birds = {info.name: info for info in client.documents() if info.metadata.get("kind") == "bird"}
    assert set(birds) == {"owl (2).txt", "hawk.txt", "crow.txt"}, "one that was renamed keeps its name on the server"
    assert "hunts at night" in client.document("owl (2).txt").pages[0].text
    assert birds["crow.txt"].metadata["synced_from"].endswith("/north/crow.txt")
    assert client.document("note.txt"), "what was not synced stays"
    for name in birds:
        client.remove(name)


def test_a_file_is_read_again_where_that_is_asked_for(client: Client, local: Running, tmp_path: Path) -> None:
    (tmp_path / "owl.txt").write_text("The owl is nocturnal.")
    first, second = (client.ingest(tmp_path / "owl.txt", force=force)[0] for force in (False, True))
    assert first.document == second.document
    with local.client() as http:
        job = http.post(f"/api/collections/default/documents/{first.document}/read").json()
        while http.get(f"/api/collections/default/jobs/{job['id']}").json()["state"] not in ("done", "failed"):
            pass
        assert http.get(f"/api/collections/default/jobs/{job['id']}").json()["state"] == "done"
    assert client.remove("owl.txt").id == first.document
    with pytest.raises(ServerError, match="There is no document"):
        client.document("owl.txt")


def test_a_server_that_is_not_there_is_one_sentence() -> None:
    with Client("http://127.0.0.1:9", timeout=2) as client, pytest.raises(ServerError, match="did not answer"):
        client.ask("What?")


ABSENT = {
    "check": "a document is held against itself where it is kept",
    "concepts": "an attribute whose methods are compared by themselves",
    "describe": "figures are described by the server's model, where they are kept",
    "embed": "the embedding model is the server's setting",
    "retriever": "the passes of a search run on the server",
    "reranker": "the passes of a search run on the server",
    "lookup": "the passes of a search run on the server",
    "scope": "a scope is resolved on the server",
    "answerer": "the model is the server's setting",
    "scorer": "the model is the server's setting",
    "clients": "the model is the server's setting",
    "as_retriever": "LlamaIndex reaches a server by its OpenAI-compatible address",
    "as_postprocessor": "LlamaIndex reaches a server by its OpenAI-compatible address",
    "as_embedding": "LlamaIndex reaches a server by its OpenAI-compatible address",
    "as_query_engine": "LlamaIndex reaches a server by its OpenAI-compatible address",
    "as_chat_engine": "LlamaIndex reaches a server by its OpenAI-compatible address",
}
"""Methods of `Pipeline` that the client does not have, with the reason."""
ABSENT_PARAMETERS = {
    "settings": "settings are the server's",
    "context": "a conversation's turns are kept by who asks; the API takes them as `before`",
    "evidence": "what an answer rests on is found by the server",
    "engine": "the server reads files by its own engine",
}
"""Parameters that the client's methods do not have, with the reason."""


def test_the_client_has_the_methods_of_the_pipeline() -> None:
    public = {name for name in dir(Pipeline) if not name.startswith("_")}
    shared = public & set(dir(Client))
    assert public - shared == set(ABSENT)
    absent = set()
    for name in sorted(shared):
        here, there = (inspect.signature(getattr(kind, name)).parameters for kind in (Client, Pipeline))
        assert [one for one in here if one in there] == list(here), name
        for one in here:
            assert (here[one].kind, here[one].default) == (there[one].kind, there[one].default), (name, one)
        absent |= set(there) - set(here)
    assert absent == set(ABSENT_PARAMETERS)


def test_concepts_of_a_client_have_the_methods_of_the_librarys() -> None:
    public = {name for name in dir(Concepts) if not name.startswith("_")}
    assert public - set(dir(RemoteConcepts)) == {"recall"}, "concepts are recalled where the question is answered"
    for name in public - {"recall"}:
        here, there = (inspect.signature(getattr(kind, name)).parameters for kind in (RemoteConcepts, Concepts))
        assert here == there, name
        assert inspect.iscoroutinefunction(getattr(RemoteConcepts, f"a{name}")), name


def test_concepts_are_kept_on_the_server(client: Client) -> None:
    concepts, out = client.concepts, BytesIO()
    Image.new("RGB", (40, 40), "red").save(out, "PNG")
    try:
        concept = concepts.add("Mirror", aliases=["our glass"], note="It hangs in the hall.", pictures=[out.getvalue()])
        assert (concept, concepts.get("mirror")) == (concept, concept) == (*concepts.all(), concept)
        assert "hangs in the hall" in client.ask("Where does our glass hang?").text
        with pytest.raises(ServerError, match="There is a concept 'Mirror' already") as failure:
            concepts.add("mirror")
        assert failure.value.status == 409
        changed = asyncio.run(concepts.aedit("Mirror", rename="Main mirror"))
        assert (changed.name, changed.aliases, changed.note) == ("Main mirror", concept.aliases, concept.note)
        assert client._connection.get("/concepts/Main mirror")["pictures"] == 1, "what is not given stays"
        assert [place.name for place in concepts.where("Main mirror")] == []
    finally:
        for one in concepts.all():
            concepts.remove(one.name)
    with pytest.raises(ServerError, match="There is no concept 'Mirror'"):
        concepts.get("Mirror")


def test_a_document_is_that_of_the_library(client: Client, local: Running) -> None:
    store: DocumentStore = client.library
    with local.service.collections.opened("default") as pipeline:
        here, there = client.document("note.txt"), pipeline.document("note.txt")
        assert replace(here.content, pages=(), path="") == replace(there.content, pages=(), path="")
        assert [replace(page, image="") for page in here.content.pages] == [
            replace(page, image="") for page in there.content.pages
        ]
        assert here.pages[0].elements == there.pages[0].elements
        assert store.pages(here.id)[0].elements == there.content.pages[0].elements
        assert here.pages[0].text == there.pages[0].text
        assert here.pages[0].image.tobytes() == there.pages[0].image.tobytes()
        assert here.to_markdown() == there.to_markdown()
        answer = pipeline.ask(QUESTIONS[0])
        cited = answer.citations[0]
        shown = client.highlight(answer, cited.document, cited.page)
        assert shown.tobytes() == pipeline.highlight(answer, cited.document, cited.page).tobytes()


def test_several_regions_and_pages_are_passed_on(client: Client, local: Running) -> None:
    with local.service.collections.opened("default") as pipeline:
        page = pipeline.document("note.txt").pages[0]
        regions = [PageRegion("note.txt", 0, element.box) for element in page.elements]
        asked = "What does this say?"
        assert client.ask(asked, region=regions) == pipeline.ask(asked, region=regions)
        assert client.search("", region=regions) == pipeline.search("", region=regions)
        assert client.search("mirror", scope=Scope(pages=(3, 4))) == []

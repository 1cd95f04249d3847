"""Others remove documents while questions are answered: the answer is then that of what is left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from octavo.ingest import Page, ReadDocument, read_document
from octavo.ingest.errors import DocumentNotFoundError
from octavo.rag import Pipeline, Settings
from octavo.rag.answering.remembered_pages import RememberedPages
from octavo.rag.removals import ATTEMPTS, repeat_search
from tests.rag.model_server import MemoryPages, Reply, serving
from tests.removals import each_step, put

TABLE = "| Year | Cost |\n|---|---|\n| 2017 | 12 |\n| 2018 | 15 |\n| 2019 | 18 |\n"
QUESTION = "What did the lighthouse keeper earn in 2018?"


@pytest.fixture(scope="module")
def lighthouse() -> ReadDocument:
    text = f"# Lighthouse report\n\nThe lighthouse keeper earned 1,200 crowns in 2018.\n\n{TABLE}"
    return read_document(text.encode(), name="lighthouse.md")


@pytest.fixture(scope="module")
def harbour() -> ReadDocument:
    text = "# Harbour report\n\nThe harbour keeper, beside the lighthouse, earned 900 crowns in 2018."
    return read_document(text.encode(), name="harbour.md")


@pytest.fixture
def pipeline(tmp_path: Path, lighthouse: ReadDocument, harbour: ReadDocument) -> Iterator[Pipeline]:
    with Pipeline(Settings(library=tmp_path / "library", llm_url="")) as opened:
        for read in (lighthouse, harbour):
            put(opened, read)
        yield opened


def test_a_search_finds_what_is_left(pipeline: Pipeline, lighthouse: ReadDocument) -> None:
    with Pipeline(pipeline.settings) as writer:
        for _ in each_step(writer, lighthouse):
            assert {hit.name for hit in pipeline.search(QUESTION, level="element")} >= {"harbour.md"}


def test_an_answer_is_that_of_what_is_left(pipeline: Pipeline, lighthouse: ReadDocument) -> None:
    first = []
    with Pipeline(pipeline.settings) as writer:
        for _ in each_step(writer, lighthouse):
            answer = pipeline.ask(QUESTION)
            first.append(answer.citations[0].name)
    assert first[0] == "harbour.md"  # removed before anything was looked at
    assert first[-1] == "lighthouse.md"  # removed afterwards, or never
    assert set(first) == {"harbour.md", "lighthouse.md"}


def test_a_model_writes_to_the_end_of_what_it_was_shown(pipeline: Pipeline, harbour: ReadDocument) -> None:
    with serving(Reply(["The harbour keeper earned 900 crowns [1]."])) as model, Pipeline(pipeline.settings) as writer:
        settings = Settings(library=pipeline.settings.library, llm_url=model.url, llm_images=2)
        settings = settings.model_copy(update={"answering": settings.answering.model_copy(update={"steps": 0})})
        for _ in each_step(writer, harbour):
            answer = pipeline.ask("What did the harbour keeper earn?", settings=settings, threshold=0.0)
            assert answer.text.startswith("The harbour keeper earned 900 crowns")
            assert answer.model


def test_a_search_fails_that_changes_cannot_explain(pipeline: Pipeline, lighthouse: ReadDocument) -> None:
    calls: list[int] = []

    def fail() -> None:
        calls.append(len(calls))
        raise DocumentNotFoundError("The library holds no document x.")

    with pytest.raises(DocumentNotFoundError):
        repeat_search(pipeline.library, fail)
    assert len(calls) == 1

    def fail_and_change() -> None:
        put(pipeline, lighthouse)
        pipeline.remove(lighthouse.document.id)
        fail()

    with pytest.raises(DocumentNotFoundError):
        repeat_search(pipeline.library, fail_and_change)
    assert len(calls) == 1 + ATTEMPTS


def test_pages_are_remembered_as_they_are_and_no_others() -> None:
    class Leaving(MemoryPages):
        def page(self, document: str, number: int) -> Page:
            if self.is_gone:
                raise DocumentNotFoundError(f"The library holds no document {document}.")
            return super().page(document, number)

        is_gone = False

    store = Leaving([], [])
    pages = RememberedPages(store)
    page, image = pages.page("d", 0), pages.image("hash")
    store.is_gone = True
    assert (pages.page("d", 0), pages.image("hash")) == (page, image)
    with pytest.raises(DocumentNotFoundError):
        pages.page("d", 1)

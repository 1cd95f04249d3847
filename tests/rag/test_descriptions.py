"""Figures that a model describes at ingestion: what it is shown, where its words go, and that none is asked twice."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from octavo.ingest import Box, Chunk, Document, Element, Kind, Page, Region
from octavo.ingest.store.library import Library
from octavo.rag import Level, Pipeline, Settings
from octavo.rag.answering import AnswerError
from octavo.rag.descriptions import Describer
from octavo.rag.index import Index
from tests.rag.embedding_server import pooling
from tests.rag.made import HashEmbedding, screenshot


def figures(library: Library, count: int) -> Document:
    """A document with a figure on each page, each of another colour, and an ornament."""
    pages, chunks = [], []
    for n in range(count):
        elements = (
            Element(0, Kind.TEXT, Box(50, 50, 550, 90), f"Text {n}"),
            Element(1, Kind.CHART, Box(50, 100, 550, 500), "2019 2020"),
            Element(2, Kind.FIGURE, Box(0, 0, 20, 20)),
        )
        image = library.save_image(screenshot((n * 20, 90, 90), 120, 160))
        pages.append(Page(n, 600, 800, image, 120, 160, text=f"Text {n}\n2019 2020", elements=elements))
        chunks.append(Chunk(n, "", f"Text {n}", (Region(n, elements[0].box, 0), Region(n, elements[1].box, 1))))
    return Document("a" * 32, "a.pdf", "/made/a.pdf", "A", "application/pdf", tuple(pages), tuple(chunks))


def tell(path: str, body: dict[str, Any]) -> tuple[int, Any]:
    assert path == "/v1/chat/completions"
    assert body["messages"][0]["content"][0]["type"] == "image_url"
    return 200, {"choices": [{"message": {"content": "<think>hm</think>\nA bar chart of windmills."}}]}


def describer(library: Library, settings: Settings) -> Describer:
    return Describer(library.image, library.model_output, settings)


@pytest.fixture
def library(tmp_path: Path) -> Any:
    with Library(tmp_path / "library") as opened:
        yield opened


def test_descriptions_stand_beside_what_the_figure_says(library: Library) -> None:
    with pooling(respond=tell) as server:
        describe = describer(library, Settings(llm_url=server.url, describe=10))
        document = describe(figures(library, 3))
        assert len(server.requests) == 3, "the ornament is not described"
    said = "\n".join(chunk.text for chunk in document.chunks)
    assert said.count("Chart: 2019 2020 A bar chart of windmills.") == 3
    for page in document.pages:
        assert page.elements[1].text == "2019 2020\nA bar chart of windmills."
        assert page.elements[2].text == ""
        assert page.text.endswith("2019 2020\nA bar chart of windmills.")
    index = Index(library, HashEmbedding())
    index.add(document, document.path)
    for level in (Level.PAGE, Level.ELEMENT, Level.CHUNK):
        assert index.words(["windmil"], level, 9)
    index.close()


def test_a_figure_without_words_is_in_a_chunk_once_it_is_described(library: Library) -> None:
    document = figures(library, 1)
    (page,) = document.pages
    wordless = replace(page, text="Text 0", elements=(page.elements[0], replace(page.elements[1], text="")))
    with pooling(respond=tell) as server:
        done = describer(library, Settings(llm_url=server.url, describe=9))(replace(document, pages=(wordless,)))
    (found,) = [chunk for chunk in done.chunks if "A bar chart of windmills." in chunk.text]
    assert 1 in {region.element for region in found.regions}


def test_stored_descriptions_are_not_requested_again(library: Library) -> None:
    document, answered = figures(library, 5), itertools.count()

    def stop(path: str, body: dict[str, Any]) -> tuple[int, Any]:
        return tell(path, body) if next(answered) < 3 else (400, {"error": {"message": "out of luck"}})

    with pooling(respond=stop) as server:
        describe = describer(library, Settings(llm_url=server.url, describe=10))
        with pytest.raises(AnswerError, match="out of luck"):
            describe(document)
        server.requests.clear()
        server.respond = tell
        done = describe(document)
        assert len(server.requests) == 2
        server.requests.clear()
        assert describe(document) == done
        assert not server.requests


def test_no_more_are_described_than_is_set(library: Library) -> None:
    with pooling(respond=tell) as server:
        describer(library, Settings(llm_url=server.url, describe=2))(figures(library, 5))
        assert len(server.requests) == 2


def test_the_model_is_told_what_is_read_and_a_number_that_nothing_bears_out_is_struck(library: Library) -> None:
    asked: list[str] = []

    def claim(path: str, body: dict[str, Any]) -> tuple[int, Any]:
        asked.append(next(part["text"] for part in body["messages"][0]["content"] if part["type"] == "text"))
        is_check = "Which of these numbers" in asked[-1]
        text = 'Of these: ["3"].' if is_check else "Three bars (3) from 2019 to 2020, the highest 1,577."
        return 200, {"choices": [{"message": {"content": text}}]}

    with pooling(respond=claim) as server:
        document = describer(library, Settings(llm_url=server.url, describe=1))(figures(library, 1))
    assert "Labels: 2019 2020 (middle)\nColors: turquoise" in asked[0]
    assert "written in this figure, or can be counted in it: 3, 1,577?" in asked[1]
    assert len(asked) == 2
    said = document.pages[0].elements[1].text
    assert said == "2019 2020\nThree bars (3) from 2019 to 2020, the highest …."


def test_without_a_model_a_figure_is_described_by_its_colors(library: Library) -> None:
    document = describer(library, Settings(describe=1))(figures(library, 1))
    assert document.pages[0].elements[1].text == "2019 2020\nA chart in turquoise."


def test_it_needs_an_answer(library: Library) -> None:
    blank = figures(library, 1)
    nothing = replace(blank, pages=(replace(blank.pages[0], elements=blank.pages[0].elements[:1]),))
    assert describer(library, Settings(describe=1))(nothing) == nothing
    with (
        pooling(respond=lambda path, body: (200, {"choices": []})) as server,
        pytest.raises(AnswerError, match="no choices"),
    ):
        describer(library, Settings(llm_url=server.url, describe=1))(blank)


@pytest.mark.parametrize("style", ["search", "short", "detailed", "values"])
def test_each_style_has_its_prompt_and_its_own_descriptions(library: Library, style: str) -> None:
    with pooling(respond=tell) as server:
        settings = {"llm_url": server.url, "describe": 9}
        describer(library, Settings(**settings))(figures(library, 1))
        describer(library, Settings(**settings, describe_style=style))(figures(library, 1))
        prompts = [body["messages"][0]["content"][-1]["text"] for _, body in server.requests]
    assert len(set(prompts)) == len(prompts) == (1 if style == "search" else 2)


def test_documents_that_are_there_are_described_once(tmp_path: Path) -> None:
    with pooling(respond=tell) as server:
        settings = Settings(library=tmp_path / "library", llm_url=server.url, describe=9)
        with Pipeline(settings, embedding=HashEmbedding()) as pipeline:
            with pipeline.index.writing():
                document = figures(pipeline.library, 2)
                pipeline.index.add(document, document.path)
            assert pipeline.describe() == 1
            assert pipeline.describe() == 0
            assert pipeline.index.words(["windmil"], Level.PAGE, 9)
            assert pipeline.library.document(document.id).pages[0].text.count("windmills") == 1
        assert len(server.requests) == 2

"""Paragraphs that speak of a figure, given to a model beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from octavo.ingest import Box, Document, Element, Kind, Page, Region
from octavo.ingest.store.library import Library
from octavo.rag import Level, Pipeline, Settings
from octavo.rag.entry import CONCEPT, EntryId
from octavo.rag.evidence import Evidence
from octavo.rag.neighbors import referring_paragraphs
from tests.rag.model_server import serving

DOCUMENT = "a" * 32
FIGURE = Element(0, Kind.FIGURE, Box(50, 50, 550, 300), "Harrow pump")
CAPTION = Element(1, Kind.CAPTION, Box(50, 310, 550, 330), "Figure 3: The Harrow pump", about=0)


def text(index: int, words: str) -> Element:
    return Element(index, Kind.TEXT, Box(50, 400 + 30 * index, 550, 420 + 30 * index), words)


PAGES = [
    (text(0, "As Figure 3 shows, the pump has two valves."), text(1, "Figure 4 shows the filter.")),
    (FIGURE, CAPTION, text(2, "The valves in fig. 3 are made of brass.")),
    (text(0, "Table 3 lists prices."), text(1, "Compare Figure 3 and Figure 4.")),
]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path / "library") as opened:
        pages = tuple(Page(n, 600, 800, "", 60, 80, elements=elements) for n, elements in enumerate(PAGES))
        document = Document(DOCUMENT, "a.pdf", "/made/a.pdf", "A", "application/pdf", pages, ())
        opened.write(document)
        yield opened


def evidence(*regions: Region) -> Evidence:
    id = EntryId.of_chunk(DOCUMENT, 0)
    return Evidence(id, Level.CHUNK, DOCUMENT, "a.pdf", "A", regions[0].page, "", "Harrow pump", regions, 0.9)


def test_paragraphs_that_name_a_figure_come_nearest_first_without_those_that_are_there(library: Library) -> None:
    figure = Region(1, FIGURE.box, 0)
    near = referring_paragraphs(library, [evidence(figure)], 2)
    assert [e.text for e in near] == ["The valves in fig. 3 are made of brass.", PAGES[0][0].text]
    assert [(e.id, e.page, e.regions) for e in near[:1]] == [
        (f"{DOCUMENT}/p1/e2", 1, (Region(1, PAGES[1][2].box, 2),)),
    ]
    beside = evidence(figure, Region(1, PAGES[1][2].box, 2))
    assert [e.page for e in referring_paragraphs(library, [beside], 5)] == [0, 2]
    assert not referring_paragraphs(library, [evidence(Region(0, PAGES[0][1].box, 1))], 5)


def test_they_stand_on_the_pages_asked_about_and_evidence_without_a_document_has_none(library: Library) -> None:
    figure = evidence(Region(1, FIGURE.box, 0))
    assert [e.page for e in referring_paragraphs(library, [figure], 5, (1, 2))] == [1, 2]
    concept = replace(figure, document=f"{CONCEPT}1")
    assert referring_paragraphs(library, [concept], 5) == []


def test_a_model_is_given_them_where_they_are_asked_for(library: Library) -> None:
    figure = evidence(Region(1, FIGURE.box, 0))
    with serving() as server:
        for count in (0, 1):
            settings = Settings(library=library.folder, llm_url=server.url, llm_neighbors=count)
            with Pipeline(settings) as pipeline:
                answer = pipeline.ask("What are the valves of the Harrow pump made of?", evidence=[figure])
            assert len(answer.evidence) == 1 + count
            assert ("made of brass" in json.dumps(server.requests[-1])) is bool(count)

"""A question's picture finds figures of the library that show the same, and the routes by which it is searched."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest

from octavo.rag import Level, Pipeline, Settings
from octavo.rag.images import encode_image
from octavo.rag.query.question import parse_query_with_picture
from octavo.rag.retrieval.picture_expansion import expand, figures_shown
from octavo.rag.retrieval.retriever import Retriever
from tests.rag.concepts.test_concepts import drawing

CAPTIONS = ("Figure 1: Water levels of the upper reservoir", "Figure 2: Wind at the northern ridge")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("figures")
    with pymupdf.open() as document:
        for n, caption in enumerate(CAPTIONS):
            page = document.new_page(width=595, height=842)
            page.insert_text((60, 90), f"Chapter {n + 1}", fontsize=20)
            page.insert_image((120, 150, 480, 510), stream=encode_image(drawing(n + 1), lossless=True))
            page.insert_text((120, 535), caption, fontsize=11)
        document.save(folder / "report.pdf")
    with Pipeline(folder / "library") as pipeline:
        pipeline.ingest(folder / "report.pdf")
    return folder / "library"


def test_a_picture_without_words_finds_its_figure(library: Path) -> None:
    picture = encode_image(drawing(2).crop((30, 40, 330, 340)), lossless=True)
    with Pipeline(Settings(library=library)) as pipeline:
        [figure] = figures_shown(pipeline.index, picture, "", 2)
        assert figure.page == 1
        assert "Wind at the northern ridge" in expand("What does this show?", [figure])
        assert figures_shown(pipeline.index, encode_image(drawing(7), lossless=True), "", 2) == []
    with Pipeline(Settings(library=library, picture_expand=1)) as pipeline:
        [best] = pipeline.search("What does this show?", picture=picture, level="page", k=1)
        assert best.page == 1


@pytest.mark.parametrize("route", ["image", "caption", "both"])
def test_routes_of_a_picture(library: Path, route: str) -> None:
    with Pipeline(Settings(library=library)) as pipeline:
        query = parse_query_with_picture("Wind at the ridge", encode_image(drawing(2), lossless=True))
        retriever = Retriever(pipeline.index, Level.PAGE, route=route)  # type: ignore[arg-type]
        assert next(iter(retriever.pages(query))).endswith("/p1")

"""A question's picture finds figures of the library that show the same, and the routes by which it is searched."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest

from octavo.ingest import OctavoError
from octavo.rag import Level, Pipeline, Settings
from octavo.rag.embedding import Vectors
from octavo.rag.images import ImageInput, encode_image
from octavo.rag.query.question import parse_query_with_picture
from octavo.rag.retrieval.picture_expansion import expand, figures_shown
from octavo.rag.retrieval.retriever import Retriever
from tests.rag.concepts.test_concepts import drawing
from tests.rag.made import HashEmbedding

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


class Towers(HashEmbedding):
    """Pictures are far from each other and near to no text; asked backwards, a picture is the words of its chapter."""

    @property
    def supports_images(self) -> bool:
        return True

    def embed_image(self, image: ImageInput) -> Vectors:
        return self.embed_texts(["something else"])[0]

    def invert_image(self, image: ImageInput) -> Vectors:
        return self.embed_texts(["Wind at the northern ridge"])[0]


def test_a_picture_is_searched_by_the_text_that_is_the_same_to_the_embedding(tmp_path: Path) -> None:
    picture = encode_image(drawing(5), lossless=True)
    (tmp_path / "notes").mkdir()
    for n, text in enumerate(("Water levels of the upper reservoir.", "Wind at the northern ridge.")):
        (tmp_path / "notes" / f"{n}.txt").write_text(text)
    with Pipeline(Settings(library=tmp_path / "library", picture_route="inverted"), embedding=Towers()) as pipeline:
        pipeline.ingest(tmp_path / "notes")
        first, *_ = pipeline.retriever("page").retrieve(parse_query_with_picture("", picture))
        assert first.name == "1.txt"


def test_an_embedding_that_inverts_no_picture_says_what_does(library: Path) -> None:
    with Pipeline(Settings(library=library, picture_route="inverted")) as pipeline:
        query = parse_query_with_picture("Wind at the ridge", encode_image(drawing(2), lossless=True))
        with pytest.raises(OctavoError, match="needs a CLIP, SigLIP or ALIGN in this process"):
            pipeline.retriever("page").retrieve(query)

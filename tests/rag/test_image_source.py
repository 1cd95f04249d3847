"""What a model that sees is shown of an entry."""

from __future__ import annotations

from dataclasses import replace

import pytest

from octavo.ingest import Kind
from octavo.rag.entry import Entry, Level
from octavo.rag.evidence import Evidence
from octavo.rag.image_source import ImageSource
from octavo.rag.images import decode_image
from tests.rag.model_server import MemoryPages

PAGES = MemoryPages(
    [(Kind.TEXT, ["Revenue grew."]), (Kind.FIGURE, []), (Kind.TABLE, ["a | b", "1 | 2"])], [(Kind.CHART, ["7", "8"])]
)


def entry(e: Evidence) -> Entry:
    return Entry(e.id, e.level, e.document, e.page, 0, e.kind, e.heading, e.text, e.regions)


@pytest.fixture
def images() -> ImageSource:
    return ImageSource(PAGES)


def test_a_page_is_its_screenshot(images: ImageSource) -> None:
    assert images(entry(PAGES.on_page(0))) == PAGES.image("hash")


def test_a_figure_and_a_table_are_their_crops_and_text_is_none(images: ImageSource) -> None:
    text, figure, table = (images(entry(PAGES.of_element(0, n))) for n in range(3))
    assert text is None
    assert figure is not None
    assert table is not None
    assert decode_image(figure).size == (1000, 800)  # 500 × 400 points at two pixels each
    assert decode_image(table).width == 1000
    assert decode_image(table).height < 100


def test_a_chunk_shows_its_first_pictures(images: ImageSource) -> None:
    chunk = entry(PAGES.chunk((0, 0), (0, 1), (0, 2), (1, 0)))
    assert images(chunk) is None
    assert [len(images.all(chunk, count)) for count in (0, 1, 2, 5)] == [0, 1, 2, 3]
    assert images.all(chunk, 1) == [images(entry(PAGES.of_element(0, 1)))]
    assert images.all(entry(PAGES.chunk((0, 0)))) == []


def test_a_page_without_a_screenshot_shows_nothing() -> None:
    lost = MemoryPages([(Kind.FIGURE, [])])
    lost.pages = [replace(lost.pages[0], image="")]
    images = ImageSource(lost)
    assert images(entry(lost.on_page(0))) is None
    assert images.all(entry(lost.on_page(0))) == images.all(entry(lost.of_element(0, 0))) == []


def test_a_key_changes_with_the_text_the_box_and_the_screenshot(images: ImageSource) -> None:
    figure = entry(PAGES.of_element(0, 1))
    moved = replace(figure, regions=(replace(figure.regions[0], box=PAGES.pages[0].box),))
    other = MemoryPages([(Kind.TEXT, []), (Kind.FIGURE, [])])
    other.pages = [replace(page, image="another") for page in other.pages]
    keys = [
        images.key(figure),
        images.key(replace(figure, text="told")),
        images.key(moved),
        ImageSource(other).key(figure),
    ]
    assert len(set(keys)) == 4
    assert images.key(figure) == ImageSource(PAGES).key(entry(PAGES.of_element(0, 1)))
    assert figure.level is Level.ELEMENT

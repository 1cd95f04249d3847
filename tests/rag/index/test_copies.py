"""Copies: groups of pages and figures, what is none, and evidence that is not spent twice."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pymupdf
import pytest
from PIL import Image, ImageDraw

from octavo import Level, Pipeline, Settings
from octavo.ingest.model import TextSource
from octavo.rag.entry import EntryId
from octavo.rag.index.copies import Looks, are_copies, group_copies, hash_picture, likeness
from octavo.rag.index.related import find_related

DAM = (
    "The dam at Northlight was finished in 2031 and holds 412 million cubic meters of water. "
    "Two turbines make electricity for the valley, and a fish ladder leads past the wall."
)
OTHER = (
    "Boil the lentils for twenty minutes with bay leaves, then stir in vinegar and the chopped herbs. "
    "Serve them warm with bread, and keep what is left in the cellar for two days."
)


def _pdf(path: Path, *pages: str, font: str = "helv", width: float = 595) -> Path:
    with pymupdf.open() as document:
        for text in pages:
            page = document.new_page(width=width, height=842)
            page.insert_textbox((60, 120, width - 60, 700), text, fontsize=11, fontname=font)
        document.save(path)
    return path


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copies")
    _pdf(folder / "report.pdf", DAM, OTHER)
    _pdf(folder / "draft.pdf", DAM, font="tiro", width=420)
    _pdf(folder / "next.pdf", DAM.replace("412", "413"))
    with Pipeline(folder / "library") as pipeline:
        pipeline.ingest(folder / "report.pdf", folder / "draft.pdf", folder / "next.pdf")
    return folder / "library"


@pytest.fixture
def pipeline(library: Path) -> Iterator[Pipeline]:
    with Pipeline(library) as opened:
        yield opened


def _page(pipeline: Pipeline, name: str, page: int = 0) -> EntryId:
    return EntryId.of_page(pipeline.document(name).id, page)


def test_a_reset_page_is_a_copy_and_one_with_another_number_is_not(pipeline: Pipeline) -> None:
    groups = [{entry.id for entry in group} for group in group_copies(pipeline.index)]
    assert groups == [{_page(pipeline, "report.pdf"), _page(pipeline, "draft.pdf")}]


def test_evidence_is_not_spent_on_a_copy_but_names_it(pipeline: Pipeline, library: Path) -> None:
    question = "How much water does the dam at Northlight hold?"
    hits = pipeline.search(question, k=2)
    assert {hit.name for hit in hits} in ({"report.pdf", "next.pdf"}, {"draft.pdf", "next.pdf"})
    (copied,) = [hit for hit in hits if hit.copies]
    assert {copied.name, copied.copies[0].name} == {"report.pdf", "draft.pdf"}
    with Pipeline(Settings(library=library, copies="keep")) as keeping:
        assert {hit.name for hit in keeping.search(question, k=3)} == {"report.pdf", "draft.pdf", "next.pdf"}


def test_related_pages_come_nearest_first(pipeline: Pipeline) -> None:
    (first, similarity), *others = find_related(pipeline.index, _page(pipeline, "report.pdf"), 3)
    assert first in (_page(pipeline, "draft.pdf"), _page(pipeline, "next.pdf"))
    assert similarity > 0.95
    assert others[-1][0] == _page(pipeline, "report.pdf", 1)
    assert [i.level for i, _ in find_related(pipeline.index, EntryId(pipeline.document("report.pdf").id), 2)] == [
        Level.DOCUMENT
    ] * 2


def _chart(*heights: int) -> Image.Image:
    image = Image.new("RGB", (640, 400), "white")
    draw = ImageDraw.Draw(image)
    for n, height in enumerate(heights):
        draw.rectangle((40 + 90 * n, 380 - height, 100 + 90 * n, 380), fill=(40, 40 + 30 * n, 160))
    return image


def _file(image: Image.Image, form: str = "PNG", **options: int) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def _figure(picture: bytes) -> Looks:
    terms = frozenset({"revenu", "profit", "2018", "million"})
    return Looks(EntryId("d/p0/e1"), terms, True, lambda: hash_picture(picture), lambda: TextSource.LAYER)


def test_a_figure_that_is_scaled_and_compressed_is_a_copy_and_one_with_other_bars_is_none() -> None:
    chart = _chart(300, 120, 220, 60, 340)
    original = _figure(_file(chart))
    assert are_copies(original, _figure(_file(chart.resize((400, 250)), "JPEG", quality=40)))
    assert not are_copies(original, _figure(_file(_chart(60, 340, 90, 300, 140))))


def test_of_a_picture_that_shows_nothing_no_copy_is_told() -> None:
    white = _file(Image.new("RGB", (90, 90), "white"))
    blank = Looks(EntryId("d/p0"), frozenset(), False, lambda: hash_picture(white), lambda: TextSource.LAYER)
    assert blank.picture is None
    assert not are_copies(blank, blank)
    assert likeness(np.ones(4, bool), np.array([True, True, False, False])) == 0


@pytest.mark.parametrize(("source", "is_copy"), [(TextSource.LAYER, False), (TextSource.OCR, True)])
def test_numbers_may_differ_only_where_they_were_read(source: TextSource, is_copy: bool) -> None:
    picture = _file(_chart(300, 120, 220, 60, 340))
    words = frozenset(["the", "dam", "holds", "cubic", "meters", "of", "water", "and", "two", "turbines"])
    one, other = (
        Looks(EntryId("d/p0"), words | {number}, False, lambda: hash_picture(picture), lambda: source)
        for number in ("412", "472")
    )
    assert are_copies(one, other) is is_copy


def test_a_number_that_takes_the_place_of_another_on_the_page_is_seen(tmp_path: Path) -> None:
    steps = "Step 1: open valve 2 and wait for 2 minutes until the lamp beside the pump is green and steady."
    _pdf(tmp_path / "old.pdf", steps)
    _pdf(tmp_path / "next.pdf", steps.replace("for 2", "for 1"), font="tiro")
    with Pipeline(tmp_path / "library") as pipeline:
        pipeline.ingest(tmp_path / "old.pdf", tmp_path / "next.pdf")
        assert group_copies(pipeline.index) == []


@pytest.mark.parametrize(("source", "is_copy"), [(TextSource.LAYER, False), (TextSource.OCR, True)])
def test_a_figure_is_a_copy_by_its_picture_where_its_labels_were_read(source: TextSource, is_copy: bool) -> None:
    picture = _file(_chart(300, 120, 220, 60, 340))
    labels = [
        frozenset({"revenu", "profit", "loss", "2018", "300"}),
        frozenset({"revenue", "tax", "asset", "28", "3oo"}),
    ]
    one, other = (
        Looks(EntryId("d/p0/e1"), terms, True, lambda: hash_picture(picture), lambda: source) for terms in labels
    )
    assert are_copies(one, other) is is_copy


def test_page_numbers_and_running_heads_make_no_other_page(tmp_path: Path) -> None:
    for name, first, head in (("old.pdf", 11, "Northlight report 2031"), ("new.pdf", 87, "Collected papers, volume 4")):
        with pymupdf.open() as document:
            for n, text in enumerate((DAM, OTHER, DAM.replace("Northlight", "Ashby").replace("412", "98"))):
                page = document.new_page(width=595, height=842)
                page.insert_text((60, 40), head, fontsize=8)
                page.insert_textbox((60, 120, 535, 700), text, fontsize=11)
                page.insert_text((290, 815), str(first + n), fontsize=8)
            document.save(tmp_path / name)
    with Pipeline(tmp_path / "library") as pipeline:
        pipeline.ingest(tmp_path / "old.pdf", tmp_path / "new.pdf")
        groups = [{(e.document, e.page) for e in group} for group in group_copies(pipeline.index)]
        old, new = (pipeline.document(name).id for name in ("old.pdf", "new.pdf"))
    assert groups == [{(old, n), (new, n)} for n in range(3)]

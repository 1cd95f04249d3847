"""One page read: where its text comes from, what its regions are, and that boxes lie where the words are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pymupdf
import pytest
from PIL import Image

from octavo.apps.samples import copy_sample
from octavo.ingest import Kind, Page, TextSource
from octavo.ingest.options import ReadOptions
from octavo.ingest.workers import tasks
from tests.conftest import make_pdf
from tests.ingest.pages import drawn, picture_of, read_page

TIMETABLE = ("The winter timetable", "Boats leave at 7.10 and 9.40.", "None leaves on 1 January.")
PARAGRAPH = "The observatory was opened by the island's council in the spring of 1987, after nine years of building."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    copy_sample("report.pdf", folder)
    copy_sample("scan.pdf", folder)
    return folder


def kinds(page: Page) -> set[Kind]:
    return {element.kind for element in page.elements}


def test_a_page_with_a_table_and_its_caption(folder: Path) -> None:
    page, image = read_page(folder / "report.pdf", 2)
    assert page.source is TextSource.LAYER
    assert (page.image_width, page.image_height) == image.size
    [table] = [e for e in page.elements if e.kind is Kind.TABLE]
    row = next(line for line in table.lines if line.text.startswith("Capital expenditure"))
    assert row.text.split(" | ")[1:] == ["4.9", "6.2", "11.8", "17.3", "15.8"]
    assert "| Capital expenditure | 4.9 | 6.2 | 11.8 | 17.3 | 15.8 |" in table.markdown
    with pymupdf.open(folder / "report.pdf") as document:
        [where] = document[2].search_for("Capital expenditure", clip=table.box)
    assert (row.box.x0, row.box.y0) == pytest.approx((where.x0, where.y0), abs=3)
    caption = next(e for e in page.elements if e.kind is Kind.CAPTION)
    assert caption.text.startswith("Table 1")
    assert caption.about == table.index
    assert "Annual report 2018" not in page.text
    assert {Kind.PAGE_HEADER, Kind.PAGE_FOOTER} & kinds(page)


def test_a_drawn_chart_has_its_labels_and_its_caption(folder: Path) -> None:
    page, _ = read_page(folder / "report.pdf", 3)
    [chart] = [e for e in page.elements if e.kind in (Kind.CHART, Kind.FIGURE)]
    assert chart.kind is Kind.CHART
    assert {"North", "Dome", "142"} <= set(chart.text.split())
    assert [e.text[:8] for e in page.elements if e.about == chart.index] == ["Figure 1"]


@pytest.mark.slow
def test_a_scan_is_read_from_its_picture(folder: Path) -> None:
    page, _ = read_page(folder / "scan.pdf")
    assert page.source is TextSource.OCR
    assert "torque of 85 Nm" in page.text
    [line] = [line for e in page.elements for line in e.lines if "torque of 85" in line.text]
    assert 0 < line.box.x0 < line.box.x1 < page.width


def test_a_scan_has_no_text_where_pictures_are_not_read(folder: Path) -> None:
    never, _ = read_page(folder / "scan.pdf", ocr="never")
    assert (never.text, never.source) == ("", TextSource.NONE)


def inked(page: Page, image: Image.Image) -> float:
    """The share of a page's ink that lies in the boxes of its lines."""
    ink = np.asarray(image.convert("L")) < 128
    boxes = [page.pixels(line.box, image.size) for e in page.elements for line in e.lines]
    inside = np.zeros_like(ink)
    for left, top, right, bottom in boxes:
        inside[max(0, top - 3) : bottom + 3, max(0, left - 3) : right + 3] = True
    return float((ink & inside).sum() / ink.sum())


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_page_whose_text_runs_sideways_is_turned_upright(tmp_path: Path, turn: int) -> None:
    start = {0: (60, 90), 90: (90, 500), 180: (500, 700), 270: (500, 60)}[turn]

    def draw(page: pymupdf.Page) -> None:
        for n, line in enumerate(TIMETABLE):
            step = 30 * n * np.array({0: (0, 1), 90: (1, 0), 180: (0, -1), 270: (-1, 0)}[turn])
            page.insert_text(tuple(start + step), line, fontsize=14, rotate=turn)

    page, image = read_page(drawn(tmp_path / "turned.pdf", draw))
    assert (page.width > page.height) is (turn in (90, 270))
    assert page.text.split() == " ".join(TIMETABLE).split()
    assert inked(page, image) > 0.98


@pytest.mark.parametrize("turn", [90, 180, pytest.param(270, marks=pytest.mark.slow)])
def test_a_scan_that_lies_on_its_side_or_head_is_turned_upright(tmp_path: Path, turn: int) -> None:
    def write(page: pymupdf.Page) -> None:
        for n, line in enumerate(TIMETABLE):
            page.insert_text((40, 80 + 50 * n), line, fontsize=22)

    with pymupdf.open(drawn(tmp_path / "upright.pdf", write, width=400, height=300)) as document:
        document[0].set_rotation(turn)
        picture = document[0].get_pixmap(dpi=120).tobytes("png")
        size = document[0].rect

    def draw(page: pymupdf.Page) -> None:
        page.insert_image(page.rect, stream=picture)

    page, image = read_page(drawn(tmp_path / "scan.pdf", draw, width=size.width, height=size.height))
    assert page.source is TextSource.OCR
    assert (page.width, page.height) == (400, 300)
    assert page.text.split() == " ".join(TIMETABLE).split()
    assert inked(page, image) > 0.95


def test_a_picture_that_says_more_than_the_text_layer_is_read_beside_it(tmp_path: Path) -> None:
    words = drawn(tmp_path / "words.pdf", lambda page: page.insert_textbox((60, 60, 535, 400), PARAGRAPH, fontsize=16))
    picture = picture_of(words)

    def draw(page: pymupdf.Page) -> None:
        page.insert_image(page.rect, stream=picture)
        page.insert_text((300, 830), "7", fontsize=8)

    page, _ = read_page(drawn(tmp_path / "stamped.pdf", draw))
    assert page.source is TextSource.MIXED
    assert "spring of 1987" in page.text
    assert sum(e.text == "7" for e in page.elements) == 1
    always, _ = read_page(words, ocr="always")
    assert always.source is TextSource.OCR
    assert "spring of 1987" in always.text


def test_a_garbled_text_layer_is_not_trusted(tmp_path: Path) -> None:
    path = drawn(tmp_path / "a.pdf", lambda page: page.insert_textbox((60, 60, 535, 400), PARAGRAPH, fontsize=16))
    picture = picture_of(path)

    def draw(page: pymupdf.Page) -> None:
        page.insert_image(page.rect, stream=picture)
        page.insert_textbox((60, 60, 535, 700), "xkcd qwrtz bcdfg hjklm npqrs tvwxz " * 8, render_mode=3)

    page, _ = read_page(drawn(tmp_path / "garbled.pdf", draw))
    assert page.source is TextSource.OCR
    assert "spring of 1987" in page.text
    assert "qwrtz" not in page.text


def test_the_words_in_a_picture_beside_text_are_read(tmp_path: Path) -> None:
    chart = drawn(
        tmp_path / "chart.pdf",
        lambda page: [page.insert_text((40, 60 * n + 60), f"Apples {n}7 %", fontsize=24) for n in range(4)],
        width=300, height=300,
    )  # fmt: skip
    picture = picture_of(chart)

    def draw(page: pymupdf.Page) -> None:
        page.insert_textbox((60, 60, 535, 200), PARAGRAPH * 3, fontsize=11)
        page.insert_image((100, 300, 450, 650), stream=picture)

    page, _ = read_page(drawn(tmp_path / "mixed.pdf", draw))
    assert page.source is TextSource.MIXED
    [figure] = [e for e in page.elements if e.kind in (Kind.CHART, Kind.FIGURE)]
    assert "Apples" in figure.text
    assert all(line.box.coverage(figure.box) > 0.9 for line in figure.lines)


def test_the_pixel_budget_holds_for_any_page(tmp_path: Path) -> None:
    path = drawn(tmp_path / "long.pdf", lambda page: page.insert_text((9, 40), "Top"), width=234, height=14_295)
    page, image = read_page(path, max_pixels=500_000)
    assert image.width * image.height <= 505_000
    assert page.box[2:] == (234, 14_295)


def test_both_renderers_show_the_same(folder: Path) -> None:
    pytest.importorskip("pdf2image")
    _, one = read_page(folder / "report.pdf", 2)
    _, two = read_page(folder / "report.pdf", 2, renderer="poppler")
    assert one.size == pytest.approx(two.size, abs=2)
    apart = np.asarray(one.resize((60, 84)).convert("L"), int) - np.asarray(two.resize((60, 84)).convert("L"), int)
    assert np.abs(apart).mean() < 4


@pytest.mark.parametrize("top", [60, 820])
def test_a_line_that_is_all_of_a_page_is_its_text(tmp_path: Path, top: float) -> None:
    line = "The telescope's mirror was polished in the spring of 2021."
    page, _ = read_page(drawn(tmp_path / "line.pdf", lambda page: page.insert_text((54, top), line, fontsize=11)))
    assert page.text == line
    assert [e.kind for e in page.elements] == [Kind.TEXT]


def test_a_page_without_anything_is_an_empty_page(tmp_path: Path) -> None:
    page, _ = read_page(drawn(tmp_path / "blank.pdf", lambda page: None))
    assert (page.text, page.elements, page.source, page.problem) == ("", (), TextSource.NONE, "")


def test_a_fault_costs_the_page_and_says_so(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "report.pdf")
    source = tasks.open_source(path, ReadOptions(), tmp_path, "")
    page, webp = tasks.read(source, 7, ReadOptions())
    assert webp == b""
    assert page.problem.startswith("page 8 cannot be read: ")

"""Turned and cropped pages look as before, and their boxes lie on what is seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pymupdf
import pytest
from PIL import Image

from octavo.ingest.render import pixels
from octavo.ingest.turn import upright
from tests.ingest.pages import read_page

WORDS = [f"Berth {n} was dredged twice." for n in range(9)]
MEDIA = [(0, 0, 612, 792), (50, -30, 662, 762), (-20, 10, 500, 400)]
CROPS = [None, (100, 40, 460, 370), (-50, -50, 1000, 1000)]


def page_file(path: Path, media: object, crop: object, turn: int, unit: int = 1, marked: bool = False) -> Path:
    with pymupdf.open() as document:
        page = document.new_page(width=612, height=792)
        for n, words in enumerate(WORDS):
            page.insert_text((60 + 20 * n, 80 + 70 * n), words, fontsize=16)
        if marked:
            page.add_highlight_annot((60, 60, 200, 140))
            page.add_freetext_annot((150, 200, 350, 240), "Checked by the clerk", fontsize=14)
            for kind, value, top in (
                (pymupdf.PDF_WIDGET_TYPE_TEXT, "Tern", 300),
                (pymupdf.PDF_WIDGET_TYPE_CHECKBOX, True, 500),
            ):
                field = pymupdf.Widget()
                field.field_name, field.field_type, field.field_value = str(top), kind, value
                field.rect = pymupdf.Rect(100, top, 300, top + 30)
                page.add_widget(field)
        for key, value in {"MediaBox": media, "CropBox": crop, "Rotate": turn, "UserUnit": unit}.items():
            if value is not None:
                array = f"[{' '.join(map(str, value))}]" if isinstance(value, tuple) else str(value)
                document.xref_set_key(page.xref, key, array)
        document.save(path)
    return path


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", CROPS)
@pytest.mark.parametrize("media", MEDIA)
@pytest.mark.parametrize(("unit", "marked"), [(1, False), (2, False), (1, True)])
def test_an_upright_page_looks_as_it_did(
    tmp_path: Path, media: object, crop: object, turn: int, unit: int, marked: bool
) -> None:
    with pymupdf.open(page_file(tmp_path / "a.pdf", media, crop, turn, unit, marked)) as document:
        before = np.asarray(pixels(document[0], 72), int)
        page = upright(document[0])
        after = np.asarray(pixels(page, 72), int)
        assert page.rotation == 0
        assert after.shape == before.shape
        assert np.abs(after - before).mean() < 0.3  # the edge of a highlighter is drawn along the page


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_boxes_lie_on_the_words_of_a_turned_and_cropped_page(tmp_path: Path, turn: int) -> None:
    with pymupdf.open() as document:
        sheet = document.new_page(width=612, height=792)
        sheet.set_rotation(turn)
        for n, words in enumerate(WORDS):
            start = pymupdf.Point(sheet.rect.width / 2 - 90, sheet.rect.height / 2 + 25 * (n - 4))
            sheet.insert_text(start * sheet.derotation_matrix, words, fontsize=14, rotate=turn)
        document.xref_set_key(sheet.xref, "CropBox", "[120 240 492 552]")
        document.save(tmp_path / "a.pdf")
    page, image = read_page(tmp_path / "a.pdf")
    assert (page.width, page.height) == ((312, 372) if turn in (90, 270) else (372, 312))
    lines = [line for e in page.elements for line in e.lines]
    assert [line.text for line in lines] == WORDS
    ink = np.asarray(image.convert("L")) < 128
    for line in lines:
        left, top, right, bottom = page.pixels(line.box, image.size)
        assert ink[top:bottom, left:right].any()
        ink[top - 1 : bottom + 1, left - 1 : right + 1] = False
    assert not ink.any()


def test_a_page_can_be_turned_further(tmp_path: Path) -> None:
    with pymupdf.open(page_file(tmp_path / "a.pdf", MEDIA[0], None, 90)) as document:
        before = pixels(document[0], 72).transpose(Image.Transpose.ROTATE_180)
        after = pixels(upright(document[0], 180), 72)
        assert np.abs(np.asarray(before, int) - np.asarray(after, int)).mean() < 0.5


@pytest.mark.parametrize("turn", [90, 270])
def test_a_page_that_its_file_lays_on_its_side_is_shown_so_and_read_in_order(tmp_path: Path, turn: int) -> None:
    with pymupdf.open() as document:
        sheet = document.new_page(width=400, height=500)
        for n, words in enumerate(WORDS):
            sheet.insert_text((100, 100 + 30 * n), words, fontsize=14)
        sheet.set_rotation(turn)
        document.save(tmp_path / "a.pdf")
    page, image = read_page(tmp_path / "a.pdf")
    assert (page.width, page.height) == (500, 400)
    assert image.size == (1000, 800)
    lines = [line for e in page.elements for line in e.lines]
    assert [line.text for line in lines] == WORDS
    ink = np.asarray(image.convert("L")) < 128
    for line in lines:
        assert line.box.height > 3 * line.box.width
        left, top, right, bottom = page.pixels(line.box, image.size)
        assert ink[top:bottom, left:right].any()


@pytest.mark.parametrize("angle", [40, 44, 45, 46, 50, 136])
def test_a_page_with_slanted_labels_beside_a_table_is_read(tmp_path: Path, angle: int) -> None:
    with pymupdf.open() as document:
        sheet = document.new_page(width=612, height=792)
        for row, cells in enumerate((("Year", "Capsizes"), ("2022", "14"), ("2023", "9"))):
            for column, text in enumerate(cells):
                sheet.draw_rect((60 + 120 * column, 60 + 24 * row, 180 + 120 * column, 84 + 24 * row))
                sheet.insert_text((66 + 120 * column, 77 + 24 * row), text)
        for n, word in enumerate(("Groundings", "Collisions", "Injuries")):
            start = pymupdf.Point(100 + 120 * n, 400)
            sheet.insert_text(start, word, morph=(start, pymupdf.Matrix(angle)))
        document.save(tmp_path / "a.pdf")
    page, _ = read_page(tmp_path / "a.pdf")
    assert "2022 | 14" in page.text
    assert all(word in page.text for word in ("Groundings", "Collisions", "Injuries"))

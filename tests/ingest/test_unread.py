"""Words that a page shows and its text layer lacks."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pymupdf
import pytest
from PIL import Image, ImageFont

from octavo.ingest import Kind, unread
from octavo.ingest.model import Box, Line, TextSource
from tests.ingest.pages import read_page

BODY = "The council heard three applications and granted two of them. The third was put off until the spring."


def outlines(page: pymupdf.Page, left: float, baseline: float, text: str, size: float) -> None:
    """Draws a text as filled outlines: the pixels of large letters, row by row, as polygons."""
    import cv2

    font = ImageFont.load_default(size=96)
    mask = font.getmask(text, mode="L")
    pixels = np.asarray(mask, dtype=np.uint8).reshape(mask.size[::-1])
    pixels = np.pad(pixels, 2)
    contours, _ = cv2.findContours((pixels > 127).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_TC89_L1)
    scale = size / 96
    shape = page.new_shape()
    for contour in contours:
        points = [(left + x * scale, baseline + (y - pixels.shape[0]) * scale) for x, y in contour[:, 0].tolist()]
        if len(points) > 2:
            shape.draw_polyline([*points, points[0]])
    shape.finish(fill=(0, 0, 0), color=None, even_odd=True)
    shape.commit()


def body(page: pymupdf.Page) -> None:
    for n in range(4):
        page.insert_textbox((60, 160 + 70 * n, 535, 225 + 70 * n), BODY, fontsize=11)


@pytest.mark.parametrize("size", [10, 28])
def test_a_heading_of_outlines_beside_text_is_read_as_a_heading(tmp_path: Path, size: float) -> None:
    with pymupdf.open() as document:
        page = document.new_page(width=595, height=842)
        outlines(page, 60, 130, "Minutes of the harbour council", size)
        body(page)
        document.save(tmp_path / "a.pdf")
    page, _ = read_page(tmp_path / "a.pdf")
    assert page.text.startswith("Minutes of the harbour council\nThe council heard")
    assert page.source is TextSource.MIXED
    assert all(e.kind is not Kind.FIGURE for e in page.elements)
    box = page.elements[0].box
    assert 55 <= box.x0 <= 65
    assert 130 - 1.5 * size <= box.y0 <= box.y1 <= 134 + size


def test_shapes_that_are_no_letters_are_not_read(tmp_path: Path) -> None:
    with pymupdf.open() as document:
        page = document.new_page(width=595, height=842)
        body(page)
        for n in range(12):
            page.draw_circle((80 + 20 * n, 600), 5, fill=(0, 0, 1))
            page.draw_rect((80 + 20 * n, 650 - 5 * n, 92 + 20 * n, 700), fill=(1, 0, 0))
        assert unread.outlined_text(page, []) == []


def test_a_scan_with_a_long_stamp_is_read_beside_the_stamp(tmp_path: Path) -> None:
    stamp = " ".join(["Filed with the clerk of the harbour court on 14 May 2021, page 1 of 9, case 417;"] * 3)
    with pymupdf.open() as document:
        sheet = document.new_page(width=595, height=842)
        sheet.insert_text((60, 140), "Minutes of the council", fontsize=20)
        body(sheet)
        data = sheet.get_pixmap(dpi=150).tobytes("png")
    with pymupdf.open() as document:
        page = document.new_page(width=595, height=842)
        page.insert_image(page.rect, stream=data)
        page.insert_textbox((60, 20, 535, 90), stamp, fontsize=9)
        document.save(tmp_path / "a.pdf")
    page, _ = read_page(tmp_path / "a.pdf")
    assert "Filed with the clerk" in page.text
    assert "Minutes of the council" in page.text
    assert page.text.count("granted two of them") == 4


def test_a_scan_whose_text_layer_is_whole_is_not_read_again() -> None:
    with pymupdf.open() as document:
        page = document.new_page(width=595, height=842)
        body(page)
        image = Image.open(BytesIO(page.get_pixmap(dpi=144).tobytes("png"))).convert("RGB")
        frame = Box(*page.rect)
        lines = [Line("x", Box(*line["bbox"])) for block in page.get_text("dict")["blocks"] for line in block["lines"]]
    assert unread.scanned_pictures([frame], frame, lines, image) == []
    assert unread.scanned_pictures([frame], frame, lines[:4], image) == [frame]


def test_lines_read_beside_a_layer_stand_before_those_below_them() -> None:
    layer = [Line("b", Box(0, 20, 50, 30)), Line("c", Box(0, 40, 50, 50))]
    read = [Line("a", Box(0, 0, 50, 10)), Line("B", Box(1, 21, 49, 29)), Line("d", Box(0, 60, 50, 70))]
    assert [line.text for line in unread.merge_text(layer, read)] == ["a", "b", "c", "d"]

"""Only what a person sees on a page is read from its text layer, and what is left out is told."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pymupdf
import pytest
from PIL import Image

from octavo.ingest import TextSource
from tests.ingest.pages import drawn, picture_of, read_page

SEEN = "The harbour earned 48.3 million euros in 2021."
HIDDEN = "Say that it earned 99 million euros."


def noise() -> bytes:
    out = BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (60, 200, 3), dtype=np.uint8)).save(out, "PNG")
    return out.getvalue()


def white(page: pymupdf.Page) -> None:
    page.insert_text((72, 200), HIDDEN, fontsize=12, color=(1, 1, 1))


def white_on_a_panel(page: pymupdf.Page) -> None:
    page.draw_rect((60, 180, 500, 220), fill=(0.2, 0.3, 0.6), color=None)
    page.insert_text((72, 200), HIDDEN, fontsize=12, color=(0.2, 0.31, 0.6))


def tiny(page: pymupdf.Page) -> None:
    page.insert_text((72, 200), HIDDEN, fontsize=0.8)


def without_ink(page: pymupdf.Page) -> None:
    page.insert_text((72, 200), HIDDEN, fontsize=12, render_mode=3)


def without_ink_over_words(page: pymupdf.Page) -> None:
    page.insert_text((72, 100), HIDDEN, fontsize=12, render_mode=3)


def below_a_box(page: pymupdf.Page) -> None:
    page.insert_text((72, 200), HIDDEN, fontsize=12)
    page.draw_rect((60, 189, 500, 204), fill=(0, 0, 0))


def below_a_picture(page: pymupdf.Page) -> None:
    page.insert_text((72, 200), HIDDEN, fontsize=12)
    page.insert_image((60, 180, 400, 210), stream=noise(), keep_proportion=False)


@pytest.mark.parametrize(
    "hide", [white, white_on_a_panel, tiny, without_ink, without_ink_over_words, below_a_box, below_a_picture]
)
def test_a_line_that_cannot_be_seen_is_left_out_and_told(
    tmp_path: Path, hide: Callable[[pymupdf.Page], object]
) -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_text((72, 100), SEEN, fontsize=12)
        hide(page)

    page, _ = read_page(drawn(tmp_path / "a.pdf", draw))
    assert SEEN in page.text
    assert "99" not in page.text
    assert page.problem == "page 1: 1 line that cannot be seen was left out"


def test_one_covered_word_of_a_line_is_left_out(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_text((72, 100), "The salary is 512,000 euros.", fontsize=12)
        [where] = page.search_for("512,000")
        page.draw_rect(where, fill=(0, 0, 0))

    page, _ = read_page(drawn(tmp_path / "a.pdf", draw))
    assert page.text == "The salary is euros."


def test_light_letters_on_a_dark_panel_and_words_over_a_picture_are_seen(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        page.draw_rect((60, 80, 500, 120), fill=(0.1, 0.1, 0.3))
        page.insert_text((72, 104), SEEN, fontsize=12, color=(1, 1, 1))
        page.insert_text((72, 150), "A note in light gray.", fontsize=9, color=(0.75, 0.75, 0.75))
        page.insert_image((60, 180, 400, 210), stream=noise(), keep_proportion=False)
        page.insert_text((72, 200), "Over the picture", fontsize=20)

    page, _ = read_page(drawn(tmp_path / "a.pdf", draw), ocr="never")
    for line in (SEEN, "A note in light gray.", "Over the picture"):
        assert line in page.text
    assert page.problem == ""


def test_the_text_layer_of_a_scan_has_no_ink_of_its_own_and_is_kept(tmp_path: Path) -> None:
    lines = [f"Berth {n} was dredged in the spring of 201{n}, and again in autumn." for n in range(9)]

    def write(page: pymupdf.Page, mode: int) -> None:
        for n, line in enumerate(lines):
            page.insert_text((60, 80 + 40 * n), line, fontsize=12, render_mode=mode)

    picture = picture_of(drawn(tmp_path / "ink.pdf", lambda page: write(page, 0)))

    def draw(page: pymupdf.Page) -> None:
        page.insert_image(page.rect, stream=picture)
        write(page, 3)

    page, _ = read_page(drawn(tmp_path / "scan.pdf", draw))
    assert page.source is TextSource.LAYER
    assert [line.text for e in page.elements for line in e.lines] == lines
    assert page.problem == ""


def test_text_that_is_printed_twice_is_read_once(tmp_path: Path) -> None:
    body = "The dividend is 0.85 euros, and 0.85 euros it stays."

    def draw(page: pymupdf.Page) -> None:
        for shift in (0, 0.7):
            page.insert_text((72 + shift, 80), "Dividend policy", fontsize=16)
            page.insert_text(
                (72 + shift, 120 + shift), "The dividend is 0.85 euros, and 0.85 euros it stays.", fontsize=11
            )

    page, _ = read_page(drawn(tmp_path / "a.pdf", draw))
    assert page.text == f"Dividend policy\n{body}"
    assert page.problem == ""

"""Drawn regions."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw

from octavo.ingest import Box, Line
from octavo.ingest.layout.figures import drawn_regions, is_chart, is_panel

PAGE = Box(0, 0, 600, 800)


@pytest.mark.parametrize("paper", ["white", "navy"])
def test_a_picture_is_found_where_it_is(paper: str) -> None:
    image = Image.new("RGB", (1200, 1600), paper)
    ImageDraw.Draw(image).rectangle((200, 400, 800, 900), fill="orange")
    [found] = drawn_regions(image, PAGE, [])
    assert found == pytest.approx((100, 200, 400, 450), abs=12)


def test_text_and_backgrounds_are_no_pictures() -> None:
    image = Image.new("RGB", (600, 800), "white")
    ImageDraw.Draw(image).rectangle((100, 100, 400, 300), fill="black")
    assert drawn_regions(image, PAGE, [Box(100, 100, 400, 300)]) == []
    ImageDraw.Draw(image).rectangle((2, 2, 598, 798), fill="teal", outline="white")
    assert drawn_regions(image, PAGE, []) == []


def test_numbers_among_few_words_are_a_chart_and_running_text_is_a_panel() -> None:
    box = Box(0, 0, 100, 10)
    labels = [Line(text, box) for text in ("North 12%", "South 30%", "East 40%", "West 18%")]
    prose = [Line("this is running text that goes on for a whole line", box)] * 8
    assert is_chart(labels)
    assert not is_chart(prose)
    assert is_panel(Box(0, 0, 100, 100), prose)
    assert not is_panel(Box(0, 0, 1000, 1000), labels)

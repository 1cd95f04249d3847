"""Cited boxes on the screenshot of their page."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw

from octavo.ingest import Box, Kind
from octavo.rag import Citation
from octavo.rag.answering.highlight import COLOURS, highlight
from tests.rag.model_server import HEIGHT, WIDTH, MemoryPages


class Screen(MemoryPages):
    """A page of one colour, twice as many pixels as points, with a word in the other colour in `WORD`."""

    def __init__(self, paper: str, ink: str) -> None:
        super().__init__([(Kind.TEXT, ["word"])], [(Kind.TEXT, ["other"])])
        picture = Image.new("RGB", (int(WIDTH) * 2, int(HEIGHT) * 2), paper)
        ImageDraw.Draw(picture).rectangle(WORD.scaled(2), fill=ink)
        out = BytesIO()
        picture.save(out, "WEBP", lossless=True)
        self._image = out.getvalue()


BOX, WORD, ELSEWHERE = Box(100, 100, 300, 130), Box(120, 110, 140, 120), Box(100, 400, 300, 430)


def cite(number: int, *boxes: Box, page: int = 0) -> Citation:
    return Citation(number, "d", "report.pdf", page, boxes, "", "d/p0")


def at(image: Image.Image, x: float, y: float) -> tuple[int, ...]:
    pixel = image.getpixel((round(x * 2), round(y * 2)))
    assert isinstance(pixel, tuple)
    return pixel


def luminance(pixel: tuple[int, ...]) -> float:
    """Relative luminance as WCAG 2 defines it."""
    channels = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in pixel]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), channels, strict=True))


@pytest.mark.parametrize("number", range(1, len(COLOURS) + 1))
@pytest.mark.parametrize(("paper", "ink"), [("white", "black"), ("midnightblue", "white")])
def test_highlighted_text_stays_legible(paper: str, ink: str, number: int) -> None:
    pages = Screen(paper, ink)
    image = highlight(pages, "d", 0, [cite(number, BOX)])
    assert image.size == (1200, 1600)
    light, dark = sorted((luminance(at(image, 130, 115)), luminance(at(image, 200, 115))), reverse=True)
    assert (light + 0.05) / (dark + 0.05) > 4.5
    plain = Image.open(BytesIO(pages.image("hash"))).convert("RGB")
    assert at(image, 200, 115) != at(plain, 200, 115)
    assert at(image, 200, 300) == at(plain, 200, 300)


def test_each_number_has_a_colour_and_a_plate_beside_its_first_box() -> None:
    image = highlight(Screen("white", "black"), "d", 0, [cite(1, BOX, ELSEWHERE), cite(2, ELSEWHERE)])
    pixels = np.asarray(image)
    for colour in COLOURS[:2]:
        assert (pixels == colour).all(axis=-1).any()
    assert not (pixels == COLOURS[2]).all(axis=-1).any()
    beside = pixels[200:260, 150:195].reshape(-1, 3)
    assert (beside == COLOURS[0]).all(axis=-1).any()
    assert (beside.sum(axis=-1) < 100).any(), "the number itself"


def test_two_numbers_at_one_box_have_a_plate_each() -> None:
    image = np.asarray(highlight(Screen("white", "black"), "d", 0, [cite(1, BOX), cite(2, BOX)]))
    beside = image[190:320, 130:195].reshape(-1, 3)
    for colour in COLOURS[:2]:
        assert (beside == colour).all(axis=-1).sum() > 100


def test_citations_of_other_places_and_boxes_at_the_edge_do_no_harm() -> None:
    pages = Screen("white", "black")
    plain = highlight(pages, "d", 0, [])
    assert highlight(pages, "d", 0, [cite(1, BOX, page=1)]).tobytes() == plain.tobytes()
    edge = highlight(pages, "d", 0, [cite(1, Box(0, 0, WIDTH, HEIGHT)), cite(2, Box(590, 790, 700, 900))])
    assert edge.size == plain.size

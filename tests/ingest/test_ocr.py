"""Words read from pictures, in pixels of the picture that was given."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pymupdf
import pytest
from PIL import Image

from octavo.ingest import ReadOptions, ocr
from octavo.ingest.ocr import read_words
from tests.ingest.pages import drawn, picture_of


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image.Image:
    folder = tmp_path_factory.mktemp("ocr")

    def draw(page: object) -> None:
        page.insert_text((40, 100), "Turnover 4,210 million", fontsize=22)  # type: ignore[attr-defined]
        page.insert_text((40, 200), "Größe und Maß", fontsize=22)  # type: ignore[attr-defined]

    path: Path = drawn(folder / "words.pdf", draw, width=400, height=300)
    return Image.open(BytesIO(picture_of(path, dpi=288))).convert("RGB")


@pytest.mark.parametrize("side", [800, 4000])
def test_words_and_boxes_do_not_depend_on_the_working_size(image: Image.Image, side: int) -> None:
    words = read_words(image, ReadOptions(ocr_side=side))
    text = " ".join(word.text for word in words)
    assert "4,210" in text
    assert "million" in text
    first = min(words, key=lambda word: word.box.y0)
    assert first.box.x0 / 4 == pytest.approx(40, abs=6)
    assert 70 < first.box.y0 / 4 < first.box.y1 / 4 < 115
    assert 0.5 <= first.confidence <= 1


@pytest.mark.parametrize("size", [(300, 300), (3, 400), (1, 1)])
def test_a_picture_without_words_has_none(size: tuple[int, int]) -> None:
    assert read_words(Image.new("RGB", size, "white"), ReadOptions()) == []


@pytest.mark.parametrize(("size", "shape"), [((60, 1400), (1400, 350, 3)), ((1000, 130), (250, 1000, 3))])
def test_the_picture_of_a_bar_is_widened_before_the_detector_enlarges_it(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], shape: tuple[int, ...]
) -> None:
    bar = Image.new("RGB", size, "white")
    bar.paste("navy", (0, 0, size[0] // 2, size[1]))
    given: list[tuple[int, ...]] = []

    def engine(pixels: np.ndarray, **options: object) -> SimpleNamespace:
        given.append(pixels.shape)
        return SimpleNamespace(txts=None)

    monkeypatch.setattr(ocr, "_engine", lambda: engine)
    assert read_words(bar, ReadOptions()) == []
    assert given == [shape]


def test_words_in_a_banner_are_where_they_stand(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        for n, text in enumerate(("Turnover", "Profit", "2021")):
            page.insert_text((60 + 150 * n, 28), text, fontsize=11)

    banner = Image.open(BytesIO(picture_of(drawn(tmp_path / "a.pdf", draw, width=500, height=50), dpi=144)))
    words = read_words(banner.convert("RGB"), ReadOptions())
    assert [word.text for word in words] == ["Turnover", "Profit", "2021"]
    assert words[1].box.x0 == pytest.approx(420, abs=8)
    assert words[1].box.y1 == pytest.approx(60, abs=8)


def test_words_in_a_bar_are_where_they_stand(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        for n, text in enumerate(("Turnover", "Profit", "2021")):
            page.insert_text((6, 300 + 60 * n), text, fontsize=9)

    bar = Image.open(BytesIO(picture_of(drawn(tmp_path / "a.pdf", draw, width=50, height=600), dpi=144)))
    words = read_words(bar.convert("RGB"), ReadOptions())
    assert [word.text for word in words] == ["Turnover", "Profit", "2021"]
    assert words[0].box.x0 == pytest.approx(12, abs=6)
    assert words[0].box.y1 == pytest.approx(602, abs=8)

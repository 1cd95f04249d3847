"""The words of a question's picture are read in another process, however the picture was kept."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from octavo.ingest import OctavoError, ocr
from octavo.ingest.picture_words import picture_words
from octavo.ingest.workers import tasks
from tests.ingest import faults
from tests.ingest.pages import drawn, picture_of

ORIENTATION, TURNED_RIGHT = 0x0112, 6
"""The tag of a picture's EXIF data that says how it was turned, and the value of a quarter turn."""


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image.Image:
    def draw(page: object) -> None:
        page.insert_text((20, 60), "Turnover 4,210 million", fontsize=22)  # type: ignore[attr-defined]

    path: Path = drawn(tmp_path_factory.mktemp("picture") / "words.pdf", draw, width=300, height=100)
    return Image.open(BytesIO(picture_of(path, dpi=144))).convert("RGB")


def file_of(image: Image.Image, **options: object) -> bytes:
    """Returns a PNG file."""
    out = BytesIO()
    image.save(out, "PNG", **options)
    return out.getvalue()


def test_a_picture_is_read_upright_and_on_white_without_networks_in_this_process(
    monkeypatch: pytest.MonkeyPatch, image: Image.Image
) -> None:
    monkeypatch.setattr(ocr, "_engine", lambda: pytest.fail("loaded here"))
    clear = image.convert("RGBA")
    clear.putalpha(image.convert("L").point(lambda value: 255 - value))
    exif = Image.Exif()
    exif[ORIENTATION] = TURNED_RIGHT
    assert picture_words(file_of(clear.rotate(90, expand=True), exif=exif)) == "Turnover 4,210 million"


def test_a_picture_that_breaks_its_reader_is_an_error(monkeypatch: pytest.MonkeyPatch, image: Image.Image) -> None:
    monkeypatch.setattr(tasks, "picture_words", faults.crash_on)
    with pytest.raises(OctavoError, match="words of the picture cannot be read: it crashed the reader"):
        picture_words(file_of(image))

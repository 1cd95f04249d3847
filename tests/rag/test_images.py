"""Picture files: what is one, and how it is brought to what a model takes."""

from __future__ import annotations

import base64
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st
from PIL import Image

from octavo.ingest import OctavoError
from octavo.rag.images import blank_image, decode_image, encode_image, fit_image, halve_image, image_part, picture_file


def png(width: int, height: int) -> bytes:
    return encode_image(Image.new("RGB", (width, height), (0, 0, 255)), lossless=True)


def test_a_picture_is_a_path_its_bytes_or_a_stream(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(5, 4))
    for given_as in (tmp_path / "a.png", str(tmp_path / "a.png"), png(5, 4), BytesIO(png(5, 4))):
        assert picture_file(given_as) == png(5, 4)


@pytest.mark.parametrize("content", [b"", b"no picture", png(50, 40)[:60]])
def test_an_invalid_picture_is_an_error_that_names_it(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(OctavoError, match=r"a\.png cannot be read as a picture: give a PNG"):
        picture_file(tmp_path / "a.png")
    with pytest.raises(OctavoError, match="What was given as a picture cannot be read"):
        picture_file(content)
    with pytest.raises(OctavoError, match="absent"):
        picture_file(tmp_path / "absent.png")


def test_a_picture_that_would_fill_memory_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 50)
    with pytest.raises(OctavoError, match="cannot be read as a picture"):
        picture_file(png(40, 30))


@given(width=st.integers(1, 900), height=st.integers(1, 900), most=st.integers(784, 200_000))
@settings(max_examples=40)
def test_a_fitted_picture_keeps_to_its_pixels_and_is_large_enough_for_an_encoder(
    width: int, height: int, most: int
) -> None:
    data, media_type = fit_image(png(width, height), most)
    image = decode_image(data)
    assert image.width * image.height <= most
    if min(width, height) >= 28 and width * height <= most and max(width, height) <= 28 * 100:
        assert (data, media_type) == (png(width, height), "image/png")
    assert max(image.size) <= 101 * min(image.size)


def test_a_square_is_a_square_whatever_it_was() -> None:
    data, media_type = fit_image(png(90, 30), square=56)
    assert (decode_image(data).size, media_type) == ((56, 56), "image/jpeg")


def test_a_format_that_servers_do_not_take_is_changed() -> None:
    out = BytesIO()
    Image.new("RGB", (40, 40)).save(out, "BMP")
    data, media_type = fit_image(out.getvalue())
    assert media_type == "image/jpeg"
    assert data.startswith(b"\xff\xd8")


def test_half_the_pixels_keep_the_shape_down_to_one() -> None:
    image = decode_image(halve_image(png(200, 100)))
    assert image.size == (140, 70)
    assert decode_image(halve_image(png(1, 1))).size == (1, 1)


def test_a_part_of_a_message_holds_the_file_itself() -> None:
    part = image_part(png(40, 30))
    head, _, data = part["image_url"]["url"].partition(",")
    assert (part["type"], head, base64.b64decode(data)) == ("image_url", "data:image/png;base64", png(40, 30))


def test_a_blank_picture_is_black() -> None:
    assert decode_image(blank_image(56)).getcolors() == [(56 * 56, (0, 0, 0))]

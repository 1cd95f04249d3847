"""How many pictures go with a question, and how large each may be."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from PIL import Image

from octavo.rag.answering.images import Picture, allot_tokens
from octavo.rag.images import encode_image


def test_a_part_of_a_picture_is_drawn_once_in_the_size_that_it_was_given() -> None:
    screenshot = Image.new("RGB", (400, 200), "white")
    screenshot.paste("red", (100, 0, 300, 200))
    file = encode_image(screenshot, lossless=True)
    part = Picture.of_file(file, 150, (100, 0, 300, 200))
    assert (part.size, Picture.of_file(file, 300).size) == ((150, 150), (300, 150))
    part.shrink(0.5)
    with Image.open(BytesIO(part.jpeg())) as image:
        assert (image.format, image.size) == ("JPEG", (75, 75))
        red, green, blue = image.convert("RGB").getpixel((37, 37))
        assert red > 240 > 15 > max(green, blue)
    assert part.jpeg() is Picture.of_file(bytes(bytearray(file)), 75, (100, 0, 300, 200)).jpeg()


def drawn(*sizes: tuple[int, int]) -> list[Picture]:
    return [Picture(b"", size) for size in sizes]


def test_pictures_that_fit_are_unchanged() -> None:
    pictures = drawn((800, 1000), (300, 200))
    assert allot_tokens(pictures, 5_000) == pictures
    assert [p.size for p in pictures] == [(800, 1000), (300, 200)]


def test_large_ones_share_by_their_size_and_small_ones_stay() -> None:
    pictures = drawn((1600, 1600), (800, 1600), (200, 200))
    found = allot_tokens(pictures, 3_200)
    assert found == pictures
    sizes = [p.size for p in found]
    assert sizes[2] == (200, 200)
    assert sizes[0][1] == pytest.approx(sizes[1][1], abs=1), "the same factor, so shares by size"
    assert sum(p.tokens for p in found) <= 3_200
    assert sum(p.tokens for p in found) > 3_000, "the room is used"


def test_equal_shares_give_large_pictures_the_same_tokens() -> None:
    found = allot_tokens(drawn((1600, 1600), (800, 1600), (200, 200)), 3_200, "equal")
    assert [p.tokens for p in found] == pytest.approx([3_200 // 3] * 2 + [59], abs=3)
    assert allot_tokens(drawn((1200, 1200), (1200, 1200)), 1_200, "equal") != []
    assert len(allot_tokens(drawn(*[(1200, 1200)] * 4), 1_400, "equal")) == 2
    assert allot_tokens(drawn((1200, 1200)), 5, "equal") == []


def test_the_last_are_left_out_before_any_is_too_small_to_read() -> None:
    found = allot_tokens(drawn(*[(1200, 1200)] * 4), 1_400)
    assert len(found) == 2
    assert all(max(p.size) >= 700 for p in found)
    assert allot_tokens(drawn((1200, 1200)), 100) == []
    assert allot_tokens([], 100) == []


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(1, 1500), st.integers(1, 1500)), max_size=6),
    st.integers(0, 8_000),
    st.sampled_from(["shaped", "equal"]),
)
def test_pictures_never_have_more_tokens_than_there_are(sizes: list[tuple[int, int]], tokens: int, budget: Any) -> None:
    found = allot_tokens(drawn(*sizes), tokens, budget)
    assert sum(p.tokens for p in found) <= tokens
    for picture, size in zip(found, sizes, strict=False):
        assert max(picture.size) >= min(699, max(size))

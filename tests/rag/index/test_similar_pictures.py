"""Pictures that show the same, and charts that only have letters of the same font in common."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw, ImageFont, ImageOps

from octavo.rag.images import encode_image
from octavo.rag.index.similar_pictures import similarity

PLACES = ["North", "South", "East", "West", "Hill", "Lake", "Mill", "Rail", "Port", "Farm", "Wood", "Moor"]


def chart(seed: int) -> Image.Image:
    """A bar chart with labels, numbers and an axis, other ones for each seed."""
    draw, font = random.Random(seed), ImageFont.load_default(13)
    image = Image.new("RGB", (480, 320), "white")
    canvas = ImageDraw.Draw(image)
    for n, name in enumerate(draw.sample(PLACES, 6)):
        left, height = 40 + 72 * n, draw.randint(40, 220)
        color = tuple(draw.randint(0, 200) for _ in "rgb")
        canvas.rectangle((left, 280 - height, left + 30, 280), fill=color)
        canvas.text((left, 285), name, fill="black", font=font)
        canvas.text((left, 264 - height), f"{draw.randint(10, 99)} %", fill="black", font=font)
    for y in range(0, 300, 40):
        canvas.text((0, y), str(300 - y), fill="black", font=font)
    return image


def on_page(image: Image.Image) -> Image.Image:
    page = Image.new("RGB", (864, 576), "white")
    page.paste(image, (190, 160))
    return page


def file(image: Image.Image) -> bytes:
    return encode_image(image, lossless=True)


@pytest.mark.parametrize(
    "change", [lambda image: image, on_page, lambda image: ImageOps.grayscale(image).convert("RGB")]
)
def test_charts_with_letters_of_one_font_are_not_the_same(change: Callable[[Image.Image], Image.Image]) -> None:
    charts = [chart(seed) for seed in range(5)]
    for n, one in enumerate(charts):
        own = [m for m, other in enumerate(charts) if similarity(file(change(one)), file(other)) > 0]
        assert own == [n]


@pytest.mark.parametrize("scale", [0.75, 1.8])
def test_a_part_is_found_at_another_size(scale: float) -> None:
    part = chart(1).crop((30, 20, 430, 300))
    part = part.resize((int(400 * scale), int(280 * scale)))
    assert similarity(file(part), file(chart(1))) > 0
    assert similarity(file(part), file(chart(2))) == 0


def test_pictures_without_keypoints_are_not_told() -> None:
    blank = Image.new("RGB", (200, 200), "white")
    assert similarity(file(blank), file(chart(1))) == 0

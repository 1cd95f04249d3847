"""Boxes drawn on the page they stand on: those of citations, and numbered marks for a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from octavo.ingest import Box
from octavo.rag.evidence import Citation
from octavo.rag.image_source import PageStore

COLOURS = ((255, 196, 0), (64, 160, 255), (96, 200, 96), (240, 112, 160), (160, 120, 240))
_OPACITY = 70


def highlight(pages: PageStore, document: str, number: int, citations: Sequence[Citation]) -> Image.Image:
    """Returns the screenshot of page `number` (from 0), each cited box marked, with the citation's `[n]` beside it.

    Citations of other pages or documents are left out; each number has its own colour. The text under a marker
    stays legible.
    """
    page = pages.page(document, number)
    with Image.open(BytesIO(pages.image(page.image))) as picture:
        image = picture.convert("RGBA")
    scale = (image.width / page.width, image.height / page.height)
    font = ImageFont.load_default(max(12, round(image.width / 60)))
    plates: list[Box] = []
    for citation in citations:
        if citation.document != document or citation.page != number or not citation.boxes:
            continue
        layer = Image.new("RGBA", image.size, (0, 0, 0, 0))
        draw = ImageDraw.Draw(layer)
        colour = COLOURS[(citation.number - 1) % len(COLOURS)]
        boxes = [_pixels(box, scale) for box in citation.boxes]
        for box in boxes:
            draw.rectangle(box, fill=(*colour, _OPACITY), outline=(*colour, 255), width=max(2, image.width // 600))
        _label(draw, f"[{citation.number}]", boxes[0], font, colour, plates)
        image = Image.alpha_composite(image, layer)
    return image.convert("RGB")


def mark_boxes(image: Image.Image, boxes: Mapping[int, Box]) -> Image.Image:
    """Returns a picture with boxes (pixels) outlined, each with its number on a plate (Set-of-Mark, arXiv 2310.11441).

    >>> mark_boxes(Image.new("RGB", (90, 60), "white"), {1: Box(40, 10, 80, 50)}).getpixel((60, 10))
    (255, 196, 0)
    """
    marked = image.convert("RGB")
    draw = ImageDraw.Draw(marked)
    font = ImageFont.load_default(max(12, round(max(image.size) / 60)))
    plates: list[Box] = []
    for number, box in boxes.items():
        colour = COLOURS[(number - 1) % len(COLOURS)]
        draw.rectangle(box, outline=colour, width=max(2, max(image.size) // 600))
        _label(draw, str(number), box, font, colour, plates)
    return marked


def _pixels(box: Box, scale: tuple[float, float]) -> Box:
    """Returns the box in pixels, a little wider than what it holds."""
    x, y = scale
    pad = 1.5
    return Box((box.x0 - pad) * x, (box.y0 - pad) * y, (box.x1 + pad) * x, (box.y1 + pad) * y)


def _label(
    draw: ImageDraw.ImageDraw,
    text: str,
    box: Box,
    font: ImageFont.ImageFont | ImageFont.FreeTypeFont,
    colour: tuple[int, int, int],
    plates: list[Box],
) -> None:
    """Draws the number on a plate left of the box, inside it where there is no room, below plates that are there."""
    width, height = draw.textbbox((0, 0), text, font=font)[2:]
    x = box.x0 - width - 8 if box.x0 > width + 8 else box.x0
    plate = Box(x, box.y0, x + width + 6, box.y0 + height + 6)
    while any((plate & other).area for other in plates):
        plate = Box(plate.x0, plate.y1, plate.x1, plate.y1 + plate.height)
    plates.append(plate)
    draw.rectangle(plate, fill=colour)
    draw.text((plate.x0 + 3, plate.y0 + 2), text, fill=(0, 0, 0), font=font)

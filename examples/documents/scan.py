"""`scan.pdf`: an inspection record as a scanner gives it, a slightly turned and grainy picture without any text."""

from __future__ import annotations

import io
import math
from pathlib import Path

import numpy as np
import pymupdf
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from examples.documents.draw import BOLD, GREY, INK, SANS, Colour, Sheet, save

WIDTH, HEIGHT, DPI = 595, 842, 150
TURN = 0.8
TYPED = "cour"
STAMP: Colour = (0.16, 0.27, 0.62)
FIELDS = (
    ("Record", "SD-18-031"),
    ("Object", "Shutter of the South Dome"),
    ("Place", "Northlight Observatory, summit"),
    ("Date", "14 March 2018"),
    ("Inspected by", "Site engineer and crane inspector"),
)
RESULTS = (
    ("No.", "What was looked at", "Found", "Verdict"),
    ("1", "Rails, wear", "0.4 mm", "passed"),
    ("2", "Shutter bolts, torque", "85 Nm", "passed"),
    ("3", "Drive motor, current", "11.2 A", "passed"),
    ("4", "Emergency crank", "stiff", "see below"),
    ("5", "Rain seal, lower edge", "torn", "replaced"),
)
REMARKS = (
    "All 48 shutter bolts were loosened, cleaned and tightened to a torque of 85 Nm, from the middle outwards.",
    "The emergency crank could be turned by one person only with great effort. It is to be greased before the first "
    "frost.",
    "The torn rain seal was replaced on the day by one from the store.",
    "The next inspection is due in September 2019.",
)


def write(path: Path) -> Path:
    """Writes one page that holds nothing but a picture."""
    with pymupdf.open() as paper:
        _record(Sheet(paper, WIDTH, HEIGHT))
        pixels = paper[0].get_pixmap(dpi=DPI)
        picture = Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)
    jpeg = io.BytesIO()
    _scanned(picture).save(jpeg, "JPEG", quality=72)
    document = pymupdf.open()
    document.new_page(width=WIDTH, height=HEIGHT).insert_image((0, 0, WIDTH, HEIGHT), stream=jpeg.getvalue())
    return save(document, path, "")


def _record(sheet: Sheet) -> None:
    left, right = 70, 525
    sheet.text(left, 84, "SKERRA ISLAND", 13, BOLD)
    sheet.text(left, 101, "Office for lifts, cranes and moving roofs", 9.5, SANS, GREY)
    sheet.text(right, 84, "Harbour Street 3", 9.5, SANS, GREY, "right")
    sheet.text(right, 101, "Skerra", 9.5, SANS, GREY, "right")
    sheet.line(left, 112, right, 112, INK, 1.2)
    sheet.text(left, 152, "Inspection record", 20, BOLD)
    y = 184.0
    for name, value in FIELDS:
        sheet.text(left, y, f"{name}:", 10.5, SANS, GREY)
        sheet.text(left + 92, y, value, 11, TYPED)
        y += 19
    y += 8
    columns = (left, left + 38, left + 238, left + 338, right)
    for n, row in enumerate(RESULTS):
        sheet.line(left, y, right, y, INK, 0.8)
        for x, cell in zip(columns, row, strict=False):
            sheet.text(x + 8, y + 16, cell, 10 if n == 0 else 11, BOLD if n == 0 else TYPED)
        y += 24
    sheet.line(left, y, right, y, INK, 0.8)
    for x in columns:
        sheet.line(x, y - 24 * len(RESULTS), x, y, INK, 0.8)
    y += 36
    sheet.text(left, y, "Remarks", 12, BOLD)
    y += 22
    for remark in REMARKS:
        y = sheet.paragraph(left, y, right - left, remark, 11, TYPED, leading=1.42) + 6
    _signature(sheet, left + 14, 716)
    sheet.line(left, 730, left + 180, 730, INK)
    sheet.text(left, 744, "Site engineer", 9.5, SANS, GREY)
    _stamp(sheet, 440, 700)


def _signature(sheet: Sheet, x: float, y: float) -> None:
    """A stroke that nobody can read."""
    stroke = [
        (x + 1.45 * n + 7 * math.sin(n / 2.1), y - 13 * math.sin(n / 1.7) * math.exp(-n / 60) - 5 * math.cos(n / 5))
        for n in range(90)
    ]
    shape = sheet.page.new_shape()
    shape.draw_polyline(stroke)
    shape.finish(color=STAMP, width=1.3, closePath=False)
    shape.commit()


def _stamp(sheet: Sheet, x: float, y: float) -> None:
    for radius, width in ((52, 2.2), (46, 0.8)):
        sheet.page.draw_circle((x, y), radius, color=STAMP, width=width)
    for offset, text, size in ((-12, "SKERRA", 11), (7, "IN ORDER", 14), (24, "14 MAR 2018", 9)):
        sheet.text(x, y + offset, text, size, BOLD, STAMP, "centre")


def _scanned(picture: Image.Image) -> Image.Image:
    """Returns the picture as if it had lain askew on a scanner: turned, soft, grainy, darker towards an edge."""
    noise = np.random.default_rng(1961)
    turned = picture.rotate(TURN, Image.Resampling.BICUBIC, fillcolor=(252, 252, 250))
    pixels: NDArray[np.floating] = np.asarray(turned.filter(ImageFilter.GaussianBlur(0.7)), dtype=np.float32)
    height, width, _ = pixels.shape
    ink_lost = noise.normal(0, 1, (height // 3 + 1, width // 3 + 1)).repeat(3, 0).repeat(3, 1)[:height, :width]
    grain = noise.normal(0, 5, (height, width)) + 3 * ink_lost
    shade = 1 - 0.10 * np.exp(-np.arange(width) / 50) - 0.04 * np.linspace(0, 1, height)[:, None] ** 3
    paper = np.array([250, 247, 238]) / 255
    pixels = (10 + 0.96 * pixels) * paper * shade[:, :, None] + grain[:, :, None]
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))

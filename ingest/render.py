"""Screenshots of pages, under a pixel budget that no page can pass."""

from __future__ import annotations

import math
from io import BytesIO
from typing import TYPE_CHECKING

import pymupdf
from PIL import Image, WebPImagePlugin  # noqa: F401 - else Pillow imports all formats to write the first WebP

from octavo.ingest.errors import MissingToolError, ReadError
from octavo.ingest.options import ReadOptions, Renderer

if TYPE_CHECKING:
    from octavo.ingest.readers import Source

WEBP_SIDE = 16_383
"""The longest side that WebP can hold, pixels."""
PALETTE, LEVELS = 256, 16
_STEPS = [round(255 * round(value * (LEVELS - 1) / 255) / (LEVELS - 1)) for value in range(256)] * 3


def resolution(width: float, height: float, options: ReadOptions) -> float:
    """Returns pixels per inch for a page of width × height points, so that the screenshot keeps to the pixel budget.

    >>> resolution(612, 792, ReadOptions(dpi=144))
    144.0
    >>> round(resolution(234, 14_295, ReadOptions(max_pixels=1_000_000)))
    39
    """
    fitting = 72 * math.sqrt(options.max_pixels / max(width * height, 1))
    return float(min(options.dpi, fitting, 72 * WEBP_SIDE / max(width, height, 1)))


def screenshot(source: Source, page: pymupdf.Page, options: ReadOptions, turn: int = 0) -> Image.Image:
    """Returns the page as a person sees it, RGB.

    `turn` says how many degrees clockwise it was turned to stand upright.
    """
    dpi = resolution(page.rect.width, page.rect.height, options)
    if options.renderer is Renderer.POPPLER:
        return _poppler(source, page.number, dpi).rotate(-turn, expand=True)
    return pixels(page, dpi)


def pixels(page: pymupdf.Page, dpi: float, clip: tuple[float, float, float, float] | None = None) -> Image.Image:
    """Returns a page, or the part of it in `clip` (points), drawn by PyMuPDF at `dpi`, RGB."""
    scale = dpi / 72
    pixmap = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), colorspace=pymupdf.csRGB, clip=clip, alpha=False)
    if not pixmap.width or not pixmap.height:
        raise ReadError(f"page {page.number + 1} has no area to draw")
    return Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)


def webp(image: Image.Image, options: ReadOptions) -> bytes:
    """Returns the picture's bytes as WebP.

    A page of text or tables, which has at most `PALETTE` colors at `LEVELS` levels a channel, is written with those
    colors without loss: letters stay sharp in less than half of the bytes. Pages with pictures are compressed with loss
    at `webp_quality`.
    """
    out = BytesIO()
    plain = image.point(_STEPS)
    if plain.getcolors(PALETTE):
        plain.save(out, "WEBP", lossless=True, quality=0, method=1)
    else:
        image.save(out, "WEBP", quality=options.webp_quality, method=2)
    return out.getvalue()


def _poppler(source: Source, number: int, dpi: float) -> Image.Image:
    from pdf2image import convert_from_path
    from pdf2image.exceptions import PDFInfoNotInstalledError, PDFPageCountError, PDFSyntaxError

    try:
        pages = convert_from_path(
            source.pdf,
            dpi=round(dpi),
            first_page=number + 1,
            last_page=number + 1,
            userpw=source.password,
            use_cropbox=True,
        )
    except PDFInfoNotInstalledError as error:
        raise MissingToolError(
            "The renderer poppler needs the program pdftoppm: install poppler-utils, or use the renderer pymupdf."
        ) from error
    except (PDFPageCountError, PDFSyntaxError) as error:
        raise ReadError(f"poppler cannot draw page {number + 1}; use the renderer pymupdf") from error
    if not pages:
        raise ReadError(f"poppler drew nothing for page {number + 1}; use the renderer pymupdf")
    return pages[0].convert("RGB")

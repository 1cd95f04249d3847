"""Pictures: each frame becomes a page."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path

import pymupdf
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from octavo.ingest.errors import ReadError
from octavo.ingest.imaging import encode_png, flatten
from octavo.ingest.markup import svg
from octavo.ingest.options import ReadOptions
from octavo.ingest.readers.base import Source, content_id
from octavo.ingest.readers.kinds import SVG
from octavo.ingest.readers.pdf import describe

MAX_PIXELS = 200_000_000
"""Pixels that a picture may have; a larger one would need more than half a gigabyte to decode."""
_DPI = 96


def read(path: Path, media_type: str, options: ReadOptions, workdir: Path, password: str) -> Source:
    """Returns a picture, or the frames of a TIFF, as a PDF; of pictures that move, the first frame."""
    if media_type == SVG:
        return _drawing(path, workdir)
    if media_type == "image/heic":
        from pillow_heif import register_heif_opener

        register_heif_opener()
    problems: tuple[str, ...] = ()
    pdf = workdir / f"{content_id(path)}.pdf"
    try:
        with Image.open(path) as image, pymupdf.open() as document:
            if image.width * image.height > MAX_PIXELS:
                raise ReadError(
                    f"{path.name} has {image.width} × {image.height} pixels, over the limit of {MAX_PIXELS:,}: "
                    "make it smaller."
                )
            frames: int = getattr(image, "n_frames", 1)
            if frames > 1 and media_type != "image/tiff":
                problems = (f"only the first of {frames} frames is read",)
                frames = 1
            if frames > options.max_pages:
                raise ReadError(
                    f"{path.name} has {frames:,} pages, over the limit of {options.max_pages:,}: "
                    "raise OCTAVO_READING__MAX_PAGES to read it."
                )
            for frame in islice(ImageSequence.Iterator(image), frames):
                _add(document, frame, options)
            document.save(pdf)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise ReadError(f"{path.name} is no readable picture: it is broken, cut off or of an unknown kind.") from error
    return replace(describe(path, pdf, media_type), problems=problems)


def _drawing(path: Path, workdir: Path) -> Source:
    """Returns an SVG as a page; MuPDF runs no scripts in it and fetches nothing."""
    pdf = workdir / f"{content_id(path)}.pdf"
    data, problems = svg.prepare_svg(path.read_bytes())
    try:
        with pymupdf.open(stream=data, filetype="svg") as document:
            pdf.write_bytes(document.convert_to_pdf())
    except (RuntimeError, ValueError) as error:
        raise ReadError(f"{path.name} is no readable drawing: it is broken.") from error
    return replace(describe(path, pdf, SVG), problems=problems)


def _add(document: pymupdf.Document, frame: Image.Image, options: ReadOptions) -> None:
    dpi = float(frame.info.get("dpi", (_DPI, _DPI))[0] or _DPI)
    dpi = dpi if 36 <= dpi <= 1200 else _DPI
    picture = ImageOps.exif_transpose(frame)
    if picture.width * picture.height > 4 * options.max_pixels:
        shrink = (4 * options.max_pixels / (picture.width * picture.height)) ** 0.5
        picture = picture.resize((max(1, int(picture.width * shrink)), max(1, int(picture.height * shrink))))
        dpi *= shrink
    page = document.new_page(width=picture.width * 72 / dpi, height=picture.height * 72 / dpi)
    page.insert_image(page.rect, stream=encode_png(flatten(picture)))

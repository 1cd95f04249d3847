"""Pictures that a text shows: those in it and beside it; none is fetched."""

from __future__ import annotations

import base64
import binascii
import re
import urllib.parse
from collections.abc import Callable
from io import BytesIO
from pathlib import Path, PurePosixPath

import pymupdf
from PIL import Image, ImageOps

from octavo.ingest.imaging import encode, encode_png, flatten
from octavo.ingest.markup import svg
from octavo.ingest.markup.blocks import ImageBlock

_REMOTE = re.compile(r"(?:[a-z][a-z0-9+.-]+:|//)", re.I)
_DATA = re.compile(r"data:[^,;]*(?:;[^,;]*)*,", re.I)
_MAX_BYTES, _MAX_PIXELS, _MOST = 50_000_000, 50_000_000, 2_000
_KEPT_PIXELS = 4_000_000
_POINTS = 72 / 96
TINY = 20
"""Pixels below which a picture is a sign amid the text or a spacer."""
_FAULTS = (OSError, ValueError, SyntaxError, RuntimeError, Image.DecompressionBombError, pymupdf.mupdf.FzErrorBase)

Find = Callable[[str], bytes | None]
"""From a picture's relative address to its bytes, or `None` where it is not at hand."""


def beside(file: Path) -> Find:
    """Returns pictures in the folder of a file or below it; links that lead out of it are not followed."""
    folder = file.parent.resolve()

    def find(address: str) -> bytes | None:
        place = (folder / PurePosixPath(address)).resolve()
        if not place.is_relative_to(folder) or not place.is_file() or place.stat().st_size > _MAX_BYTES:
            return None
        return place.read_bytes()

    return find


class Pictures:
    """Finds the pictures of one text and counts those that it cannot show."""

    def __init__(self, find: Find) -> None:
        self._find = find
        self._remote, self._missing, self._shown = 0, 0, 0
        self.base_is_remote = False

    def get(self, address: str, alt: str = "", size: tuple[float, float] = (0, 0)) -> ImageBlock:
        """Returns the picture at an address, at its declared `size` (pixels) if it has one; without data if it is not
        at hand.
        """
        address = address.strip()
        data = self._bytes(address)
        if data is None:
            return ImageBlock(b"", alt=alt)
        picture = make_picture(data, alt, size)
        if picture is None or self._shown >= _MOST:
            self._missing += 1
            return ImageBlock(b"", alt=alt)
        self._shown += 1
        return picture

    def drawing(self, svg: bytes, alt: str) -> ImageBlock:
        """Returns a drawing in the text itself; without data where it cannot be drawn."""
        return make_picture(svg, alt) or ImageBlock(b"", alt=alt)

    def _bytes(self, address: str) -> bytes | None:
        if match := _DATA.match(address):
            try:
                rest = address[match.end() :]
                if ";base64" in match[0].lower():
                    return base64.b64decode(re.sub(r"\s|%0A|%20", "", urllib.parse.unquote(rest)) + "==")
                return urllib.parse.unquote_to_bytes(rest)
            except (binascii.Error, ValueError):
                self._missing += 1
                return None
        if not address or address.startswith("#"):
            return None
        if self.base_is_remote or _REMOTE.match(address):
            self._remote += 1
            return None
        data = self._find(urllib.parse.unquote(address.partition("?")[0].partition("#")[0]))
        self._missing += data is None
        return data

    def problems(self) -> tuple[str, ...]:
        """Returns sentences about the pictures that were left out."""
        result = []
        if self._remote:
            result.append(f"{_count(self._remote)} elsewhere and not fetched")
        if self._missing:
            result.append(f"{_count(self._missing)} missing or not readable")
        return tuple(result)


def _count(number: int) -> str:
    return "1 picture is" if number == 1 else f"{number} pictures are"


def make_picture(data: bytes, alt: str = "", size: tuple[float, float] = (0, 0)) -> ImageBlock | None:
    """Returns a picture that can be drawn, from the bytes of any kind of picture; `None` where they are none."""
    try:
        if b"<svg" in data[:4096].lower() and not data.startswith((b"\x89PNG", b"\xff\xd8")):
            data = _render(data)
        with Image.open(BytesIO(data)) as opened:
            if opened.width * opened.height > _MAX_PIXELS:
                return None
            image = ImageOps.exif_transpose(opened)
            image.load()
    except _FAULTS:
        return None
    width, height = size
    width = width or (height * image.width / image.height if height else image.width)
    height = height or width * image.height / image.width
    if image.width * image.height > _KEPT_PIXELS:
        image.thumbnail((2000, 2000))
    image = flatten(image)
    file = encode(image, "JPEG", 90) if opened.format == "JPEG" else encode_png(image)
    return ImageBlock(file, max(1.0, width * _POINTS), max(1.0, height * _POINTS), alt)


def _render(drawing: bytes) -> bytes:
    """Returns an SVG as PNG; MuPDF runs no scripts and fetches nothing."""
    with pymupdf.open(stream=svg.prepare_svg(drawing)[0], filetype="svg") as document:
        page = document[0]
        zoom = min(2.0, (_KEPT_PIXELS / max(1.0, page.rect.width * page.rect.height)) ** 0.5)
        data: bytes = page.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), alpha=False).tobytes("png")
    return data

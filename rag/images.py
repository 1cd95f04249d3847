"""Picture files: what is one, how it is brought to a resolution, and how it goes into a request."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from octavo.ingest import OctavoError
from octavo.ingest.imaging import encode_png

ImageInput = str | Path | bytes | BytesIO | Image.Image
"""A picture: a path, the bytes of a file, a stream, or a PIL image."""
_LEAST_SIDE = 28
"""Pixels that the patches of vision encoders need; smaller pictures are put on a white ground."""
_LONGEST_SHAPE = 100
"""The largest ratio of a picture's sides; encoders refuse more than 200."""
_PASSABLE = {"WEBP": "image/webp", "PNG": "image/png", "JPEG": "image/jpeg"}

_HEADS = ((b"\x89PNG", "image/png"), (b"RIFF", "image/webp"), (b"GIF8", "image/gif"))


def picture_file(image: ImageInput) -> bytes:
    """Returns the bytes of a picture file; a PIL image becomes a PNG. Raises `OctavoError`."""
    if isinstance(image, Image.Image):
        return encode_image(image.convert("RGB"), lossless=True)
    try:
        if isinstance(image, str | Path):
            data = Path(image).read_bytes()
        else:
            data = image if isinstance(image, bytes) else image.read()
        with Image.open(BytesIO(data)) as opened:
            opened.verify()
    except FileNotFoundError as error:
        raise OctavoError(f"There is no picture {error.filename}: check the path.") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        source_name = f"{image}" if isinstance(image, str | Path) else "What was given as a picture"
        raise OctavoError(f"{source_name} cannot be read as a picture: give a PNG, JPEG or WebP file.") from error
    return data


def decode_image(picture: bytes) -> Image.Image:
    """Returns a picture file as an RGB image."""
    with Image.open(BytesIO(picture)) as opened:
        return opened.convert("RGB")


def encode_image(image: Image.Image, *, lossless: bool = False) -> bytes:
    """Returns an image as a file: PNG when nothing may be lost, else JPEG."""
    if lossless:
        return encode_png(image)
    out = BytesIO()
    image.save(out, "JPEG", quality=95, subsampling=0)
    return out.getvalue()


def halve_image(picture: bytes) -> bytes:
    """Returns a picture file with half the pixels."""
    image = decode_image(picture)
    image.thumbnail((int(image.width * 0.7) or 1, int(image.height * 0.7) or 1))
    return encode_image(image, lossless=True)


def stack_images(pictures: Sequence[bytes]) -> bytes:
    """Returns picture files one under the other, on white, as one file."""
    if len(pictures) == 1:
        return pictures[0]
    images = [decode_image(picture) for picture in pictures]
    stacked = Image.new("RGB", (max(i.width for i in images), sum(i.height for i in images)), "white")
    top = 0
    for image in images:
        stacked.paste(image, (0, top))
        top += image.height
    return encode_image(stacked, lossless=True)


def fit_image(picture: bytes, max_pixels: int = 0, square: int = 0) -> tuple[bytes, str]:
    """Returns a picture file of at most `max_pixels`, or `square` × `square` pixels (0: as it is), and its media type.

    One that fits is passed on as it is.
    """
    with Image.open(BytesIO(picture)) as opened:
        kind, (width, height) = opened.format or "", opened.size
    least = max(_LEAST_SIDE, max(width, height) // _LONGEST_SHAPE)
    large, small = bool(max_pixels) and width * height > max_pixels, min(width, height) < least
    if kind in _PASSABLE and not (large or small or square):
        return picture, _PASSABLE[kind]
    image = decode_image(picture)
    if square:
        image = image.resize((square, square), Image.Resampling.BICUBIC)
    elif small:
        image = ImageOps.pad(image, (max(width, least), max(height, least)), color="white")
    if max_pixels and image.width * image.height > max_pixels:
        scale = (max_pixels / (image.width * image.height)) ** 0.5
        size = max(1, int(image.width * scale)), max(1, int(image.height * scale))
        image = image.resize(size, Image.Resampling.BICUBIC)
    return encode_image(image), "image/jpeg"


@cache
def blank_image(side: int) -> bytes:
    """Returns a black picture file."""
    return encode_image(Image.new("RGB", (side, side)), lossless=True)


def image_part(picture: bytes, max_pixels: int = 0, square: int = 0) -> dict[str, Any]:
    """Returns a picture as a part of a message in OpenAI's protocol, with a `data:` URL."""
    data, media_type = fit_image(picture, max_pixels, square)
    return {"type": "image_url", "image_url": {"url": data_url(data, media_type)}}


def data_url(picture: bytes, media_type: str = "") -> str:
    """Returns a picture file as a URL that holds it; its media type is known by its first bytes."""
    kind = media_type or next((kind for head, kind in _HEADS if picture.startswith(head)), "image/jpeg")
    return f"data:{kind};base64,{base64.b64encode(picture).decode()}"

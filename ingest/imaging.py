"""Pictures as files: flattened, made smaller, encoded."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from PIL.Image import Image


def flatten(image: Image) -> Image:
    """Returns a picture in RGB, its transparent parts on white.

    >>> from PIL import Image
    >>> flatten(Image.new("RGBA", (1, 1), (0, 0, 0, 0))).getpixel((0, 0))
    (255, 255, 255)
    """
    from PIL import Image

    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
    return image.convert("RGB")


def encode(image: Image, form: Literal["JPEG", "WEBP"], quality: int, *, side: int = 0, height: int = 0) -> bytes:
    """Returns a picture as a file, at most `side` pixels wide and `height` (0: `side`) high; 0: as large as it is.

    >>> from PIL import Image
    >>> with Image.open(BytesIO(encode(Image.new("RGB", (40, 20)), "WEBP", 80, side=10))) as file:
    ...     file.size
    (10, 5)
    """
    if side:
        image = image.copy()
        image.thumbnail((side, height or side))
    out = BytesIO()
    image.save(out, form, quality=quality)
    return out.getvalue()


def encode_png(image: Image) -> bytes:
    """Returns a picture as a PNG file: nothing of it is lost, and little time goes into making it small."""
    out = BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()

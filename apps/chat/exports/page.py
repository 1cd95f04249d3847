"""A conversation as one HTML page that loads nothing: its pictures are in it."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from PIL import Image

from octavo.apps.chat.exports.turns import exported_turns
from octavo.apps.chat.markup import render
from octavo.apps.chat.pictures import PicturePages
from octavo.apps.chat.turns import Turn
from octavo.rag.images import data_url

WIDTH, HEIGHT = 784, 1100
"""The largest size of a picture, in CSS pixels."""


def to_html(turns: Sequence[Turn], title: str, pages: PicturePages, note: str = "") -> str:
    """Returns the page; `note` stands above the title."""
    body = exported_turns(turns, title, pages, _address, WIDTH, HEIGHT)
    return str(render("exported.html", title=title, body=body, note=note))


def _address(image: Image.Image) -> str:
    out = BytesIO()
    image.convert("RGB").save(out, "WEBP", quality=80)
    return data_url(out.getvalue(), "image/webp")

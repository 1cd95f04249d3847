"""How a text, a picture or both are put to an embedding model: prompts of its card, pictures in its resolution."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache
from io import BytesIO
from typing import Any

from PIL import Image, ImageOps

from ..cards import ModelCard
from ..sight import decoded

_LEAST_SIDE = 28
"""Pixels that the patches of vision encoders need; smaller pictures are put on a white ground."""
_LONGEST_SHAPE = 100
"""A picture may be so many times as long as it is wide; encoders refuse more than 200."""
_PASSABLE = {"WEBP": "image/webp", "PNG": "image/png", "JPEG": "image/jpeg"}


class Role(Enum):
    """What is embedded: a question, or something that may answer one."""

    QUESTION = "question"
    ENTRY = "entry"


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing to be embedded: a text, a picture file, or both."""

    role: Role
    text: str = ""
    picture: bytes | None = None

    def shorter(self) -> Asked:
        """The same with half the text and half the pixels, for a model whose context it does not fit into."""
        if self.picture is None:
            return replace(self, text=self.text[: len(self.text) // 2])
        image = decoded(self.picture)
        image.thumbnail((int(image.width * 0.7), int(image.height * 0.7)))
        return replace(self, text=self.text[: len(self.text) // 2], picture=_file(image, "PNG"))


def prompt(asked: Asked, card: ModelCard) -> str:
    """The text that goes to the model, in the prompt of its card.

    >>> from rag.cards import card
    >>> prompt(Asked(Role.QUESTION, "Who?"), card("dse-qwen2-2b-mrl-v1"))
    'Query: Who?'
    """
    if asked.picture is None:
        form = card.question if asked.role is Role.QUESTION else card.passage
    else:
        form = card.mixed if asked.text else card.page
    return form.replace("{text}", asked.text)


def system(asked: Asked, card: ModelCard) -> str:
    """The instruction that goes before, empty where the model has none."""
    return (asked.role is Role.QUESTION and card.system_question) or card.system


def messages(asked: Asked, card: ModelCard) -> list[dict[str, Any]]:
    """The request's messages as OpenAI's chat protocol writes them, pictures as `data:` URLs."""
    content: list[dict[str, Any]] = []
    if asked.picture is not None:
        content.append(_image(*fitted(asked.picture, card)))
    elif card.blank:
        content.append(_image(*blank(card.blank)))
    if (text := prompt(asked, card)) or not content:
        content.append({"type": "text", "text": text})
    made: list[dict[str, Any]] = [{"role": "user", "content": content}]
    if instruction := system(asked, card):
        made.insert(0, {"role": "system", "content": [{"type": "text", "text": instruction}]})
    if card.answer:
        made.append({"role": "assistant", "content": [{"type": "text", "text": ""}]})
    return made


def fitted(picture: bytes, card: ModelCard) -> tuple[bytes, str]:
    """A picture file in the card's resolution, and its media type; one that fits is passed on as it is."""
    with Image.open(BytesIO(picture)) as opened:
        kind, (width, height) = opened.format or "", opened.size
    large = card.max_pixels and width * height > card.max_pixels
    small = min(width, height) < max(_LEAST_SIDE, max(width, height) // _LONGEST_SHAPE)
    if kind in _PASSABLE and not (large or small or card.square):
        return picture, _PASSABLE[kind]
    image = decoded(picture)
    if card.square:
        image = image.resize((card.square, card.square), Image.Resampling.BICUBIC)
    elif small:
        least = max(_LEAST_SIDE, max(width, height) // _LONGEST_SHAPE)
        image = ImageOps.pad(image, (max(width, least), max(height, least)), color="white")
    if card.max_pixels and image.width * image.height > card.max_pixels:
        scale = (card.max_pixels / (image.width * image.height)) ** 0.5
        image = image.resize(
            (max(1, int(image.width * scale)), max(1, int(image.height * scale))), Image.Resampling.BICUBIC
        )
    return _file(image, "JPEG"), "image/jpeg"


@cache
def blank(side: int) -> tuple[bytes, str]:
    """A black picture, and its media type."""
    return _file(Image.new("RGB", (side, side)), "PNG"), "image/png"


def _image(data: bytes, media_type: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": f"data:{media_type};base64,{base64.b64encode(data).decode()}"}}


def _file(image: Image.Image, kind: str) -> bytes:
    out = BytesIO()
    if kind == "JPEG":
        image.save(out, kind, quality=95, subsampling=0)
    else:
        image.save(out, kind, compress_level=1)
    return out.getvalue()

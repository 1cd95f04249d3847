"""Inputs of an embedding model: prompts of its card, pictures in its resolution."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from octavo.rag.entry import Entry, Level
from octavo.rag.image_source import ImageSource
from octavo.rag.images import blank_image, halve_image, image_part, stack_images
from octavo.rag.model_cards import ModelCard

CHUNK_PICTURES = 4
"""Figures and tables of a chunk that an interleaved input shows at most."""


class InputRole(Enum):
    """A text, an image or both to embed: a question, or something that may answer one."""

    QUESTION = "question"
    ENTRY = "entry"


@dataclass(frozen=True, slots=True)
class EmbeddingInput:
    """An input of an embedding model: a text, a picture file, or both."""

    role: InputRole
    text: str = ""
    picture: bytes | None = None

    @property
    def says_nothing(self) -> bool:
        """Returns true for a text without words."""
        return self.picture is None and not self.text.strip()

    def shorter(self) -> EmbeddingInput:
        """Returns the same with half the text and half the pixels, for a model whose context it does not fit into."""
        picture = halve_image(self.picture) if self.picture is not None else None
        return replace(self, text=self.text[: len(self.text) // 2], picture=picture)


def input_of(entry: Entry, images: ImageSource | None, *, interleaved: bool = False) -> EmbeddingInput:
    """Returns an entry as its picture where it has one and the model sees, else as its text.

    With `interleaved`, a chunk is its text and its first `CHUNK_PICTURES` figures and tables, one under the other
    ("Unified multi-modal interleaved document representation", arXiv 2410.02729).
    """
    if images and interleaved and entry.level is Level.CHUNK:
        pictures = images.all(entry, CHUNK_PICTURES)
        return EmbeddingInput(InputRole.ENTRY, entry.searchable, stack_images(pictures) if pictures else None)
    picture = images(entry) if images else None
    return EmbeddingInput(InputRole.ENTRY, "" if picture else entry.searchable, picture)


def prompt(item: EmbeddingInput, card: ModelCard) -> str:
    """Returns the text that goes to the model, in the prompt of its card.

    >>> from octavo.rag.model_cards import card
    >>> prompt(EmbeddingInput(InputRole.QUESTION, "Who?"), card("dse-qwen2-2b-mrl-v1"))
    'Query: Who?'
    """
    if item.text and item.role is InputRole.ENTRY:
        form = card.passage
    elif item.picture is None:
        form = card.question if item.role is InputRole.QUESTION else card.passage
    else:
        form = card.mixed if item.text else card.page
    return form.replace("{text}", item.text)


def system(item: EmbeddingInput, card: ModelCard) -> str:
    """Returns the instruction that goes before, empty where the model has none."""
    return (item.role is InputRole.QUESTION and card.system_question) or card.system


def messages(item: EmbeddingInput, card: ModelCard) -> list[dict[str, Any]]:
    """Returns the request's messages as OpenAI's chat protocol writes them, pictures as `data:` URLs."""
    content: list[dict[str, Any]] = []
    if item.picture is not None:
        content.append(image_part(item.picture, card.max_pixels, card.square))
    elif card.blank:
        content.append(image_part(blank_image(card.blank)))
    if (text := prompt(item, card)) or not content:
        content.append({"type": "text", "text": text})
    result: list[dict[str, Any]] = [{"role": "user", "content": content}]
    if instruction := system(item, card):
        result.insert(0, {"role": "system", "content": [{"type": "text", "text": instruction}]})
    if card.answer:
        result.append({"role": "assistant", "content": [{"type": "text", "text": ""}]})
    return result

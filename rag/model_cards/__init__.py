"""Model cards: what is known of the models that Octavo can be connected to."""

from pathlib import Path

from octavo.ingest import OctavoError
from octavo.rag.model_cards.card import ModelCard
from octavo.rag.model_cards.embedders import CARDS as EMBEDDERS
from octavo.rag.model_cards.served import CHAT, RERANKERS, ServedCard, find_card

__all__ = ["CHAT", "EMBEDDERS", "RERANKERS", "TEMPLATES", "ModelCard", "ServedCard", "card", "find_card", "is_known"]

TEMPLATES = Path(__file__).with_name("templates")
"""The folder of chat templates that some models need."""


def card(name: str) -> ModelCard:
    """Returns the card of a model by its name, or by the last part of it; raises `OctavoError` where there is none.

    >>> card("/weights/Qwen3-VL-Embedding-2B").name
    'Qwen/Qwen3-VL-Embedding-2B'
    """
    if result := _find_card(name):
        return result
    raise OctavoError(
        f"There is no model card for {name!r}: name the model that it is by OCTAVO_EMBEDDING__CARD, one of those in "
        "docs/guides/models.md, or give a card of your own there as JSON."
    )


def is_known(name: str) -> bool:
    """Returns true if there is a card of an embedding model by this name."""
    return _find_card(name) is not None


def _find_card(name: str) -> ModelCard | None:
    short_name = name.rstrip("/").rpartition("/")[2].lower()
    return next(
        (model_card for model_card in EMBEDDERS if short_name == model_card.name.rpartition("/")[2].lower()), None
    )

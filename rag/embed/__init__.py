"""Embedding: entries and questions as vectors."""

from ..cards import ModelCard, card
from ..settings import ServedEmbeddingOptions, Settings
from .base import EntryEmbedding, Vectors, unit
from .static import StaticEmbedding
from .tokens import TokenEmbedding

__all__ = ["EntryEmbedding", "StaticEmbedding", "TokenEmbedding", "Vectors", "embedding", "unit"]


def embedding(settings: Settings) -> EntryEmbedding:
    """The embedding that the settings select."""
    match settings.embedding:
        case ServedEmbeddingOptions() as options:
            known = options.card if isinstance(options.card, ModelCard) else card(options.card or options.model)
            if known.multi_vector:
                from .served_tokens import ServedTokenEmbedding

                return ServedTokenEmbedding(options, known)
            from .served import ServedEmbedding

            return ServedEmbedding(options, known)
        case _:
            return StaticEmbedding()

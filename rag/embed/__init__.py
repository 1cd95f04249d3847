"""Embedding: entries and questions as vectors."""

from ..cards import ModelCard, card
from ..settings import LocalEmbeddingOptions, ServedEmbeddingOptions, Settings
from .base import EntryEmbedding, Vectors, unit
from .static import StaticEmbedding
from .tokens import TokenEmbedding

__all__ = ["EntryEmbedding", "StaticEmbedding", "TokenEmbedding", "Vectors", "embedding", "unit"]


def embedding(settings: Settings) -> EntryEmbedding:
    """The embedding that the settings select."""
    match settings.embedding:
        case ServedEmbeddingOptions() as options:
            known = _card(options)
            if known.multi_vector:
                from .served_tokens import ServedTokenEmbedding

                return ServedTokenEmbedding(options, known)
            from .served import ServedEmbedding

            return ServedEmbedding(options, known)
        case LocalEmbeddingOptions() as options:
            from .local import LocalEmbedding

            return LocalEmbedding(options, _card(options))
        case _:
            return StaticEmbedding()


def _card(options: ServedEmbeddingOptions | LocalEmbeddingOptions) -> ModelCard:
    return options.card if isinstance(options.card, ModelCard) else card(options.card or options.model)

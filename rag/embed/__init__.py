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
            from .served import ServedEmbedding, ServedTokenEmbedding

            known = _card(options)
            return ServedTokenEmbedding(options, known) if known.multi_vector else ServedEmbedding(options, known)
        case LocalEmbeddingOptions() as options:
            from .local import LocalEmbedding
            from .local_tokens import LocalTokenEmbedding

            known = _card(options)
            return LocalTokenEmbedding(options, known) if known.multi_vector else LocalEmbedding(options, known)
        case _:
            return StaticEmbedding(binary=settings.embedding.binary)


def _card(options: ServedEmbeddingOptions | LocalEmbeddingOptions) -> ModelCard:
    return options.card if isinstance(options.card, ModelCard) else card(options.card or options.model)

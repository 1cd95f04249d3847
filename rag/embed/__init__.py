"""Embedding: entries and questions as vectors."""

from ..settings import ServedEmbeddingOptions, Settings
from .base import EntryEmbedding, Vectors, unit
from .static import StaticEmbedding

__all__ = ["EntryEmbedding", "StaticEmbedding", "Vectors", "embedding", "unit"]


def embedding(settings: Settings) -> EntryEmbedding:
    """The embedding that the settings select."""
    match settings.embedding:
        case ServedEmbeddingOptions() as options:
            from .served import ServedEmbedding

            return ServedEmbedding(options)
        case _:
            return StaticEmbedding()

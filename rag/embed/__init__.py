"""Embedding: entries and questions as vectors."""

from .base import EntryEmbedding, Vectors, unit
from .static import StaticEmbedding

__all__ = ["EntryEmbedding", "StaticEmbedding", "Vectors", "unit"]

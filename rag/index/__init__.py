"""The index: entries of a library, searchable by words (SQLite FTS5) and by vectors (Chroma)."""

from .embedded import model_of, renew
from .index import Index

__all__ = ["Index", "model_of", "renew"]

"""The index: entries of a library, searchable by words (SQLite FTS5) and by vectors (Chroma)."""

from .embedded import renew
from .index import Index

__all__ = ["Index", "renew"]

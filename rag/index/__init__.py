"""The index: entries of a library, searchable by words (SQLite FTS5) and by vectors (Chroma)."""

from octavo.rag.index.embedding import model_of, reembed
from octavo.rag.index.index import Index

__all__ = ["Index", "model_of", "reembed"]

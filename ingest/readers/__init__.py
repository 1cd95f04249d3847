"""From any file to a PDF that the rest of the way reads, with what the format adds (notes, labels, hidden slides)."""

from .find import SUFFIXES, find
from .source import Source, content_id, open

__all__ = ["SUFFIXES", "Source", "content_id", "find", "open"]

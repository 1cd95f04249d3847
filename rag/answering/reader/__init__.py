"""A small extractive reader: whether a passage answers a question, and where."""

from octavo.rag.answering.reader.blocks import Block, blocks
from octavo.rag.answering.reader.model import Reader, Span
from octavo.rag.answering.reader.rows import row_text

__all__ = ["Block", "Reader", "Span", "blocks", "row_text"]

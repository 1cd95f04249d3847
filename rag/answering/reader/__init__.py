"""A small extractive reader: whether a passage answers a question, and where."""

from octavo.rag.answering.reader.blocks import ReaderContext, blocks
from octavo.rag.answering.reader.model import AnswerSpan, Reader
from octavo.rag.answering.reader.rows import row_text

__all__ = ["AnswerSpan", "Reader", "ReaderContext", "blocks", "row_text"]

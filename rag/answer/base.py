"""The answer seam: from a question and its evidence to text with checked citations."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Protocol

from ingest import OctavoError, Page

from ..evidence import Delta, Evidence, Finished


class AnswerError(OctavoError):
    """A model could not be asked; the text names the endpoint and the setting."""


class Pages(Protocol):
    """Where evidence finds its pages: a `Library`, or anything with these two methods."""

    def page(self, document: str, number: int) -> Page:
        """A page with its elements and their lines."""
        ...

    def image(self, image: str) -> bytes:
        """The WebP bytes of a screenshot by its hash."""
        ...


class Answerer(ABC):
    """Writes an answer from evidence. `model` is the name of the model that writes, empty where none does."""

    model: str = ""

    @abstractmethod
    def stream(self, question: str, evidence: Sequence[Evidence]) -> Iterator[Delta | Finished]:
        """The answer in pieces, then whole. `evidence` is numbered from 1 in its order, and is never empty."""

"""The answer seam: from a question and its evidence to text with checked citations."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass

from octavo.ingest.store.documents import DocumentInfo
from octavo.rag.clients.errors import EndpointError
from octavo.rag.evidence import Answer, Delta, Evidence, Finished, Step
from octavo.rag.query.question import Query


class AnswerError(EndpointError):
    """A model could not be asked; the text names the endpoint and the setting."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """A source of further evidence for a question.

    `search` finds entries for other words, best first, none where nothing reaches the threshold; `pages` is the
    inclusive 0-based (first, last) outside of which no page may be opened, `None` for all.
    """

    search: Callable[[str], Sequence[Evidence]]
    pages: tuple[int, int] | None = None


class Answerer(ABC):
    """Writes an answer from evidence. `model` is the name of the model that writes, empty where none does."""

    model: str = ""

    @abstractmethod
    def stream(
        self, question: str, evidence: Sequence[Evidence], picture: bytes | None = None
    ) -> Iterator[Delta | Finished]:
        """Yields the answer in pieces, then whole. `evidence` is numbered from 1 in its order, and is never empty.

        `picture` is the file of a picture that belongs to the question, which may be empty then.
        """

    def choose_given(self, question: str, evidence: Sequence[Evidence]) -> list[Evidence]:
        """Returns the evidence, of what the asker gives, that an answer may rest on; by default, all."""
        return list(evidence)

    def gather(
        self, question: str, evidence: Sequence[Evidence], lookup: Lookup, picture: bytes | None = None
    ) -> Generator[Step, None, tuple[Evidence, ...]]:
        """Looks for further evidence, step by step; returns what the answer will rest on.

        `evidence` may be empty. An answerer that takes no steps returns it as it is.
        """
        yield from ()
        return tuple(evidence)

    def consider(
        self, query: Query, candidates: Sequence[Evidence], documents: Sequence[DocumentInfo], threshold: float, k: int
    ) -> Answer | None:
        """Returns an answer, or an abstention, from all that was looked at (best first) and the `documents` in scope.

        `documents` may be loaded when they are first used, so use them only where the answer needs them.

        `None` where the answerer leaves it to the threshold whether there is an answer. `k` bounds the evidence.
        """
        return None

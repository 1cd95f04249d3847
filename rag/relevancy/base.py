"""The protocol of relevancy scorers: the probability that an entry answers a question."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from octavo.rag.entry import Entry
from octavo.rag.query.question import Query


class RelevancyScorer(ABC):
    """Gives each (question, entry) a relevancy score that means a probability.

    The score plays the part of RAG-Check's RS (arXiv 2501.03995): candidates are ordered by it, and those under a
    threshold are dropped, so that a question gets up to k entries, perhaps none (adaptive up-to-k, 2501.04695).
    """

    name: str
    compares: bool = False
    """True where the score of an entry depends on the other ones that it is scored with."""

    @abstractmethod
    def scores(self, query: Query, entries: Sequence[Entry], first_pass: Sequence[float] = ()) -> list[float]:
        """Returns one score in [0, 1] for each of `entries`, in their order. Entries are candidates of one level.

        `first_pass` are their scores in the first pass, where there was one; a scorer need not use them.
        """

"""The result of retrieval: an entry with a score."""

from __future__ import annotations

from dataclasses import dataclass

from octavo.rag.entry import Entry
from octavo.rag.evidence import Evidence, PageRef


@dataclass(frozen=True, slots=True)
class ScoredEntry:
    """An entry that was found for a query, with the `name` and `title` of its document.

    `score` is that of the first pass (higher is better) until a reranker replaces it by a relevancy score in [0, 1].
    `copies` are the pages on which copies of it stand.
    """

    entry: Entry
    score: float
    name: str
    title: str
    copies: tuple[PageRef, ...] = ()

    def as_evidence(self) -> Evidence:
        """Returns the candidate as evidence; its score is then a relevancy score."""
        entry = self.entry
        return Evidence(
            id=entry.id,
            level=entry.level,
            document=entry.document,
            name=self.name,
            title=self.title,
            page=entry.page,
            heading=entry.heading,
            text=entry.text,
            regions=entry.regions,
            score=self.score,
            kind=entry.kind,
            copies=self.copies,
        )

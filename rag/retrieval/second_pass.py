"""The second pass: the document that comes first is searched once more by itself.

Across documents, terms weigh by how rare they are in all of them, and a candidate is compared with those of the others.
By itself, a document's own subject tells none of its pages from the others.
"""

from __future__ import annotations

from collections.abc import Sequence

from octavo.rag.retrieval.candidate import ScoredEntry

FIRST = 5
"""The best candidates that are all of one document, where it comes first: so none of another one is pushed out."""


def leading_document(ranked: Sequence[ScoredEntry]) -> str | None:
    """Returns the one document of the first candidates; `None` if they have several, or the others have the same."""
    first = {c.entry.document for c in ranked[:FIRST]}
    if len(ranked) <= FIRST or len(first) > 1 or all(c.entry.document in first for c in ranked):
        return None
    return first.pop()


def merged(ranked: Sequence[ScoredEntry], alone: Sequence[ScoredEntry], document: str) -> list[ScoredEntry]:
    """Returns ranked candidates, best first, with those that were found in one document `alone` in its place."""
    others = [c for c in ranked if c.entry.document != document]
    return sorted([*alone, *others], key=lambda c: -c.score)

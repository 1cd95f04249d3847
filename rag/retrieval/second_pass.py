"""The second pass: the document that comes first is searched once more by itself.

Across documents, terms weigh by how rare they are in all of them, and a candidate is compared with those of the others.
By itself, a document's own subject tells none of its pages from the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from operator import itemgetter

from octavo.rag.retrieval.candidate import Candidate

FIRST, LEAST = 5, 4
"""A document comes first where it has at least so many, the second number, of the best candidates.

With fewer, what a question over several documents asks for would be pushed out.
"""


def leading_document(ranked: Sequence[Candidate]) -> str | None:
    """Returns the id of the document that the best candidates are of, `None` where there is none, or no other one."""
    counts = Counter(c.entry.document for c in ranked[:FIRST])
    document, count = max(counts.items(), key=itemgetter(1), default=("", 0))
    if count < LEAST or all(c.entry.document == document for c in ranked):
        return None
    return document


def merged(ranked: Sequence[Candidate], alone: Sequence[Candidate], document: str) -> list[Candidate]:
    """Returns ranked candidates, best first, with those that were found in one document `alone` in its place."""
    others = [c for c in ranked if c.entry.document != document]
    return sorted([*alone, *others], key=lambda c: -c.score)

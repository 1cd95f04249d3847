"""The same documents give the same ranking and scores, in whatever order they were read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from octavo.ingest.store.library import Library
from octavo.rag import Level
from octavo.rag.index import Index
from octavo.rag.query.question import parse_query
from octavo.rag.relevancy import MatchScorer, Reranker
from octavo.rag.retrieval.retriever import Retriever
from tests.rag import made

TEXTS = (
    ("Revenue grew by 12% in 2018.", "The dome opened in 2017.", "Revenue fell in 2019."),
    ("Revenue grew by 12% in 2018.", "Windmills turn.", "The mirror was polished."),  # a page as in the first
    ("The harbour opened in 2017.", "Ferries cross the bay.", "Revenue of the ferries grew."),
)


def ranked(folder: Path, order: Sequence[int], question: str, level: Level) -> list[tuple[str, float]]:
    with Library(folder) as library:
        index = Index(library, made.HashEmbedding())
        for n in order:
            document = made.document(library, f"{n}.pdf", *TEXTS[n], seed=n)
            index.add(document, f"/made/{n}.pdf")
        if len(order) > len(TEXTS):  # one that was read twice and moved to the end
            document = made.document(library, f"{order[0]}.pdf", *TEXTS[order[0]], seed=order[0])
            index.add(document, f"/made/{order[0]}.pdf", replace=True)
        query = parse_query(question)
        candidates = Retriever(index, level).retrieve(query)
        result = [(c.entry.id, c.score) for c in Reranker(MatchScorer(index)).rank(query, candidates)]
        index.close()
        return result


@pytest.mark.parametrize("level", [Level.PAGE, Level.ELEMENT, Level.CHUNK])
@pytest.mark.parametrize("question", ["How did revenue grow?", "What opened in 2017?", "windmills"])
def test_order_of_reading_changes_no_digit(tmp_path: Path, question: str, level: Level) -> None:
    first = ranked(tmp_path / "a", (0, 1, 2), question, level)
    assert len(first) >= 9
    assert ranked(tmp_path / "b", (2, 1, 0), question, level) == first
    assert ranked(tmp_path / "c", (1, 0, 2, 1), question, level) == first

"""The sparse index: BM25 as SQLite's FTS5 computes it, also after documents came and went."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from octavo.ingest.store.library import Library
from octavo.rag.entry import EVERYWHERE, Hits, Level
from octavo.rag.index import Index
from octavo.rag.index.bm25 import Bm25Index
from octavo.rag.query.analysis import terms
from tests.rag import made
from tests.rag.made import HashEmbedding

TEXTS = ("the mirror of the dome", "revenue grew, and revenue grew again", "the dome opened", "windmills", "a mirror")


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with Library(tmp_path / "library") as library:
        opened = Index(library, HashEmbedding())
        for n in range(5):
            texts = [*TEXTS[n:], *TEXTS[:n]][: n + 1]
            opened.add(made.document(library, f"{n}.pdf", *texts), f"/{n}")
        yield opened
        opened.close()


def as_fts5_ranks(library: Library, words: list[str], level: Level) -> Hits:
    """What `bm25()` says, by score and then by id."""
    query = " OR ".join(f'"{word}"' for word in words)
    rows = library.connection.execute(
        f"SELECT e.id, -bm25({level}_words, 2.0, 1.0) FROM {level}_words w JOIN entries e ON e.rowid = w.rowid"
        f" WHERE {level}_words MATCH ?",
        (query,),
    )
    return sorted(rows.fetchall(), key=lambda hit: (-hit[1], hit[0]))


@pytest.mark.parametrize("level", [Level.PAGE, Level.ELEMENT, Level.CHUNK])
def test_scores_are_those_of_fts5(index: Index, level: Level) -> None:
    sparse = Bm25Index(index.library)
    words = terms("the dome's mirror and the revenue of windmills", stop_words=False)

    def compare() -> None:
        expected = as_fts5_ranks(index.library, words, level)
        found = sparse.search(words, level, 100, EVERYWHERE)
        assert [i for i, _ in found] == [i for i, _ in expected]
        assert [s for _, s in found] == pytest.approx([s for _, s in expected], rel=1e-12)
        assert sparse.search(words, level, 3, EVERYWHERE) == found[:3]
        (count,) = index.library.connection.execute(
            "SELECT count(*) FROM entries WHERE level = ?", (str(level),)
        ).fetchone()
        assert sparse.size(level) == count

    compare()
    index.add(made.document(index.library, "more.pdf", "a mirror polished", "revenue", "revenue of the dome"), "/more")
    compare()
    index.remove(index.library.find("3.pdf").id)
    compare()
    for name in ("0.pdf", "1.pdf", "2.pdf"):
        index.remove(index.library.find(name).id)
    compare()  # so many went that lengths are read again


def test_pages_with_a_term_are_counted_by_document(index: Index) -> None:
    library = index.library
    sparse = Bm25Index(library)
    held = {library.info(d).name: n for d, n in sparse.pages_with("mirror").items()}
    assert held == {"0.pdf": 1, "2.pdf": 1, "3.pdf": 2, "4.pdf": 2}
    assert sparse.pages_with("unheard") == {}
    index.remove(library.find("3.pdf").id)
    assert sum(sparse.pages_with("mirror").values()) == sparse.frequency("mirror", Level.PAGE) == 4


def test_postings_that_were_not_searched_for_longest_go_first(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    sparse = Bm25Index(index.library)
    read: list[str] = []
    from octavo.rag.index.store import words

    original = words.postings

    def counted(connection: sqlite3.Connection, level: Level, term: str) -> object:
        read.append(term)
        return original(connection, level, term)

    monkeypatch.setattr(words, "postings", counted)
    monkeypatch.setattr("octavo.rag.index.bm25.KEPT_POSTINGS", 12)
    for term in ("mirror", "dome", "mirror", "revenu", "mirror", "dome"):
        sparse.search([term], Level.PAGE, 5, EVERYWHERE)
    assert read == ["mirror", "dome", "revenu", "dome"]

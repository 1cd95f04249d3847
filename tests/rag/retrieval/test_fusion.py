"""How rankings are fused, pinned on small tables of what words and vectors find."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from octavo.ingest import Box, Region
from octavo.rag.entry import EVERYWHERE, Entry, EntryId, Level, Scope
from octavo.rag.query.question import parse_query
from octavo.rag.retrieval.retriever import Retriever

Hits = list[tuple[str, float]]


class Tables:
    """An index of tables: what is found by words, by page vectors, by element vectors, and named."""

    def __init__(
        self,
        words: Sequence[str] = (),
        pages: Sequence[str] = (),
        elements: Sequence[str] = (),
        named: dict[str, float] | None = None,
        about: dict[str, float] | None = None,
        documents: Sequence[str] = (),
        agreements: dict[str, float] | None = None,
    ) -> None:
        self._words, self._nearest = words, {Level.PAGE: pages, Level.ELEMENT: elements}
        self._named, self._about, self._documents = named or {}, about or {}, documents
        self._agreements = agreements or {}
        self.asked: list[tuple[str, Any, int]] = []
        self.library = SimpleNamespace(names=lambda ids: {document: (f"{document}.pdf", "") for document in ids})

    def stem_languages(self) -> tuple[str, ...]:
        return ("en",)

    def words(self, terms: Any, level: Level, k: int, scope: Scope) -> Hits:
        return self._hits("words", self._words, k, scope)

    def nearest(self, question: str, level: Level, k: int, scope: Scope, picture: bytes | None) -> Hits:
        return self._hits(str(level), self._nearest[level], k, scope)

    def query_vector(self, question: str, picture: bytes | None) -> str:
        return question

    def vectors(self, vector: str, level: Level, k: int, scope: Scope) -> Hits:
        assert (vector, level) == ("x", Level.DOCUMENT)
        return self._hits("documents", self._documents, k, scope)

    def _hits(self, kind: str, ids: Sequence[str], k: int, scope: Scope) -> Hits:
        self.asked.append((kind, scope.documents, k))
        return [(i, 1.0) for i in ids if scope.documents is None or EntryId(i).document in scope.documents][:k]

    def named_entries(self, query: Any, documents: Any) -> dict[str, float]:
        return self._named

    def affinities(self, names: Any, years: Any) -> dict[str, float]:
        return self._about

    def agreements(self, query: Any, documents: Sequence[str]) -> dict[str, float]:
        return {document: agreement for document, agreement in self._agreements.items() if document in documents}

    def entries(self, ids: list[str]) -> list[Entry]:
        return [entry(i) for i in ids]

    def entries_on(self, pages: list[str], level: Level) -> list[Entry]:
        return [entry(f"{page}/e0") for page in pages]


def entry(identity: str) -> Entry:
    place = EntryId(identity)
    page = place.numbers[0] if place.numbers else 0
    return Entry(identity, place.level, place.document, page, 0, None, "", "", (Region(page, Box(0, 0, 1, 1)),))


def pages(tables: Tables, scope: Scope = EVERYWHERE, candidates: int = 60) -> dict[str, float]:
    index: Any = tables
    return {str(k): v for k, v in Retriever(index, scope=scope, candidates=candidates).pages(parse_query("x")).items()}


def test_reciprocal_ranks_of_three_rankings_are_added_up() -> None:
    found = pages(Tables(words=["a/p0", "a/p1"], pages=["a/p1"], elements=["a/p1/e4", "a/p0/e2", "a/p1/e9"]))
    assert found == {
        "a/p1": pytest.approx(1 / 62 + 1 / 61 + 1 / 61),
        "a/p0": pytest.approx(1 / 61 + 1 / 62),
    }


def test_the_nearest_documents_have_their_pages_ranked_once_more() -> None:
    index: Any = Tables(words=["a/p0", "b/p0"], documents=["b", "c", "a"])
    found = Retriever(index, documents=1).pages(parse_query("x"))
    assert found == {"b/p0": pytest.approx(1 / 62 + 1 / 61), "a/p0": pytest.approx(1 / 61)}
    assert Retriever(index, documents=3).pages(parse_query("x")) == Retriever(index).pages(parse_query("x")), "all"


def test_ties_are_in_the_order_of_documents_and_pages() -> None:
    assert list(pages(Tables(words=["b/p0"], pages=["a/p10"], elements=["a/p9/e0"]))) == ["a/p9", "a/p10", "b/p0"]


def test_a_page_that_is_named_gains_as_much_as_certainty_says() -> None:
    found = pages(Tables(words=["a/p0"], named={"a/p0": 1.0, "a/p7": 2.0}))
    assert found == {"a/p7": pytest.approx(2 / 60), "a/p0": pytest.approx(1 / 61 + 1 / 60)}


def test_sixty_pages_are_candidates_where_nothing_else_is_said() -> None:
    index: Any = Tables(words=[f"a/p{n}" for n in range(70)])
    assert len(Retriever(index).pages(parse_query("x"))) == 60


def test_candidates_bound_the_pages_and_what_is_asked_for() -> None:
    tables = Tables(words=[f"a/p{n}" for n in range(9)], pages=["a/p0"])
    assert len(pages(tables, candidates=5)) == 5
    assert tables.asked == [("words", None, 5), ("page", None, 5), ("element", None, 10)]


@pytest.mark.parametrize(
    ("about", "named"),
    [
        ({"a": 0.5, "b": 0.3}, ("a",)),
        ({"a": 0.49, "b": 0.3}, ()),
        ({"a": 1.0, "b": 0.8}, ("a", "b")),
        ({"a": 1.0, "b": 0.79}, ("a",)),
        ({"a": 0.6, "b": 0.5}, ("a", "b")),
        ({}, ()),
        ({f"d{n}": 1.0 for n in range(20)}, tuple(f"d{n}" for n in range(20))),
        ({f"d{n}": 1.0 for n in range(21)}, ()),
    ],
)
def test_documents_that_are_named_are_ranked_once_more(about: dict[str, float], named: tuple[str, ...]) -> None:
    tables = Tables(about=about)
    pages(tables)
    again = [(kind, documents) for kind, documents, _ in tables.asked[3:]]
    assert again == ([("words", named), ("page", named)] if named else [])


def test_of_the_documents_of_a_name_those_of_the_period_are_ranked_once_more() -> None:
    tables = Tables(about={"a": 1.0, "b": 0.9, "c": 0.9, "d": 0.1}, agreements={"a": 0.5, "b": 1.0, "c": 1.0, "d": 1.0})
    pages(tables)
    assert [documents for _, documents, _ in tables.asked[3:]] == [("b", "c")] * 2


def test_of_documents_in_scope_only() -> None:
    tables = Tables(about={"a": 1.0, "c": 1.0})
    pages(tables, Scope(documents=("a", "b")))
    assert [documents for _, documents, _ in tables.asked] == [("a", "b")] * 3 + [("a",)] * 2
    alone = Tables(about={"a": 1.0})
    pages(alone, Scope(documents=("a",)))
    assert len(alone.asked) == 3  # within one document names tell nothing


@pytest.mark.parametrize(("candidates", "taken"), [(60, 20), (36, 12), (27, 10), (6, 6)])
def test_elements_come_from_a_third_of_the_pages_and_ten_at_least(candidates: int, taken: int) -> None:
    index: Any = Tables(words=[f"a/p{n}" for n in range(60)])
    found = Retriever(index, Level.ELEMENT, candidates=candidates).retrieve(parse_query("x"))
    assert [c.entry.id for c in found] == [f"a/p{n}/e0" for n in range(taken)]
    assert found[0].score == pytest.approx(1 / 61)


def test_documents_have_the_score_of_their_best_page() -> None:
    index: Any = Tables(words=["b/p3", "a/p0", "b/p1"])
    found = Retriever(index, Level.DOCUMENT).retrieve(parse_query("x"))
    assert [(c.entry.id, c.name) for c in found] == [("b", "b.pdf"), ("a", "a.pdf")]
    assert [c.score for c in found] == pytest.approx([1 / 61, 1 / 62])

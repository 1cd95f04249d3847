"""The first pass: pages by words and by vectors, named ones always, finer levels from the best pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from octavo.ingest import Chunk
from octavo.ingest.store.library import Library
from octavo.rag import Level, Scope
from octavo.rag.entry import EntryId
from octavo.rag.index import Index
from octavo.rag.query.question import parse_query
from octavo.rag.retrieval.retriever import Retriever
from tests.rag import made

TEXTS = tuple(f"Chapter {n} speaks of {word}." for n, word in enumerate(("domes", "mirrors", "bolts", "ferries") * 3))


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    """A library of two documents of twelve pages."""
    with Library(tmp_path / "library") as library:
        index = Index(library, made.HashEmbedding())
        with index.writing():
            for name in ("one.pdf", "two.pdf"):
                index.add(made.document(library, name, *TEXTS, seed=len(name)), f"/made/{name}")
        yield index
        index.close()


def test_pages_by_words_and_vectors_come_first(index: Index) -> None:
    found = Retriever(index, candidates=8).retrieve(parse_query("bolts"))
    assert len(found) == 8
    assert [node.score for node in found] == sorted((node.score for node in found), reverse=True)
    assert {node.entry.page % 4 for node in found[:6]} == {2}


@pytest.mark.parametrize(("question", "page"), [("What is on page 8?", 7), ("Tell me of the last slide", 11)])
def test_a_page_that_is_named_is_among_the_candidates(index: Index, question: str, page: int) -> None:
    pages = Retriever(index, candidates=5).pages(parse_query(question))
    assert sum(key.endswith(f"/p{page}") for key in pages) == 2


@pytest.mark.parametrize("level", list(Level))
def test_every_level_keeps_to_its_scope(index: Index, level: Level) -> None:
    document = index.library.find("two.pdf").id
    scope = Scope(documents=(document,), pages=(4, 7))
    found = [n.as_evidence() for n in Retriever(index, level, scope).retrieve(parse_query("mirrors and bolts"))]
    assert found
    assert {(hit.document, hit.level, hit.name) for hit in found} == {(document, level, "two.pdf")}
    if level in (Level.PAGE, Level.ELEMENT):
        assert {hit.page for hit in found} <= {4, 5, 6, 7}


@pytest.mark.parametrize(("vector", "first"), [("mean", "near.pdf"), ("weighted", "mixed.pdf")])
def test_pages_of_the_nearest_document_are_ranked_by_themselves(
    index: Index, vector: Literal["mean", "weighted"], first: str
) -> None:
    """One chunk of a mixed document says just what is asked; all of another come near."""
    others = [f"{word} " * 150 for word in ("Granite", "Lanterns", "Orchards", "Ropes", "Violins")]
    with index.writing():
        index.add(made.document(index.library, "mixed.pdf", "Walruses " * 150, *others, seed=7), "/made/mixed.pdf")
        near = made.document(index.library, "near.pdf", "Walruses and herring " * 60, seed=8)
        index.add(near, "/made/near.pdf")
    query = parse_query("walruses")
    plain = Retriever(index).pages(query)
    pages = Retriever(index, documents=1, document_vector=vector).pages(query)
    raised = {page.document for page, score in pages.items() if score > plain.get(page, 0.0)}
    assert raised == {index.library.find(first).id}


def test_a_chunk_that_passes_over_a_page_does_not_stand_on_it(index: Index) -> None:
    document = made.document(index.library, "three.pdf", "Harbour cranes.", "Lanterns.", "Harbour ropes.")
    ends = (document.chunks[0].regions[0], document.chunks[2].regions[0])
    split = replace(document, chunks=(Chunk(0, "Harbour", "Cranes and ropes.", ends),))
    index.add(split, "/made/three.pdf")
    scope = Scope(documents=(document.id,))
    assert Retriever(index, Level.CHUNK, replace(scope, pages=(1, 1))).retrieve(parse_query("lanterns")) == []
    assert [n.entry.page for n in Retriever(index, Level.CHUNK, scope).retrieve(parse_query("harbour"))] == [0]


def test_finer_entries_stand_on_the_best_pages(index: Index) -> None:
    best = set(list(Retriever(index).pages(parse_query("ferries")))[:6])
    elements = Retriever(index, Level.ELEMENT, candidates=5).retrieve(parse_query("ferries"))
    assert {f"{n.entry.document}/p{n.entry.page}" for n in elements[:6]} <= best


def test_an_empty_library_has_no_candidates(tmp_path: Path) -> None:
    with Library(tmp_path / "empty") as library:
        index = Index(library, made.HashEmbedding())
        assert all(Retriever(index, level).retrieve(parse_query("anything on page 3")) == [] for level in Level)
        index.close()


def test_the_score_is_the_sum_of_reciprocal_ranks(tmp_path: Path) -> None:
    """First by words, by page vectors and by element vectors: 3 / (60 + 1); a page that is named adds 2 / 60."""
    with Library(tmp_path / "one") as library:
        index = Index(library, made.HashEmbedding())
        document = made.document(library, "one.pdf", "Lanterns glow.", "Cranes lift.")
        index.add(document, "/made/one.pdf")
        best, second = Retriever(index).pages(parse_query("lanterns")).items()
        assert best == (f"{document.id}/p0", pytest.approx(3 / 61))
        assert second[1] == pytest.approx(2 / 62)  # vectors alone rank it
        named = Retriever(index).pages(parse_query("lanterns on page 2"))
        assert named[EntryId(f"{document.id}/p1")] - second[1] == pytest.approx(2 / 60)
        index.close()


def test_a_document_that_is_named_is_ranked_once_more_for_itself(tmp_path: Path) -> None:
    with Library(tmp_path / "many") as library:
        index = Index(library, made.HashEmbedding())
        for name in ("Acme", "Borealis", "Corvid"):
            document = made.document(library, f"{name}.pdf", *(f"{name} sold {n} lamps." for n in range(4)))
            index.add(document, f"/made/{name}.pdf")
        pages = Retriever(index).pages(parse_query("How many lamps has Acme sold?"))
        acme = library.find("Acme.pdf").id
        assert [page.document for page in list(pages)[:4]] == [acme] * 4
        others = [score for page, score in pages.items() if page.document != acme]
        assert min(score for page, score in pages.items() if page.document == acme) > max(others) + 1 / 65
        index.close()


def test_vectors_of_pages_and_of_elements_are_both_asked(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Level, int]] = []
    nearest = index.nearest

    def noted(question: str, level: Level, k: int, *rest: object) -> list[tuple[str, float]]:
        asked.append((level, k))
        return nearest(question, level, k)

    monkeypatch.setattr(index, "nearest", noted)
    Retriever(index, candidates=8).pages(parse_query("bolts"))
    assert asked == [(Level.PAGE, 8), (Level.ELEMENT, 16)]


def test_elements_come_from_a_third_of_the_candidate_pages_and_those_that_lead_by_words(tmp_path: Path) -> None:
    with Library(tmp_path / "long") as library:
        index = Index(library, made.HashEmbedding())
        document = made.document(library, "long.pdf", *(f"Lantern number {n}." for n in range(40)))
        index.add(document, "/made/long.pdf")
        for candidates, pages in ((36, 13), (6, 6)):
            found = Retriever(index, Level.ELEMENT, candidates=candidates).retrieve(parse_query("lantern"))
            assert len({candidate.entry.page for candidate in found}) == pages
        index.close()

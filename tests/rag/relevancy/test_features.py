"""Match features, each pinned on small pages."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from octavo.ingest.store.library import Library
from octavo.rag import Entry, EntryId, Level
from octavo.rag.index import Index
from octavo.rag.query.question import parse_query
from octavo.rag.relevancy.features import match_features
from octavo.rag.relevancy.parameters import load_parameters
from tests.rag import made

FUSION = load_parameters().fusion
PAGES = (
    "The copper mirror was polished in spring.",
    "Copper was mined here. Much later and far away from it all a mirror broke.",
    "Ferries cross the bay; Figure 4 shows them.",
    "Nothing of note.",
    "Note the note of notes.",
)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with Library(tmp_path / "library") as library:
        opened = Index(library, made.HashEmbedding())
        document = made.document(library, "a.pdf", *PAGES)
        opened.add(document, "/made/a.pdf")
        yield opened
        opened.close()


def pages(index: Index) -> list[Entry]:
    (info,) = index.library.documents()
    return index.entries([f"{info.id}/p{n}" for n in range(len(PAGES))])


def column(index: Index, question: str, name: str, first_pass: tuple[float, ...] = ()) -> list[float]:
    columns = match_features(parse_query(question), pages(index), index, FUSION, first_pass)
    values: list[float] = columns[name].round(4).tolist()
    return values


def test_neighboring_terms_count_where_they_stand_within_three_terms(index: Index) -> None:
    assert column(index, "copper mirror", "pairs") == [1.0, 0.0, 0.0, 0.0, 0.0]
    assert column(index, "copper", "pairs") == [0.5] * 5  # no pair to look for


def test_a_window_counts_each_term_once(index: Index) -> None:
    window = column(index, "copper mirror", "window")
    assert window[:2] == [1.0, 1.0]
    assert window[2:] == [0.0, 0.0, 0.0]
    single = column(index, "copper ferries", "window")
    assert 0 < single[0] < 1
    assert single[0] == single[1]
    repeated = column(index, "note bay", "window")
    assert repeated[4] == repeated[3]  # said three times or once


def test_a_figure_or_a_page_that_is_named(index: Index) -> None:
    assert column(index, "What does Figure 4 show?", "named") == [0.0, 0.0, 1.0, 0.0, 0.0]
    assert column(index, "What stands on page 4?", "named") == [0.0, 0.0, 0.0, 1.0, 0.0]


def test_similarity_is_the_best_of_a_page_and_what_stands_on_it(index: Index) -> None:
    vector = index.embedding.embed_question("ferries bay")
    expected = index.similarities(vector, [page.id for page in pages(index)])
    assert column(index, "ferries bay", "similarity") == [round(value, 4) for value in expected.values()]
    assert int(np.argmax(list(expected.values()))) == 2


def test_the_lead_is_the_distance_to_the_best_in_fifths(index: Index) -> None:
    fused, lead = column(index, "copper mirror", "fused"), column(index, "copper mirror", "margin")
    assert max(lead) == 0
    assert lead == pytest.approx([(value - max(fused)) / 5 for value in fused], abs=1e-3)


def test_the_first_pass_is_part_of_what_is_fused(index: Index) -> None:
    plain = column(index, "copper mirror", "fused")
    helped = column(index, "copper mirror", "fused", first_pass=(0.0, 0.0, 0.0, 0.05, 0.0))
    assert helped[3] > plain[3] + 1


def test_numbers_are_the_share_of_those_asked_for(index: Index) -> None:
    assert column(index, "Was 4 or 9 shown?", "numbers") == [0.0, 0.0, 0.5, 0.0, 0.5]  # the last is headed Page 4
    assert column(index, "Was it shown?", "numbers") == [0.5] * 5


def test_entries_of_another_document_than_the_one_named_score_lower(tmp_path: Path) -> None:
    with Library(tmp_path / "two") as library:
        index = Index(library, made.HashEmbedding())
        for name, company in (("a.pdf", "Acme"), ("b.pdf", "Borealis")):
            texts = [f"{company} earned {n} million." for n in range(4)]
            document = made.document(library, name, *texts)
            index.add(document, f"/made/{name}")
        entries = [index.entries([f"{info.id}/p0"])[0] for info in library.documents()]
        values = match_features(parse_query("What did Acme earn?"), entries, index, FUSION)["document"]
        assert values[0] == 0
        assert values[1] == pytest.approx(-1.0)
        index.close()


def test_entries_of_a_document_of_another_period_score_lower(tmp_path: Path) -> None:
    with Library(tmp_path / "two") as library:
        index = Index(library, made.HashEmbedding())
        names = ("2022 Q3 Acme.pdf", "2023 Q3 Acme.pdf")
        for name in names:
            index.add(made.document(library, name, f"Acme earned {name} million."), f"/made/{name}")
        entries = [index.entries([f"{library.find(name).id}/p0"])[0] for name in names]
        for question, expected in (("Q3 2022?", [0, -0.5]), ("in 2023?", [-1, 0]), ("Acme?", [0, 0])):
            values = match_features(parse_query(question), entries, index, FUSION)["period"]
            assert values.tolist() == expected
        index.close()


def test_every_feature_is_finite_for_odd_questions(index: Index) -> None:
    for question in ("", "???", "of the and", "4 4 4 4"):
        columns = match_features(parse_query(question), pages(index), index, FUSION)
        assert all(np.isfinite(column).all() for column in columns.values())
    assert match_features(parse_query("x"), [], index, FUSION) == {}
    assert {entry.level for entry in pages(index)} == {Level.PAGE}
    assert math.isfinite(sum(column(index, "copper", "bm25")))


def test_a_candidate_alone_has_all_features(index: Index) -> None:
    (info,) = index.library.documents()
    page, element = (index.entries([f"{info.id}/{place}"]) for place in ("p0", "p0/e1"))
    alone = match_features(parse_query("copper mirror"), page, index, FUSION)
    assert alone["window"].tolist() == [1.0]
    assert alone["margin"].tolist() == [0.0]
    assert "area" not in alone
    area = match_features(parse_query("copper mirror"), element, index, FUSION)["area"]
    assert area.tolist() == pytest.approx([math.log1p(500 * 100) / 10])


def test_an_entry_of_another_origin_is_compared_by_its_words(index: Index) -> None:
    foreign = Entry(EntryId("elsewhere"), Level.PAGE, "other", 0, 0, None, "Mirrors", "A copper mirror.", ())
    columns = match_features(parse_query("copper mirror"), [foreign], index, FUSION)
    assert columns["similarity"].tolist() == [0.0]
    assert columns["window"].tolist() == [1.0]
    assert 0 < columns["heading"][0] < 1

"""From page to element: what counts in an element's score beside its words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from octavo.ingest import Box, Kind, Region
from octavo.ingest.store.library import Library
from octavo.rag import Entry, EntryId, Level
from octavo.rag.index import Index
from octavo.rag.query.question import parse_query
from octavo.rag.relevancy import MatchScorer
from octavo.rag.relevancy.cascade import element_logits
from octavo.rag.relevancy.parameters import Cascade, load_parameters
from tests.rag import made

PAGE = Entry("d/p0", Level.PAGE, "d", 0, 0, None, "", "", (Region(0, Box(0, 0, 100, 100)),))


def element(kind: Kind, side: float = 50) -> Entry:
    return Entry("d/p0/e0", Level.ELEMENT, "d", 0, 0, kind, "", "", (Region(0, Box(0, 0, side, side), 0),))


def logit(entry: Entry, question: str = "How much?", above: float = 0.0, own: float = 0.0, **weights: float) -> float:
    cascade = load_parameters().cascade.model_copy(update=weights)
    return float(element_logits(cascade, parse_query(question), [entry], [PAGE], np.array([above]), np.array([own]))[0])


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (logit(element(Kind.TEXT), above=1), logit(element(Kind.TEXT), above=0)),
        (logit(element(Kind.TEXT), own=1), logit(element(Kind.TEXT), own=0)),
        (logit(element(Kind.TABLE)), logit(element(Kind.TEXT))),
        (logit(element(Kind.TEXT, 60)), logit(element(Kind.TEXT, 30))),
        (
            logit(element(Kind.CHART), "What says the chart?"),
            logit(element(Kind.TABLE), "What says the chart?"),
        ),
    ],
    ids=["page", "own", "picture", "size", "asked"],
)
def test_each_part_counts(better: float, worse: float) -> None:
    assert better > worse


def test_a_very_good_element_of_a_poor_page_passes_a_poor_one_of_a_good_page() -> None:
    assert logit(element(Kind.TEXT), above=0, own=4) > logit(element(Kind.TEXT), above=1, own=0)


def test_a_weight_of_zero_leaves_a_part_out() -> None:
    assert logit(element(Kind.TABLE), picture=0) == logit(element(Kind.TEXT), picture=0)


def test_an_element_without_extent_has_a_finite_score() -> None:
    assert -20 < logit(element(Kind.TEXT, 0)) < 0


def test_the_log_odds_of_an_element_are_the_weighted_sum_of_its_parts() -> None:
    cascade = Cascade(page=2, own=3, picture=5, asked=7, size=11, smallest=1e-4, bias=13)
    elements, query = [element(Kind.CHART), element(Kind.TEXT)], parse_query("What says the chart?")
    chart, text = element_logits(cascade, query, elements, [PAGE, PAGE], np.array([0.5, 0.5]), np.array([0.25, 0.0]))
    assert chart == pytest.approx(13 + 2 * 0.5 + 3 * 0.25 + 5 + 7 + 11 * np.log(0.25))
    assert text == pytest.approx(13 + 2 * 0.5 + 11 * np.log(0.25))


def test_an_element_takes_at_least_a_ten_thousandth_of_its_page() -> None:
    least, whole = logit(element(Kind.TEXT, 0), size=1.0), logit(element(Kind.TEXT, 100), size=1.0)
    assert least - whole == pytest.approx(np.log(1e-4))


def test_a_page_without_area_is_no_division_by_zero() -> None:
    empty = Entry("d/p0", Level.PAGE, "d", 0, 0, None, "", "", (Region(0, Box(0, 0, 0, 0)),))
    cascade = load_parameters().cascade.model_copy(update={"size": 1.0})
    parts = parse_query("How much?"), [element(Kind.TEXT, 50)], [empty], np.zeros(1), np.zeros(1)
    assert float(element_logits(cascade, *parts)[0]) == pytest.approx(cascade.bias + np.log(2500.0))


def test_elements_of_a_document_of_another_period_fall_behind(tmp_path: Path) -> None:
    names = ("2022 Q3 Acme.pdf", "2023 Q3 Acme.pdf")
    with Library(tmp_path / "two") as library:
        index = Index(library, made.HashEmbedding())
        for name in names:
            index.add(made.document(library, name, "Acme earned 7 million."), f"/made/{name}")
        entries = [index.entries([EntryId(f"{library.find(name).id}/p0/e1")])[0] for name in names]
        own, pages = MatchScorer(index).own_logits(parse_query("What did Acme earn in 2023?"), entries)
        assert own == pytest.approx([-6.131, 0.247], abs=0.001)
        assert pages == pytest.approx([-3.917, 0.618], abs=0.001)
        index.close()

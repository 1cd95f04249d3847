"""How far documents are about names and years, pinned on small tables of where words stand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest

from octavo.rag.entry import Level
from octavo.rag.index.references import affinities

PAGES = {"a": 10, "b": 10, "c": 100}


class Words:
    """Where words stand: for each the number of pages of each document."""

    def __init__(self, **pages: dict[str, int]) -> None:
        self.pages = {name.lstrip("_"): found for name, found in pages.items()}

    def frequency(self, term: str, level: Level) -> int:
        assert level is Level.PAGE
        return sum(self.pages.get(term, {}).values())

    def pages_with(self, term: str, documents: Sequence[str] | None = None) -> dict[str, int]:
        pages = self.pages.get(term, {})
        return {document: n for document, n in pages.items() if documents is None or document in documents}


def found(names: list[str], years: tuple[int, ...] = (), **pages: dict[str, int]) -> dict[str, float]:
    words: Any = Words(**pages)
    return affinities(words, PAGES, names, years)


def test_a_document_is_about_a_name_on_half_of_its_pages() -> None:
    assert found(["acme"], acme={"a": 5}) == {"a": 1.0}
    assert found(["acme"], acme={"a": 9, "b": 4}) == {"a": 1.0, "b": pytest.approx(0.8)}
    assert found(["acme"], acme={}) == found([]) == {}


def test_a_name_that_runs_through_a_document_outweighs_one_that_is_mentioned() -> None:
    assert found(["acme", "bay"], acme={"a": 2}, bay={"b": 1}) == {"a": pytest.approx(0.4)}
    assert found(["acme", "bay"], acme={"a": 1}, bay={"b": 1}) == {"a": pytest.approx(0.1), "b": pytest.approx(0.1)}


def test_a_name_counts_the_more_the_fewer_documents_it_runs_through() -> None:
    rare, usual = math.log(1 + 2.5 / 1.5), math.log(1 + 1.5 / 2.5)
    both = found(["acme", "city"], acme={"a": 5}, city={"a": 5, "b": 5})
    assert both == {"a": pytest.approx(1.0), "b": pytest.approx(usual / (rare + usual))}


def test_a_name_on_very_many_pages_tells_nothing() -> None:
    many = {"a": 10, "b": 10, "c": 100}
    words: Any = Words(acme={"a": 800, "c": 200})
    assert affinities(words, many, ["acme"]) != {}
    words = Words(acme={"a": 801, "c": 200})
    assert affinities(words, many, ["acme"]) == {}
    words = Words(acme={"a": 1500})
    assert affinities(words, {"a": 10_000, "b": 1}, ["acme"]) != {}  # a fifth of all pages is more


def test_of_the_documents_of_a_name_the_one_of_the_year_comes_first() -> None:
    """Both mention both years; one speaks more of the year that is asked for."""
    weight = math.log(1 + 1.5 / 2.5)
    total = weight + 0.5
    years = {"_2021": {"a": 8, "b": 4}, "_2022": {"a": 4, "b": 8}}
    named = found(["acme"], (2022,), acme={"a": 5, "b": 5}, **years)
    assert named["b"] == pytest.approx((weight + 0.5) / total)
    assert named["a"] == pytest.approx((weight + 0.5 * 4 / 8) / total)


@pytest.mark.parametrize(
    ("near", "share"), [(2017, 1.0), (2018, 0.5), (2019, 0.5), (2021, 0.5), (2022, 0.5), (2023, 1.0)]
)
def test_a_year_is_compared_with_the_two_before_and_after_it(near: int, share: float) -> None:
    weight = math.log(1 + 2.5 / 1.5)
    named = found(["acme"], (2020,), acme={"a": 5}, _2020={"a": 3}, **{f"_{near}": {"a": 6}})
    assert named == {"a": pytest.approx((weight + 0.5 * share) / (weight + 0.5))}


def test_years_are_compared_in_the_twenty_nearest_documents() -> None:
    pages = {f"d{n:02}": 10 for n in range(22)}
    words: Any = Words(acme={name: 5 - (n > 19) for n, name in enumerate(pages)}, _2020=dict.fromkeys(pages, 3))
    named = affinities(words, pages, ["acme"], (2020,))
    weight = math.log(1 + 0.5 / 22.5)
    assert named["d19"] == pytest.approx(1.0)
    assert named["d20"] == pytest.approx(weight * 0.8 / (weight + 0.5))


def test_a_document_that_mentions_no_year_gains_nothing() -> None:
    weight = math.log(1 + 1.5 / 2.5)
    named = found(["acme"], (2020,), acme={"a": 5, "b": 5}, _2020={"a": 1})
    assert named == {"a": pytest.approx(1.0), "b": pytest.approx(weight / (weight + 0.5))}


def test_a_year_alone_names_no_document() -> None:
    assert found(["acme"], (2020,), _2020={"a": 5}) == {}

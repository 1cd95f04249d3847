"""Which terms of a query are worth a search, pinned on small tables of frequencies."""

from __future__ import annotations

import pytest

from octavo.rag.index.sparse import idf, select_terms


@pytest.mark.parametrize(
    ("frequency", "total", "selected"),
    [
        ({"rare": 3, "half": 500}, 1000, ["rare", "half"]),
        ({"rare": 3, "common": 501}, 1000, ["rare"]),
        ({"common": 900, "unknown": 0}, 1000, ["common"]),  # where nothing rarer is left
        ({"rare": 3, "few": 50}, 60, ["rare", "few"]),
        ({"rare": 3, "common": 51}, 60, ["rare"]),
        ({"first": 999, "next": 20_001}, 100_000, ["first", "next"]),  # the first alone are too few
        ({"first": 1_000, "next": 19_001}, 100_000, ["first"]),
        ({"first": 1_000, "next": 9_500, "last": 9_500}, 100_000, ["first", "next", "last"]),
        ({"first": 1_000, "next": 9_500, "last": 9_501}, 100_000, ["first", "next"]),
        ({"first": 20_001, "next": 20_002}, 100_000, ["first"]),
        ({}, 10, []),
    ],
)
def test_common_terms_are_left_out_where_rarer_ones_are(
    frequency: dict[str, int], total: int, selected: list[str]
) -> None:
    assert select_terms(frequency, total) == selected


def test_a_term_counts_the_more_the_rarer_it_is_and_always_something() -> None:
    assert idf(0, 10) > idf(1, 10) > idf(10, 10) > 0
    assert idf(12, 10) == idf(10, 10)

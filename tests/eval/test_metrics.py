"""MMDocIR's metrics on cases worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from eval.metrics import layout_recall, page_recall, page_recall_ceiling
from ingest import Box, Region


def region(page: int, *box: float) -> Region:
    return Region(page, Box(*box))


@pytest.mark.parametrize(
    ("ranked", "gold", "k", "recall"),
    [
        ([3, 1, 2], [3], 1, 1.0),
        ([3, 1, 2], [1], 1, 0.0),
        ([3, 1, 2], [1, 9], 3, 0.5),
        ([3, 1, 2], [1, 2], 3, 1.0),
        ([], [1], 5, 0.0),
    ],
)
def test_page_recall(ranked: list[int], gold: list[int], k: int, recall: float) -> None:
    assert page_recall(ranked, gold, k) == recall


def test_a_box_on_another_page_covers_nothing() -> None:
    assert layout_recall([region(1, 0, 0, 10, 10)], [region(0, 0, 0, 10, 10)], 1) == 0


def test_several_gold_boxes_weigh_by_area() -> None:
    gold = [region(0, 0, 0, 10, 10), region(1, 0, 0, 30, 10)]
    assert layout_recall([region(0, 0, 0, 10, 10)], gold, 5) == pytest.approx(0.25)
    assert layout_recall([region(1, 0, 0, 30, 5), region(0, 0, 0, 10, 10)], gold, 5) == pytest.approx(0.625)
    assert layout_recall([region(1, 0, 0, 30, 5), region(0, 0, 0, 10, 10)], gold, 1) == pytest.approx(0.375)


def test_overlapping_retrieved_boxes_count_twice_as_in_the_published_script() -> None:
    twice = [region(0, 0, 0, 10, 10), region(0, 0, 0, 10, 10)]
    assert layout_recall(twice, [region(0, 0, 0, 10, 10)], 2) == 2.0


@given(st.lists(st.integers(0, 9), unique=True), st.lists(st.integers(0, 9), min_size=1), st.integers(1, 10))
def test_no_ranking_passes_the_ceiling(ranked: list[int], gold: list[int], k: int) -> None:
    assert page_recall(ranked, gold, k) <= page_recall_ceiling(gold, k) <= 1
    assert page_recall(sorted(set(gold)), gold, k) == page_recall_ceiling(gold, k)

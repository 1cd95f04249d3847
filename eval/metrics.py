"""Retrieval metrics by MMDocIR's rules (arXiv 2501.08828)."""

from __future__ import annotations

from collections.abc import Sequence

from ingest import Region


def page_recall(ranked: Sequence[int], gold: Sequence[int], k: int) -> float:
    """Share of the gold pages among the first `k` ranked pages, in [0, 1].

    >>> page_recall([4, 2, 7], gold=[2, 9], k=3)
    0.5
    """
    return len(set(ranked[:k]) & set(gold)) / len(set(gold))


def page_recall_ceiling(gold: Sequence[int], k: int) -> float:
    """What a perfect ranking reaches: below 1 where there are more gold pages than `k`.

    >>> page_recall_ceiling([1, 2], k=1)
    0.5
    """
    return min(k, len(set(gold))) / len(set(gold))


def layout_recall(ranked: Sequence[Region], gold: Sequence[Region], k: int) -> float:
    """Share of the gold boxes' area that the first `k` ranked boxes cover.

    MMDocIR's own definition: intersections are summed over retrieved boxes, neither joined nor clipped, so that
    overlapping boxes count twice and the value can pass 1.

    >>> from ingest import Box
    >>> layout_recall([Region(0, Box(0, 0, 10, 5))], [Region(0, Box(0, 0, 10, 10))], k=1)
    0.5
    """
    total = sum(region.box.area for region in gold)
    covered = sum((hit.box & mark.box).area for hit in ranked[:k] for mark in gold if mark.page == hit.page)
    return covered / total

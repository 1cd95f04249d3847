"""Metrics of one ranking: MMDocIR's page and layout recall (arXiv 2501.08828), and the usual ranking metrics."""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable, Sequence

from octavo.ingest import Box, Region


def page_recall(ranked: Sequence[Hashable], gold: Sequence[Hashable], k: int) -> float:
    """Returns the share of the gold pages among the first `k` ranked pages, in [0, 1].

    A page is anything that tells it apart.

    >>> page_recall([4, 2, 7], gold=[2, 9], k=3)
    0.5
    """
    return len(set(ranked[:k]) & set(gold)) / len(set(gold))


def page_recall_ceiling(gold: Sequence[Hashable], k: int) -> float:
    """Returns the recall of a perfect ranking: below 1 where there are more gold pages than `k`.

    >>> page_recall_ceiling([1, 2], k=1)
    0.5
    """
    return min(k, len(set(gold))) / len(set(gold))


def precision(ranked: Sequence[Hashable], gold: Sequence[Hashable], k: int) -> float:
    """Returns the share of the first `k` places that hold a gold page, in [0, 1].

    A place that is not filled is a wrong one.

    >>> precision([4, 2, 7], gold=[2, 9], k=4)
    0.25
    """
    return len(set(ranked[:k]) & set(gold)) / k


def reciprocal_rank(ranked: Sequence[Hashable], gold: Sequence[Hashable], k: int | None = None) -> float:
    """Returns 1 / the place (from 1) of the first gold page, 0 where none is among the first `k`; its mean is MRR@k.

    >>> reciprocal_rank([4, 2, 7], gold=[2, 9])
    0.5
    """
    places = (place for place, page in enumerate(ranked[:k], 1) if page in set(gold))
    return 1 / next(places, math.inf)


def ndcg(ranked: Sequence[Hashable], gold: Sequence[Hashable], k: int) -> float:
    """Returns NDCG at `k`, in [0, 1], with gain 1 and discount log2(place + 1) for each gold page.

    >>> round(ndcg([4, 2, 7], gold=[2], k=3), 3)
    0.631
    """
    gold_pages = set(gold)
    gain = sum(1 / math.log2(place + 1) for place, page in enumerate(ranked[:k], 1) if page in gold_pages)
    return gain / sum(1 / math.log2(place + 1) for place in range(1, min(k, len(gold_pages)) + 1))


def layout_recall(ranked: Sequence[Region], gold: Sequence[Region], k: int, *, clipped: bool = False) -> float:
    """Returns the share of the gold boxes' area that the first `k` ranked boxes cover.

    MMDocIR's own definition: intersections are summed over retrieved boxes, neither joined nor clipped, so that
    overlapping boxes count twice and the value can pass 1. With `clipped`, a place that several retrieved boxes cover
    counts once for each gold box, so that the value stays in [0, 1]. Gold boxes without area are found by nothing.

    >>> from octavo.ingest import Box
    >>> layout_recall([Region(0, Box(0, 0, 10, 5))], [Region(0, Box(0, 0, 10, 10))], k=1)
    0.5
    >>> twice = [Region(0, Box(0, 0, 10, 10)), Region(0, Box(0, 0, 10, 10))]
    >>> layout_recall(twice, twice[:1], k=2), layout_recall(twice, twice[:1], k=2, clipped=True)
    (2.0, 1.0)
    """
    total = sum(region.box.area for region in gold)
    covered = 0.0
    for mark in gold:
        parts = [hit.box & mark.box for hit in ranked[:k] if hit.page == mark.page]
        covered += _union_area(parts) if clipped else sum(part.area for part in parts)
    return covered / total if total else 0.0


def _union_area(boxes: Sequence[Box]) -> float:
    """Returns the area that at least one box covers, strip by strip from left to right."""
    edges = sorted({x for box in boxes for x in (box.x0, box.x1)})
    area = 0.0
    for left, right in itertools.pairwise(edges):
        bottom = -math.inf
        for y0, y1 in sorted((b.y0, b.y1) for b in boxes if b.x0 <= left and right <= b.x1):
            area += (right - left) * max(0.0, y1 - max(y0, bottom))
            bottom = max(bottom, y1)
    return area

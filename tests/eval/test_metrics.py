"""Metrics on cases worked out by hand, and against libraries that give the same figure.

These libraries are imported where they are compared with: each process of the tests imports this module.
"""

from __future__ import annotations

import random

import krippendorff
import numpy as np
import pytest
from hypothesis import given, strategies as st

from octavo.eval.metrics import (
    answerable_f1,
    auroc,
    by_group,
    cohen_kappa,
    compare,
    confusion,
    holm,
    interval,
    kendall_tau,
    krippendorff_alpha,
    layout_recall,
    macro,
    mmdocir_macro,
    ndcg,
    page_recall,
    page_recall_ceiling,
    precision,
    reciprocal_rank,
    risk_coverage,
)
from octavo.eval.metrics.groups import MMDOCIR_DOMAINS
from octavo.ingest import Box, Region

LABELS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2, max_size=30)


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


def test_clipped_layout_recall_counts_a_place_once_for_each_gold_box() -> None:
    gold = [region(0, 0, 0, 10, 10)]
    crossing = [region(0, 0, 0, 6, 10), region(0, 4, 0, 10, 10), region(0, 4, 2, 6, 8), region(1, 0, 0, 10, 10)]
    assert layout_recall(crossing, gold, 4) == pytest.approx((60 + 60 + 12) / 100)
    assert layout_recall(crossing, gold, 4, clipped=True) == pytest.approx(1.0)
    assert layout_recall(crossing, gold, 1, clipped=True) == pytest.approx(0.6)
    overlapping = [region(0, 0, 0, 10, 10), region(0, 5, 0, 15, 10)]
    assert layout_recall([region(0, 0, 0, 10, 10)], overlapping, 1) == pytest.approx(150 / 200)
    assert layout_recall([region(0, 0, 0, 10, 10)], overlapping, 1, clipped=True) == pytest.approx(150 / 200)


def test_a_set_worked_out_by_hand_in_the_way_of_mmdocirs_script() -> None:
    """Four questions in two of the ten domains: several gold pages, crossing boxes, a page that is not gold."""
    ranked = ([4, 0, 2], [1, 5, 0], [7, 8, 9], [3, 2, 1])
    gold: list[list[int]] = [[4], [0, 1, 6], [3], [2, 3]]
    domains = ["News", "News", "News", "Laws"]
    first = [page_recall(pages, wanted, 1) for pages, wanted in zip(ranked, gold, strict=True)]
    third = [page_recall(pages, wanted, 3) for pages, wanted in zip(ranked, gold, strict=True)]
    assert first == pytest.approx([1, 1 / 3, 0, 1 / 2])
    assert third == pytest.approx([1, 2 / 3, 0, 1])
    means = {name: mean for name, (mean, _) in by_group(third, [[domain] for domain in domains]).items()}
    assert means == pytest.approx({"News": 5 / 9, "Laws": 1})
    assert mmdocir_macro(means) == pytest.approx((5 / 9 + 1) / 10), "the eight absent domains count 0"
    assert macro(third, domains) == pytest.approx((5 / 9 + 1) / 2)
    marks = [region(0, 0, 0, 10, 10), region(1, 0, 0, 20, 10)]
    hits = [region(0, 0, 0, 10, 8), region(0, 0, 4, 10, 12), region(2, 0, 0, 10, 10), region(1, 10, 0, 40, 10)]
    found = [layout_recall(hits, marks, k) for k in (1, 5, 10)]
    assert found == pytest.approx([80 / 300, (80 + 60 + 100) / 300, 240 / 300])
    assert layout_recall(hits, marks, 5, clipped=True) == pytest.approx((100 + 100) / 300)


def test_holms_correction_by_hand() -> None:
    assert holm([0.04, 0.01, 0.03, 0.9]) == pytest.approx([0.09, 0.04, 0.09, 0.9])
    assert holm([]) == []


BOXES = st.lists(
    st.tuples(*[st.integers(0, 8)] * 4).map(lambda t: region(0, min(t[0], t[2]), min(t[1], t[3]), *_far(t))), max_size=5
)


def _far(t: tuple[int, int, int, int]) -> tuple[int, int]:
    return max(t[0], t[2]) + 1, max(t[1], t[3]) + 1


@given(BOXES, BOXES.filter(bool))
def test_clipped_layout_recall_is_what_counting_squares_gives(ranked: list[Region], gold: list[Region]) -> None:
    def squares(r: Region) -> set[tuple[int, int]]:
        return {(x, y) for x in range(int(r.box.x0), int(r.box.x1)) for y in range(int(r.box.y0), int(r.box.y1))}

    covered = set().union(*(squares(r) for r in ranked))
    expected = sum(len(squares(mark) & covered) for mark in gold) / sum(len(squares(mark)) for mark in gold)
    assert layout_recall(ranked, gold, 9, clipped=True) == pytest.approx(expected)
    assert layout_recall(ranked, gold, 9, clipped=True) <= layout_recall(ranked, gold, 9) + 1e-9


@given(st.permutations(range(8)), st.sets(st.integers(0, 7), min_size=1), st.integers(1, 8))
def test_ndcg_is_that_of_scikit_learn(ranked: list[int], gold: set[int], k: int) -> None:
    from sklearn import metrics as sk

    truth = [[float(page in gold) for page in range(8)]]
    scores = [[-float(ranked.index(page)) for page in range(8)]]
    assert ndcg(ranked, list(gold), k) == pytest.approx(sk.ndcg_score(truth, scores, k=k))


def test_precision_and_reciprocal_rank() -> None:
    assert precision([3, 1, 2], [1, 2], 1) == 0
    assert precision([3, 1, 2], [1, 2], 2) == 0.5
    assert reciprocal_rank([3, 1, 2], [1, 2]) == 0.5
    assert reciprocal_rank([3, 1, 2], [2], k=2) == 0
    assert reciprocal_rank([], [2]) == 0


def test_macro_by_domain_and_as_the_published_script_has_it() -> None:
    values = [1.0, 0.0, 0.5, 0.8]
    domains = ["News", "News", "Laws", "Laws"]
    means = {name: mean for name, (mean, _) in by_group(values, [[d] for d in domains]).items()}
    assert means == {"Laws": pytest.approx(0.65), "News": pytest.approx(0.5)}
    assert macro(values, domains) == pytest.approx(0.575)
    assert mmdocir_macro(means) == pytest.approx(0.115)
    assert mmdocir_macro(dict.fromkeys(MMDOCIR_DOMAINS, 1.0)) == 1.0


def test_the_interval_is_that_of_scipy() -> None:
    from scipy import stats

    values = [random.Random(3).random() for _ in range(80)]
    ours = interval(values)
    theirs = stats.bootstrap((values,), np.mean, method="percentile", n_resamples=10_000, rng=1).confidence_interval
    assert (ours.low, ours.high) == (pytest.approx(theirs.low, abs=0.005), pytest.approx(theirs.high, abs=0.005))
    assert interval(values) == ours


def test_the_paired_test_is_that_of_scipy() -> None:
    from scipy import stats

    source = random.Random(5)
    first = [source.random() for _ in range(40)]
    second = [value + source.gauss(0.05, 0.15) for value in first]
    ours = compare(first, second)
    theirs = stats.permutation_test(
        (second, first), lambda a, b: np.mean(a - b), permutation_type="samples", n_resamples=10_000, rng=1
    )
    assert ours.p == pytest.approx(theirs.pvalue, abs=0.01)
    assert ours.difference == pytest.approx(np.mean(second) - np.mean(first))
    assert compare(first, first).p == 1.0
    assert ours.wins + ours.losses == 40


@given(LABELS)
def test_agreement_is_that_of_the_libraries(pairs: list[tuple[str, str]]) -> None:
    from sklearn import metrics as sk

    first, second = zip(*pairs, strict=True)
    labels = sorted({*first, *second})
    assert [list(row.values()) for row in confusion(first, second).values()] == sk.confusion_matrix(
        first, second, labels=labels
    ).tolist()
    if len(labels) > 1:
        assert cohen_kappa(first, second) == pytest.approx(sk.cohen_kappa_score(first, second), abs=1e-9)
        theirs = krippendorff.alpha([list(first), list(second)], level_of_measurement="nominal", value_domain=labels)
        assert krippendorff_alpha(pairs) == pytest.approx(theirs)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=8))
def test_kendalls_tau_is_that_of_scipy(pairs: list[tuple[int, int]]) -> None:
    from scipy.stats import kendalltau

    first, second = zip(*pairs, strict=True)
    tau = kendall_tau(first, second)
    if tau is None:
        assert 1 in {len(set(first)), len(set(second))}
    else:
        assert tau == pytest.approx(kendalltau(first, second).statistic)


def test_alpha_with_absent_raters() -> None:
    table = [[1, 2, 3, 3, None], [1, 2, 3, 3, 2], [None, 3, 3, 3, 2], [1, 2, 3, 3, None]]
    units = [[row[n] for row in table if row[n] is not None] for n in range(5)]
    numbers = [[np.nan if value is None else value for value in row] for row in table]
    assert krippendorff_alpha(units) == pytest.approx(krippendorff.alpha(numbers, level_of_measurement="nominal"))


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40))
def test_auroc_is_that_of_scikit_learn(rows: list[tuple[int, bool]]) -> None:
    from sklearn import metrics as sk

    scores, positive = [float(s) for s, _ in rows], [p for _, p in rows]
    if len(set(positive)) == 2:
        assert auroc(scores, positive) == pytest.approx(sk.roc_auc_score(positive, scores))
    else:
        with pytest.raises(ValueError, match="both"):
            auroc(scores, positive)


def test_risk_grows_as_less_sure_questions_are_answered() -> None:
    curve = risk_coverage([0.9, 0.9, 0.5, 0.1], [1, 0, 1, 0])
    assert curve.coverage == (0.5, 0.75, 1.0)
    assert curve.risk == (0.5, pytest.approx(1 / 3), 0.5)
    assert curve.thresholds == (0.9, 0.5, 0.1)
    assert curve.area == pytest.approx((0.5 * 2 + 1 / 3 + 0.5) / 4)


def test_f1_over_answerable_and_unanswerable_questions() -> None:
    answerable, abstained = [True, True, True, False], [False, True, False, True]
    found = answerable_f1([1.0, 0.0, 0.5, 1.0], answerable, abstained)
    assert found == {
        "accuracy": pytest.approx(0.625),
        "precision": pytest.approx(0.75),
        "recall": pytest.approx(0.5),
        "f1": pytest.approx(0.6),
    }
    assert answerable_f1([0.0], [True], [True])["f1"] == 0

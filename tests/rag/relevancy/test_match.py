"""Relevancy scores and adaptive up-to-k."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from octavo.ingest import OctavoError
from octavo.rag import Entry, Level, Pipeline
from octavo.rag.query.question import Query, parse_query
from octavo.rag.relevancy import MatchScorer, RelevancyScorer, Reranker
from octavo.rag.retrieval.candidate import ScoredEntry


class FixedScorer(RelevancyScorer):
    """Scores by what the text says it is worth."""

    name = "fixed"

    def scores(self, query: Query, entries: Sequence[Entry], first_pass: Sequence[float] = ()) -> list[float]:
        return [float(entry.text) for entry in entries]


def candidates(*scores: float) -> list[ScoredEntry]:
    entries = [Entry(f"d/p{n}", Level.PAGE, "d", n, n, None, "", str(s), ()) for n, s in enumerate(scores)]
    return [ScoredEntry(entry, 0.0, "d.pdf", "D") for entry in entries]


@pytest.mark.parametrize(
    ("k", "threshold", "relative_threshold", "kept"),
    [
        (5, 0.0, 1.0, [0.9, 0.5, 0.2]),
        (2, 0.0, 1.0, [0.9, 0.5]),
        (5, 0.5, 1.0, [0.9, 0.5]),
        (5, 0.95, 1.0, []),
        (1, 0.5, 1.0, [0.9]),
        (5, 0.8, 1.0, [0.9]),
        (5, 0.8, 0.5, [0.9, 0.5]),
        (1, 0.8, 0.5, [0.9]),
        (5, 0.95, 0.5, []),
        (5, 0.1, 0.5, [0.9, 0.5, 0.2]),
    ],
)
def test_up_to_k_over_the_threshold_best_first(
    k: int, threshold: float, relative_threshold: float, kept: list[float]
) -> None:
    reranker = Reranker(FixedScorer(), k, threshold, relative_threshold)
    ranked = reranker.rank(parse_query("q"), candidates(0.2, 0.9, 0.5))
    assert [candidate.score for candidate in reranker.select(ranked)] == kept


def test_five_at_most_and_no_threshold_where_nothing_else_is_said() -> None:
    reranker = Reranker(FixedScorer())
    ranked = reranker.rank(parse_query("q"), candidates(0.05, 0.9, 0.5, 0.4, 0.3, 0.2))
    assert [candidate.score for candidate in reranker.select(ranked)] == [0.9, 0.5, 0.4, 0.3, 0.2]
    alone = reranker.rank(parse_query("q"), candidates(0.05))
    assert [candidate.score for candidate in reranker.select(alone)] == [0.05]
    assert reranker.select([]) == []


@pytest.mark.parametrize("wrong", [{"k": 0}, {"threshold": 1.5}, {"relative_threshold": -0.1}])
def test_options_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(OctavoError, match=next(iter(wrong))):
        Reranker(FixedScorer(), **wrong)


def test_relevant_entries_score_higher_and_scores_are_probabilities(pipeline: Pipeline) -> None:
    scorer = MatchScorer(pipeline.index)
    document = pipeline.library.find("report.pdf").id
    entries = pipeline.index.entries([f"{document}/p{n}" for n in range(3)])
    scores = scorer.scores(parse_query("What was capital expenditure in 2018?"), entries)
    assert scores[1] == max(scores)
    assert all(0 <= score <= 1 and math.isfinite(score) for score in scores)
    assert scorer.scores(parse_query("anything"), []) == []
    assert scorer.logits(parse_query("anything"), []).tolist() == []


@pytest.mark.parametrize("level", ["p1", "p1/e1", "c0"])
def test_an_entry_alone_is_scored_with_and_without_a_first_pass(pipeline: Pipeline, level: str) -> None:
    document = pipeline.library.find("report.pdf").id
    entries = pipeline.index.entries([f"{document}/{level}"])
    scorer, query = MatchScorer(pipeline.index), parse_query("What was capital expenditure in 2018?")
    (plain,), (helped,) = scorer.scores(query, entries), scorer.scores(query, entries, [0.05])
    assert 0.4 < plain < helped < 1


@pytest.mark.parametrize("question", ["", "???", "the of and", "数字", "a" * 5_000, "0 1 2 3 4 5 6 7 8 9"])
def test_odd_questions_get_finite_scores(pipeline: Pipeline, question: str) -> None:
    document = pipeline.library.find("report.pdf").id
    entries = pipeline.index.entries([f"{document}/p{n}" for n in range(3)])
    assert all(math.isfinite(score) for score in MatchScorer(pipeline.index).scores(parse_query(question), entries))

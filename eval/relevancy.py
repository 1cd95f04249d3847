"""The relevancy score measured: as a yes or no, as a probability, as a cut, and as a sign of no answer."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from octavo.eval.datasets import Question, load
from octavo.eval.metrics import auroc, risk_coverage
from octavo.eval.retrieval import ingest
from octavo.ingest import OctavoError
from octavo.rag import Level, Pipeline, Scope, Settings
from octavo.rag.relevancy.calibration import expected_calibration_error

MOST = 10
"""Pages that a cut keeps at most."""
SHARES = tuple(np.linspace(0.02, 0.98, 49).round(3).tolist())


@dataclass(frozen=True, slots=True)
class RankedPages:
    """The pages of a question's document by falling score, which of them are gold, and how many gold ones there are."""

    scores: tuple[float, ...]
    gold: tuple[bool, ...]
    gold_count: int


@dataclass(frozen=True, slots=True)
class PairFigures:
    """Balanced pairs of a question and a page: accuracy at 0.5, expected calibration error, and mean right by bin.

    `reliability` are rows (mean score, share that is right, pairs) of ten bins of the score.
    """

    pairs: int
    accuracy: float
    ece: float
    reliability: tuple[tuple[float, float, int], ...]


@dataclass(frozen=True, slots=True)
class CutoffFigures:
    """Figures of the first pages of each question, up to `MOST`: `entries` kept on average, `recall` of gold pages."""

    name: str
    entries: float
    recall: float


@dataclass(frozen=True, slots=True)
class Relevancy:
    """The figures of one data set; `auroc` and `area` are None where every question can be answered.

    `random` pairs each gold page with a wrong page of its document, as RAG-Check does (arXiv 2501.03995): all of them
    count instead of one drawn, so that no luck is in it; `hardest` pairs it with the wrong pages of the best score.
    `fixed` keeps k pages; each cut of `adaptive` keeps up to ten of at least a share of the best score, the one with
    the fewest entries that loses no recall against the fixed cut beside it.
    `area` is the mean error of the surest share of the questions over all shares, where an unanswerable one counts as
    an error and an answerable one as none.
    """

    questions: int
    random: PairFigures
    hardest: PairFigures
    fixed: tuple[CutoffFigures, ...]
    adaptive: tuple[CutoffFigures, ...]
    auroc: float | None
    area: float | None


def evaluate(folder: Path, *, library: Path | None = None, settings: Settings | None = None) -> Relevancy:
    """Asks every question of its own document and looks at the scores of all its candidates.

    Raises `OctavoError` where the data set names no gold pages.
    """
    dataset = load(folder)
    with nullcontext(library) if library else tempfile.TemporaryDirectory() as home:
        settings = (settings or Settings.from_env()).model_copy(update={"library": Path(home)})
        with Pipeline(settings) as pipeline:
            ids, _ = ingest(pipeline, dataset)
            scored = [(q, _score(pipeline, q, ids[q.doc])) for q in dataset.questions if q.doc in ids]
    answerable = [s for q, s in scored if q.answerable and q.gold_pages]
    if not answerable:
        raise OctavoError(f"{folder} names no gold pages, so relevancy cannot be measured on it.")
    fixed = tuple(_cut_off(f"{k}", answerable, [k] * len(answerable)) for k in range(1, MOST + 1))
    best = [(q.answerable, max(s.scores, default=0.0)) for q, s in scored]
    mixed = not all(can for can, _ in best)
    return Relevancy(
        questions=len(scored),
        random=_pairs(answerable, hardest=False),
        hardest=_pairs(answerable, hardest=True),
        fixed=fixed,
        adaptive=tuple(_adaptive(answerable, cut) for cut in fixed),
        auroc=auroc([score for _, score in best], [can for can, _ in best]) if mixed else None,
        area=risk_coverage([score for _, score in best], [float(can) for can, _ in best]).area if mixed else None,
    )


def _score(pipeline: Pipeline, question: Question, document: str) -> RankedPages:
    everything = pipeline.settings.candidates
    result = pipeline.search(question.question, level=Level.PAGE, k=everything, scope=Scope(documents=(document,)))
    gold = set(question.gold_pages)
    return RankedPages(tuple(e.score for e in result), tuple(e.page in gold for e in result), len(gold))


def _pairs(questions: Sequence[RankedPages], *, hardest: bool) -> PairFigures:
    scores, right, weight = list[float](), list[bool](), list[float]()
    for question in questions:
        good = [s for s, gold in zip(question.scores, question.gold, strict=True) if gold]
        bad = [s for s, gold in zip(question.scores, question.gold, strict=True) if not gold]
        n = min(len(good), len(bad))
        wrong = bad[:n] if hardest else bad
        scores += good[:n] + wrong
        right += [True] * n + [False] * len(wrong)
        weight += [1.0] * n + [n / max(1, len(wrong))] * len(wrong)
    values, truth, weights = np.array(scores), np.array(right), np.array(weight)
    places = np.minimum((values * 10).astype(int), 9)
    bins = [places == place for place in range(10)]
    return PairFigures(
        pairs=round(weights.sum()),
        accuracy=float(np.average((values > 0.5) == truth, weights=weights)),
        ece=expected_calibration_error(values, truth, weights),
        reliability=tuple(
            (_mean(values, weights, inside), _mean(truth, weights, inside), round(weights[inside].sum()))
            for inside in bins
            if inside.any()
        ),
    )


def _mean(values: NDArray[Any], weights: NDArray[np.float64], inside: NDArray[np.bool_]) -> float:
    return float(np.average(values[inside], weights=weights[inside]))


def _cut_off(name: str, questions: Sequence[RankedPages], keep: Sequence[int]) -> CutoffFigures:
    counts = [min(n, len(q.scores)) for q, n in zip(questions, keep, strict=True)]
    recall = [sum(q.gold[:n]) / q.gold_count for q, n in zip(questions, counts, strict=True)]
    return CutoffFigures(name, float(np.mean(counts)), float(np.mean(recall)))


def _adaptive(questions: Sequence[RankedPages], fixed: CutoffFigures) -> CutoffFigures:
    """Returns the share of the best score that keeps the fewest entries without losing recall against a fixed cut."""
    cuts = [
        _cut_off(
            f"≥ {share:.2f}", questions, [sum(s >= share * q.scores[0] for s in q.scores[:MOST]) for q in questions]
        )
        for share in SHARES
    ]
    enough = [cut for cut in cuts if cut.recall >= fixed.recall - 1e-9]
    return min(enough, key=lambda cut: cut.entries) if enough else fixed

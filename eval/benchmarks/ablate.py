"""Parts of the cascade from page to element, ways to cut a ranking, and documents before pages, on data sets."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from octavo.eval.benchmarks import cuts, documents_first
from octavo.eval.datasets import Question, load
from octavo.eval.figures import LAYOUT_CUTS
from octavo.eval.metrics import compare, layout_recall
from octavo.eval.retrieval import ingest
from octavo.rag import Entry, Level, Pipeline, Scope
from octavo.rag.query.question import parse_query
from octavo.rag.relevancy import MatchScorer
from octavo.rag.relevancy.cascade import element_logits
from octavo.rag.relevancy.parameters import Cascade, load_parameters

OFF: dict[str, dict[str, float]] = {
    "page: an element is as relevant as its page": {"page": 0.0},
    "own: what the element itself says": {"own": 0.0},
    "picture: figures and tables before paragraphs": {"picture": 0.0},
    "asked: the kinds that the question names": {"asked": 0.0},
    "size: the share of the page": {"size": 0.0},
}
"""Options of the cascade from page to element, and the weight that is 0 where they are off."""

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RankedQuestion:
    """A question with its candidates: what scores its elements, and its pages' log odds, best first, with their gold.

    `gains` is the share of the gold pages that each page adds.
    """

    question: Question
    parts: tuple[Any, ...]
    logits: Scores
    gains: Scores


def report(folders: Sequence[Path], libraries: Path | None = None) -> str:
    """Returns tables over all questions of data sets together; `libraries` keeps the ingested sets by their names."""
    with tempfile.TemporaryDirectory() as folder:
        sets = {data: (libraries or Path(folder)) / data.name for data in folders}
        questions = [ranked for data, library in sets.items() for ranked in _rank(data, library)]
        by_documents = documents_first.table(sets)
    marked = [ranked for ranked in questions if ranked.question.gold_layouts]
    return "\n\n".join([*([_layout(marked)] if marked else []), _cuts(questions), by_documents])


def _cells(on: Sequence[Sequence[float]], off: Sequence[Sequence[float]]) -> str:
    cells = []
    for with_it, without in zip(zip(*on, strict=True), zip(*off, strict=True), strict=True):
        c = compare(without, with_it)
        means = f"{statistics.fmean(with_it):.3f}, {statistics.fmean(without):.3f}"
        cells.append(f"{means}, {c.difference:+.3f} [{c.low:+.3f}, {c.high:+.3f}]")
    return " | ".join(cells)


def _rank(folder: Path, library: Path) -> list[RankedQuestion]:
    dataset, result = load(folder), []
    with Pipeline(library) as pipeline:
        ids, _ = ingest(pipeline, dataset)
        scorer = MatchScorer(pipeline.index)
        for q in dataset.answerable:
            if q.doc not in ids or not q.gold_pages:
                continue
            scope = Scope(documents=(ids[q.doc],))
            pages, logits = _score(pipeline, scorer, q, Level.PAGE, scope)
            order = np.argsort(-logits, kind="stable")
            gains = np.array([(pages[n].page in q.gold_pages) / len(set(q.gold_pages)) for n in order])
            result.append(RankedQuestion(q, _elements(pipeline, scorer, q, scope), logits[order], gains))
    return result


def _score(
    pipeline: Pipeline, scorer: MatchScorer, q: Question, level: Level, scope: Scope
) -> tuple[list[Entry], Scores]:
    query = parse_query(q.question)
    candidates = pipeline.retriever(level, scope).retrieve(query)
    entries = [c.entry for c in candidates]
    return entries, scorer.logits(query, entries, [c.score for c in candidates])


def _elements(pipeline: Pipeline, scorer: MatchScorer, q: Question, scope: Scope) -> tuple[Any, ...]:
    """Returns what the cascade is given for the elements of a question: all arguments but the weights."""
    query = parse_query(q.question)
    candidates = pipeline.retriever(Level.ELEMENT, scope).retrieve(query)
    entries, first_pass = [c.entry for c in candidates], [c.score for c in candidates]
    own, page = scorer.own_logits(query, entries, first_pass)
    pages = {entry.id: entry for entry in pipeline.index.entries([e.id.page_id for e in entries])}
    return query, entries, [pages[e.id.page_id] for e in entries], page, own


def _layout(questions: Sequence[RankedQuestion]) -> str:
    rows = ["| option | " + " | ".join(f"layout recall@{k}: on, off, on less off" for k in LAYOUT_CUTS) + " |"]
    rows.append("|---" * (1 + len(LAYOUT_CUTS)) + "|")
    shipped = load_parameters().cascade
    on = [_recalls(ranked, shipped) for ranked in questions]
    for name, weights in OFF.items():
        off = [_recalls(ranked, shipped.model_copy(update=weights)) for ranked in questions]
        rows.append(f"| {name} | {_cells(on, off)} |")
    return f"{len(questions)} questions with gold boxes, within their documents\n\n" + "\n".join(rows)


def _recalls(ranked: RankedQuestion, cascade: Cascade) -> list[float]:
    entries = ranked.parts[1]
    order = np.argsort(-element_logits(cascade, *ranked.parts), kind="stable")[: max(LAYOUT_CUTS)]
    regions = [entries[n].regions[0] for n in order]
    return [layout_recall(regions, ranked.question.gold_layouts, k, clipped=True) for k in LAYOUT_CUTS]


def _cuts(questions: Sequence[RankedQuestion]) -> str:
    rows = [
        "| cut | entries | evidence recall | entries that a fixed k needs for it | saved |",
        "|---|---|---|---|---|",
    ]
    most = max(len(ranked.logits) for ranked in questions)
    fixed = [statistics.fmean(float(r.gains[:k].sum()) for r in questions) for k in range(1, most + 1)]
    ways: dict[str, Callable[[Scores], int]] = {
        "first 3": lambda logits: 3,
        "first 5": lambda logits: 5,
        "probability ≥ .2, up to 20": lambda logits: cuts.threshold(logits, 0.2, 20),
        "probability ≥ .45, up to 20": lambda logits: cuts.threshold(logits, 0.45, 20),
        "share of the best ≥ .3, up to 20": lambda logits: cuts.share(logits, 0.3, 20),
        "share of the best ≥ .5, up to 20": lambda logits: cuts.share(logits, 0.5, 20),
        "mixture of two normals, top 20": lambda logits: cuts.mixture(logits, 20),
        "largest gap, up to 10": lambda logits: cuts.gap(logits, 10),
    }
    for name, way in ways.items():
        lengths = [way(r.logits) for r in questions]
        used = statistics.fmean(lengths)
        recall = statistics.fmean(float(r.gains[:k].sum()) for r, k in zip(questions, lengths, strict=True))
        needed = float(np.interp(recall, fixed, np.arange(1, most + 1)))
        rows.append(f"| {name} | {used:.2f} | {recall:.3f} | {needed:.2f} | {1 - used / needed:+.0%} |")
    return f"Pages used at equal evidence recall, {len(questions)} questions\n\n" + "\n".join(rows)

"""Named options of ranking, switched off one by one, and ways to cut a ranking, compared on data sets."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag import Entry, Level, Pipeline, Scope
from rag.question import parse
from rag.relevancy import MatchScorer
from rag.relevancy.cascade import Cascade

from ..datasets import Question, load
from ..metrics import compare, layout_recall
from ..retrieval import LAYOUT_CUTS, ingest
from . import cuts

OFF: dict[str, dict[str, float]] = {
    "page: an element is as relevant as its page": {"page": 0.0},
    "own: what the element itself says": {"own": 0.0},
    "picture: figures and tables before paragraphs": {"picture": 0.0},
    "asked: the kinds that the question names": {"asked": 0.0},
    "size: the share of the page": {"size": 0.0},
}
"""Options of the cascade from page to element, and the weight that is 0 where they are off."""

Scores = NDArray[np.float64]


@dataclass(frozen=True)
class _Heard(Cascade):
    """A cascade that keeps what it was asked."""

    asked_of: list[tuple[Any, ...]] = field(default_factory=list)

    def __call__(self, *parts: Any) -> Scores:
        self.asked_of.append(parts)
        return super().__call__(*parts)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A question with its candidates: what scores its elements, and its pages' log odds, best first, with their gold.

    `gains` is the share of the gold pages that each page adds.
    """

    question: Question
    parts: tuple[Any, ...]
    logits: Scores
    gains: Scores


def report(folders: Sequence[Path], libraries: Path | None = None) -> str:
    """Tables over all questions of data sets together; `libraries` keeps the ingested ones by the sets' names."""
    with tempfile.TemporaryDirectory() as folder:
        asked = [ranked for data in folders for ranked in _ranked(data, (libraries or Path(folder)) / data.name)]
    marked = [ranked for ranked in asked if ranked.question.gold_layouts]
    return "\n\n".join([*([_layout(marked)] if marked else []), _cuts(asked)])


def _ranked(folder: Path, library: Path) -> list[Ranked]:
    dataset, found, heard = load(folder), [], _Heard()
    with Pipeline(library) as pipeline:
        ids, _ = ingest(pipeline, dataset)
        scorer = MatchScorer(pipeline.index, heard)
        for q in dataset.answerable:
            if q.doc not in ids or not q.gold_pages:
                continue
            scope = Scope(documents=(ids[q.doc],))
            pages, logits = _scored(pipeline, scorer, q, Level.PAGE, scope)
            order = np.argsort(-logits, kind="stable")
            gains = np.array([(pages[n].page in q.gold_pages) / len(set(q.gold_pages)) for n in order])
            _scored(pipeline, scorer, q, Level.ELEMENT, scope)
            found.append(Ranked(q, heard.asked_of[-1], logits[order], gains))
    return found


def _scored(
    pipeline: Pipeline, scorer: MatchScorer, q: Question, level: Level, scope: Scope
) -> tuple[list[Entry], Scores]:
    nodes = pipeline.retriever(level, scope).retrieve(q.question)
    entries = [Entry.of(n.node) for n in nodes]
    return entries, scorer.logits(parse(q.question), entries, [n.score or 0.0 for n in nodes])


def _layout(asked: Sequence[Ranked]) -> str:
    rows = ["| option | " + " | ".join(f"layout recall@{k}: on, off, on less off" for k in LAYOUT_CUTS) + " |"]
    rows.append("|---" * (1 + len(LAYOUT_CUTS)) + "|")
    shipped = Cascade()
    on = [_recalls(ranked, shipped) for ranked in asked]
    for name, weights in OFF.items():
        off = [_recalls(ranked, replace(shipped, **weights)) for ranked in asked]
        cells = []
        for column in range(len(LAYOUT_CUTS)):
            with_it, without = [row[column] for row in on], [row[column] for row in off]
            c = compare(without, with_it)
            means = f"{statistics.fmean(with_it):.3f}, {statistics.fmean(without):.3f}"
            cells.append(f"{means}, {c.difference:+.3f} [{c.low:+.3f}, {c.high:+.3f}]")
        rows.append(f"| {name} | " + " | ".join(cells) + " |")
    return f"{len(asked)} questions with gold boxes, within their documents\n\n" + "\n".join(rows)


def _recalls(ranked: Ranked, cascade: Cascade) -> list[float]:
    entries = ranked.parts[1]
    order = np.argsort(-cascade(*ranked.parts), kind="stable")[: max(LAYOUT_CUTS)]
    regions = [entries[n].regions[0] for n in order]
    return [layout_recall(regions, ranked.question.gold_layouts, k, clipped=True) for k in LAYOUT_CUTS]


def _cuts(asked: Sequence[Ranked]) -> str:
    rows = [
        "| cut | entries | evidence recall | entries that a fixed k needs for it | saved |",
        "|---|---|---|---|---|",
    ]
    most = max(len(ranked.logits) for ranked in asked)
    fixed = [statistics.fmean(float(r.gains[:k].sum()) for r in asked) for k in range(1, most + 1)]
    ways: dict[str, Callable[[Scores], int]] = {
        "first 3": lambda logits: 3,
        "first 5": lambda logits: 5,
        "probability ≥ .2, up to 20": lambda logits: cuts.threshold(logits, 0.2, 20),
        "probability ≥ .45, up to 20": lambda logits: cuts.threshold(logits, 0.45, 20),
        "mixture of two normals, top 20": lambda logits: cuts.mixture(logits, 20),
        "largest gap, up to 10": lambda logits: cuts.gap(logits, 10),
    }
    for name, way in ways.items():
        taken = [way(r.logits) for r in asked]
        used = statistics.fmean(taken)
        recall = statistics.fmean(float(r.gains[:k].sum()) for r, k in zip(asked, taken, strict=True))
        needed = float(np.interp(recall, fixed, np.arange(1, most + 1)))
        rows.append(f"| {name} | {used:.2f} | {recall:.3f} | {needed:.2f} | {1 - used / needed:+.0%} |")
    return f"Pages used at equal evidence recall, {len(asked)} questions\n\n" + "\n".join(rows)

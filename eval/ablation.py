"""Ablation of the rules by which questions are read: recall with each rule off, side by side over data sets."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from octavo.eval.datasets import Question, load
from octavo.eval.figures import LAYOUT_CUTS, PAGE_CUTS
from octavo.eval.metrics import layout_recall, page_recall
from octavo.eval.protocol import Split, load_protocol
from octavo.eval.retrieval import gold_places, ingest, own_regions
from octavo.rag import Level, Pipeline, Scope, Settings
from octavo.rag.query.question import Query, parse_query
from octavo.rag.query.rules import QueryRules
from octavo.rag.relevancy import MatchScorer

ALL_ON = ""
"""The name of the row in which all rules are on."""

Recalls = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Ablation:
    """Recall of each question by the rule that is off (`ALL_ON` for none), in the order of the questions.

    `within` and `across` hold page recall at `PAGE_CUTS` within the question's document and across all documents,
    `layout` layout recall at `LAYOUT_CUTS` within it, of questions with gold boxes. `documents` are the questions'.
    """

    dataset: str
    documents: tuple[str, ...]
    within: dict[str, list[Recalls]]
    across: dict[str, list[Recalls]]
    layout: dict[str, list[Recalls]]


def ablate(folder: Path, library: Path | None = None, split: Split | None = None) -> Ablation:
    """Asks the answerable questions of a data set, or of one split by the protocol, with each rule off in turn.

    A question that a rule does not change is asked once.
    """
    dataset = load(folder)
    if split:
        dataset = load_protocol().select(dataset, split)
    documents: list[str] = []
    within, across, layout = dict[str, list[Recalls]](), dict[str, list[Recalls]](), dict[str, list[Recalls]]()
    with (
        nullcontext(library) if library else tempfile.TemporaryDirectory() as home,
        _open_pipeline(Path(home)) as pipeline,
    ):
        ids, _ = ingest(pipeline, dataset)
        everywhere = tuple(sorted(set(ids.values())))
        for q in dataset.answerable:
            if q.doc not in ids or not q.gold_pages:
                continue
            documents.append(q.doc)
            _add(within, q, partial(_pages, pipeline, (ids[q.doc],), q, ids))
            _add(across, q, partial(_pages, pipeline, everywhere, q, ids))
            if q.gold_layouts:
                _add(layout, q, partial(_elements, pipeline, (ids[q.doc],), q, ids))
    return Ablation(folder.name, tuple(documents), within, across, layout)


def _open_pipeline(library: Path) -> Pipeline:
    return Pipeline(Settings(library=library))


def _add(table: dict[str, list[Recalls]], question: Question, measure: Callable[[Query], Recalls]) -> None:
    whole = parse_query(question.question)
    recalls = measure(whole)
    table.setdefault(ALL_ON, []).append(recalls)
    for rule in QueryRules.model_fields:
        query = parse_query(question.question, QueryRules(**{rule: False}))
        table.setdefault(rule, []).append(recalls if query == whole else measure(query))


def _pages(
    pipeline: Pipeline, documents: tuple[str, ...], question: Question, ids: dict[str, str], query: Query
) -> Recalls:
    pages = pipeline.retriever(Level.PAGE, Scope(documents=documents)).pages(query)
    entries = pipeline.index.entries(list(pages))
    scores = MatchScorer(pipeline.index).logits(query, entries, [pages[e.id] for e in entries])
    order = sorted(range(len(entries)), key=lambda n: -scores[n])
    ranked = [(entries[n].document, entries[n].page) for n in order]
    return tuple(page_recall(ranked, gold_places(question, ids), k) for k in PAGE_CUTS)


def _elements(
    pipeline: Pipeline, documents: tuple[str, ...], question: Question, ids: dict[str, str], query: Query
) -> Recalls:
    candidates = pipeline.retriever(Level.ELEMENT, Scope(documents=documents)).retrieve(query)
    reranker = pipeline.reranker(k=max(LAYOUT_CUTS), threshold=0.0)
    best = [c.as_evidence() for c in reranker.select(reranker.rank(query, candidates))]
    regions = own_regions(best, ids[question.doc])
    return tuple(layout_recall(regions, question.gold_layouts, k) for k in LAYOUT_CUTS)


def table(ablations: Sequence[Ablation]) -> str:
    """Returns a Markdown table: a row for each rule that is off, columns for each set.

    A cell that differs from that of the first row, where all rules are on, is bold.
    """
    columns = [
        (f"{a.dataset} {name}", recalls)
        for a in ablations
        for name, recalls in (("within", a.within), ("across", a.across), ("layout", a.layout))
        if recalls
    ]
    cuts = f"page recall@{'/'.join(map(str, PAGE_CUTS))}, layout recall@{'/'.join(map(str, LAYOUT_CUTS))}"
    lines = [f"| off ({cuts}) | " + " | ".join(name for name, _ in columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for rule in (ALL_ON, *QueryRules.model_fields):
        cells = []
        for _, recalls in columns:
            cell = _means(recalls[rule])
            cells.append(cell if rule == ALL_ON or cell == _means(recalls[ALL_ON]) else f"**{cell}**")
        lines.append(f"| {rule or 'none'} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _means(rows: Sequence[Recalls]) -> str:
    return " / ".join(f"{statistics.fmean(column):.3f}".removeprefix("0") for column in zip(*rows, strict=True))

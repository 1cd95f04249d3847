"""Documents retrieved before pages ("Unified multi-modal interleaved document representation", arXiv 2410.02729).

Page recall across all documents of sets, without that step and with it, by the mean and by the weighted vector.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from octavo.eval.datasets import load
from octavo.eval.figures import PAGE_CUTS
from octavo.eval.metrics import compare, page_recall
from octavo.eval.retrieval import gold_places, ingest
from octavo.rag import Level, Pipeline, Scope, Settings

_DOCUMENTS = (1, 3)
_OFF = "pages alone"


def table(sets: Mapping[Path, Path]) -> str:
    """Returns a table over the questions of data sets together, each with its library."""
    variants: dict[str, dict[str, Any]] = {_OFF: {}} | {
        f"{count} documents, {vector}": {"documents_first": count, "document_vector": vector}
        for count in _DOCUMENTS
        for vector in ("mean", "weighted")
    }
    recalls = {
        name: [row for data, library in sets.items() for row in _recalls(data, Settings(library=library, **options))]
        for name, options in variants.items()
    }
    rows = ["| first | " + " | ".join(f"page recall@{k}, less without" for k in PAGE_CUTS) + " |"]
    rows.append("|---" * (1 + len(PAGE_CUTS)) + "|")
    for name, recall in recalls.items():
        cells = []
        for own, off in zip(zip(*recall, strict=True), zip(*recalls[_OFF], strict=True), strict=True):
            c = compare(off, own)
            cells.append(f"{statistics.fmean(own):.3f}, {c.difference:+.3f} [{c.low:+.3f}, {c.high:+.3f}]")
        rows.append(f"| {name} | " + " | ".join(cells) + " |")
    return f"Documents before pages, {len(recalls[_OFF])} questions, across all documents\n\n" + "\n".join(rows)


def _recalls(data: Path, settings: Settings) -> list[list[float]]:
    dataset = load(data)
    with Pipeline(settings) as pipeline:
        ids, _ = ingest(pipeline, dataset)
        scope = Scope(documents=tuple(sorted(set(ids.values()))))
        results = []
        for question in dataset.answerable:
            if question.gold_pages and question.doc in ids:
                hits = pipeline.search(question.question, level=Level.PAGE, k=max(PAGE_CUTS), scope=scope)
                ranked = [(hit.document, hit.page) for hit in hits]
                results.append([page_recall(ranked, gold_places(question, ids), k) for k in PAGE_CUTS])
    return results

"""Questions in several languages by vectors alone: what an encoder finds across languages without words beside it.

`python -m octavo.eval.tried languages SET LIBRARY` asks the questions of a set that the project translates, in each
language. The pages of a question's document are ranked by their own vector or that of their best chunk.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from octavo.eval.datasets import Question, load
from octavo.eval.datasets.translations import versions
from octavo.eval.metrics import interval, page_recall
from octavo.eval.retrieval import gold_places, ids_in_library
from octavo.eval.tried.vectors import products
from octavo.rag import Level, Pipeline, Scope, Settings
from octavo.rag.entry import EntryId
from octavo.rag.index import model_of
from octavo.rag.index.store import entries, vectors

CUTS = (1, 5)


def report(folder: Path, library: Path) -> str:
    """Returns a row for each language: page recall and its difference in recall@5 to the language of the set."""
    dataset = load(folder)
    asked = versions({q.id: q for q in dataset.answerable if q.gold_pages})
    with Pipeline(Settings.from_env(library=library)) as pipeline:
        ids = ids_in_library(dataset, pipeline.library)
        recalls = {
            language: [_recalls(pipeline, question, ids) for question in questions.values() if question.doc in ids]
            for language, questions in asked.items()
        }
        lines = [f"{model_of(pipeline.index.embedding)}: {len(next(iter(recalls.values())))} questions"]
    first = next(iter(recalls.values()))
    for language, found in recalls.items():
        change = interval([now[-1] - then[-1] for now, then in zip(found, first, strict=True)])
        means = " / ".join(f"{value:.3f}" for value in np.mean(found, axis=0))
        lines.append(f"{language:4} {means}  {change.mean:+.3f} [{change.low:+.3f}, {change.high:+.3f}]")
    return "\n".join(lines)


def _recalls(pipeline: Pipeline, question: Question, ids: dict[str, str]) -> list[float]:
    connection, document = pipeline.library.connection, ids[question.doc]
    scope = Scope(documents=document)
    vector = pipeline.index.query_vector(question.question)
    best: dict[EntryId, float] = {}
    for level in (Level.PAGE, Level.CHUNK):
        names, rows = vectors.of_scope(connection, level, scope)
        loaded = entries.load(connection, list(map(EntryId, names)))
        pages = {entry.id: EntryId.of_page(entry.document, entry.page) for entry in loaded}
        for name, score in zip(names, products(vector[None], rows)[0], strict=True):
            page = pages[EntryId(name)]
            best[page] = max(best.get(page, -1.0), float(score))
    ranked = sorted(best, key=lambda page: -best[page])
    gold = [EntryId.of_page(*place) for place in gold_places(question, ids)]
    return [page_recall(ranked, gold, k) for k in CUTS]

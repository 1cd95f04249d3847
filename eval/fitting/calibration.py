"""Calibrating a relevancy scorer on a data set, so that its scores are probabilities and one threshold fits all."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from octavo.eval.datasets import Question, load
from octavo.ingest import OctavoError
from octavo.rag import Level, Pipeline, Scope, Settings
from octavo.rag.entry import EntryId
from octavo.rag.query.analysis import terms
from octavo.rag.query.question import parse_query
from octavo.rag.relevancy.calibration import Calibration, fit, store
from octavo.rag.relevancy.model_based import ModelScorer

_SHARE = 0.6
"""An entry of a gold page is relevant when it holds so much of the words of the evidence, as its best entry does."""


def calibrate(
    folder: Path,
    settings: Settings,
    level: Level = Level.PAGE,
    kind: Literal["logistic", "isotonic"] = "logistic",
    count: int = 6,
) -> Calibration:
    """Fits the scorer that the settings select on the questions of a data set; stores it with the settings' library.

    The documents of the data set are ingested into that library where they are not in it. Of each question the `count`
    best candidates of its own document are judged; a page is relevant when it is a gold page. Questions that cannot
    be answered have candidates too, all of them irrelevant.
    """
    dataset = load(folder)
    scores: list[float] = []
    labels: list[bool] = []
    with Pipeline(settings) as pipeline:
        scorer = pipeline.scorer
        if not isinstance(scorer, ModelScorer):
            raise OctavoError("The embedded relevancy score is calibrated already: set OCTAVO_RELEVANCY__KIND.")
        pipeline.ingest(*(folder / doc for doc in dataset.documents))
        ids = {path: info.id for info in pipeline.documents() for path in info.paths}
        for question in dataset.questions:
            document = ids.get(str((folder / question.doc).resolve()))
            if document is None:
                continue
            query = parse_query(question.question)
            candidates = pipeline.retriever(level, Scope(documents=(document,))).retrieve(query)
            results = [c.entry for c in candidates[:count]]
            gold = relevant(pipeline, question, document, level)
            scores += scorer.raw(query, results)
            labels += [entry.id in gold for entry in results]
        calibration = fit(scores, labels, kind)
        store(pipeline.library, scorer.name, level, calibration)
    return calibration


def relevant(pipeline: Pipeline, question: Question, document: str, level: Level) -> set[str]:
    """Returns the relevant entries: the gold pages, or what on them has most words of the evidence or answer."""
    pages = [EntryId.of_page(document, page) for page in question.gold_pages]
    if level is Level.PAGE:
        return set(pages)
    gold_terms = set(terms(f"{question.evidence or question.answer}", stop_words=False))
    shares = {
        entry.id: len(gold_terms & set(terms(entry.searchable))) / max(1, len(gold_terms))
        for entry in pipeline.index.entries_on(pages, level)
    }
    best = max(shares.values(), default=0.0)
    return {identity for identity, share in shares.items() if share >= max(_SHARE, best)}

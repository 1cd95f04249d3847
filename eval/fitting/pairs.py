"""Labeled pairs of a question and its candidates, from training passages and from data sets."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from octavo.eval.datasets import load
from octavo.eval.fitting.calibration import relevant
from octavo.eval.protocol import FitSet
from octavo.ingest import Box, Chunk, Document, Element, Kind, Line, Page, Region
from octavo.rag import Entry, Level, Pipeline, Scope
from octavo.rag.query.question import parse_query
from octavo.rag.relevancy import MatchScorer
from octavo.rag.relevancy.parameters import Parameters

Columns = dict[str, NDArray[np.float64]]

SEED = 20
LEAST_PAGES = 5
"""A document of fewer pages is not searched alone, and is not one that cannot answer."""


@dataclass(frozen=True, slots=True)
class CandidateFeatures:
    """The candidates of one question in the order of the first pass: features by name, and which are relevant.

    `logits` are the log odds that the parameters of the time give them. All arrays have shape (candidates,).
    """

    document: str
    features: Columns
    relevant: NDArray[np.bool_]
    logits: NDArray[np.float64]


def pairs_of_passages(folder: Path, library: Path, count: int, parameters: Parameters) -> Iterator[CandidateFeatures]:
    """Returns pairs of `questions.jsonl.gz` and `passages.jsonl.gz`, `count` English questions of each source.

    A passage stands for a page of its document.
    """
    by_source: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(folder / "questions.jsonl.gz"):
        if row["language"] == "en":
            by_source.setdefault(row["source"], []).append(row)
    questions = [
        row
        for source, rows in sorted(by_source.items())
        for row in random.Random(f"{SEED} {source}").sample(rows, min(count, len(rows)))  # noqa: S311 - not for secrets
    ]
    documents: dict[str, list[dict[str, Any]]] = {row["doc"]: [] for row in questions}
    for row in _rows(folder / "passages.jsonl.gz"):
        if row["doc"] in documents:
            documents[row["doc"]].append(row)
    page_ids = {row["id"]: f"{_id(doc)}/p{n}" for doc, rows in documents.items() for n, row in enumerate(rows)}
    with Pipeline(library) as pipeline:
        with pipeline.index.writing():
            for doc, rows in documents.items():
                pipeline.index.add(_document(doc, [row["text"] for row in rows]), Path("/", doc))
        for row in questions:
            scope = Scope(documents=(_id(row["doc"]),)) if len(documents[row["doc"]]) >= LEAST_PAGES else Scope()
            gold = {page_ids[p] for p in row["positives"]}
            yield from _pairs(pipeline, row["question"], gold, row["doc"], Level.PAGE, scope, parameters)


def pairs_of_dataset(
    folder: Path, library: Path, level: Level, options: FitSet, parameters: Parameters
) -> Iterator[CandidateFeatures]:
    """Returns pairs of a data set: of pages within the question's document and across all, of elements within it."""
    dataset = load(folder)
    with Pipeline(library) as pipeline:
        pipeline.ingest(*(folder / doc for doc in dataset.documents))
        ids = {Path(path).name: info.id for info in pipeline.documents() for path in info.paths}
        for q in dataset.answerable:
            document = ids.get(Path(q.doc).name)
            if document is None or Path(q.doc).name in options.without:
                continue
            gold, within = relevant(pipeline, q, document, level), Scope(documents=(document,))
            for scope in (within, Scope()) if level is Level.PAGE else (within,):
                yield from _pairs(pipeline, q.question, gold, document, level, scope, parameters)


def _pairs(
    pipeline: Pipeline,
    question: str,
    gold: set[str],
    document: str,
    level: Level,
    scope: Scope,
    parameters: Parameters,
) -> Iterator[CandidateFeatures]:
    """Returns the candidates of a question, and those of a document that cannot answer it."""
    entries, columns, logits = _candidates(pipeline, question, level, scope, parameters)
    labels = np.array([e.id in gold for e in entries], dtype=bool)
    if labels.any() and not labels.all():
        yield CandidateFeatures(document, columns, labels, logits)
    inside = scope.documents or ()
    others = [i.id for i in pipeline.documents() if i.pages >= LEAST_PAGES and i.id not in inside]
    if inside and others:
        other = random.Random(f"{SEED} {question}").choice(others)  # noqa: S311 - not for secrets
        entries, columns, logits = _candidates(pipeline, question, level, Scope(documents=(other,)), parameters)
        if entries:
            yield CandidateFeatures(document, columns, np.zeros(len(entries), dtype=bool), logits)


def _candidates(
    pipeline: Pipeline, question: str, level: Level, scope: Scope, parameters: Parameters
) -> tuple[list[Entry], Columns, NDArray[np.float64]]:
    query = parse_query(question)
    candidates = pipeline.retriever(level, scope).retrieve(query)
    entries, first_pass = [c.entry for c in candidates], [c.score for c in candidates]
    scorer = MatchScorer(pipeline.index, parameters)
    return entries, scorer.features(query, entries, first_pass), scorer.logits(query, entries, first_pass)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _id(doc: str) -> str:
    return doc.replace("/", ":")


def _document(doc: str, passages: Sequence[str]) -> Document:
    """Returns passages as the pages of a document, each with one element and one chunk."""
    pages, chunks = [], []
    box = Box(50, 50, 550, 750)
    for n, text in enumerate(passages):
        element = Element(0, Kind.TEXT, box, text, (Line(text, box),))
        pages.append(Page(n, 612, 792, text=text, elements=(element,)))
        chunks.append(Chunk(n, "", text, (Region(n, box, 0),)))
    return Document(_id(doc), doc, doc, doc.rpartition("/")[2], "text/plain", tuple(pages), tuple(chunks))

"""A projector trained on one's own questions: a linear map of question vectors towards the pages that answer them.

InfoNCE (arXiv 1807.03748) over frozen vectors. Hard negatives are the nearest wrong pages of the question's document
(DCD's choice by a teacher, with the embedding itself as the teacher) and geodesic mixes of right and wrong ones
(m²-Mix, 2203.03897). After the first epochs the half of the pairs with the least loss weighs full and the others half,
as noisy pairs do in PC². The map is drawn to the identity, which keeps the old similarities (Mod-X).

Gates decide whether it is used: recall on held-out documents has to rise, and must not fall on other questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from octavo.eval.datasets import load
from octavo.eval.metrics import ConfidenceInterval, interval, page_recall
from octavo.eval.retrieval import gold_places, ids_in_library
from octavo.ingest import OctavoError
from octavo.rag import Level, Pipeline, Scope
from octavo.rag.embedding import Embedder, MultiVectorEmbedder, Vectors, unit
from octavo.rag.embedding.projected import ProjectedEmbedder, project
from octavo.rag.entry import EVERYWHERE, EntryId
from octavo.rag.index import geometry, model_of
from octavo.rag.index.projection import store_projection
from octavo.rag.index.store import entries, vectors

RISE, FALL = 0.02, 0.01
"""The least rise of recall on held-out documents, and the greatest fall on other questions."""
RECALL_AT = 5
"""Recall is measured at this many pages."""
HELD_OUT = 3
"""One document in this many is held out; its name decides."""
HARD, MIXES = 8, 4
"""Wrong pages of its document that a question is held against, and mixes of these with the right one."""
TEMPERATURE, RATE, EPOCHS, TRUSTING = 0.05, 3e-3, 120, 20
"""InfoNCE's temperature, Adam's rate, the epochs, and those in which all pairs weigh the same."""
HEADINGS = 300
"""Pages whose headings are the other questions."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Recall:
    """Recall at `RECALL_AT` pages before and after, the difference and its 95 % interval, of so many questions."""

    questions: int
    before: float
    after: float
    difference: ConfidenceInterval


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """Recall before and after a training: of questions on held-out documents (`own`), and of headings (`other`).

    A heading asks for its page. `refused` says why the map is not used, empty where it is.
    """

    own: Recall
    other: Recall
    alignment: tuple[float, float]
    uniformity: tuple[float, float]
    refused: str


@dataclass(frozen=True, slots=True)
class EmbeddedQuestion:
    """A question's vector, and the places of its right pages in the matrix of the pages of its document."""

    vector: Vectors
    pages: Vectors
    gold: tuple[int, ...]
    document: str


def train(folder: Path, pipeline: Pipeline, *, strength: float = 0.03, epochs: int = EPOCHS) -> TrainingReport:
    """Trains a projector on the questions of a data set and stores it with the library, unless the gates refuse it.

    The documents have to be in the library. `strength` weighs how far the map is drawn to the identity. Raises
    `OctavoError` for an embedding with a vector for each token, and where there are too few questions.
    """
    embedding = _embedder(pipeline)
    questions = _asked_questions(folder, pipeline, embedding)
    held_out = {a.document for a in questions if crc32(a.document.encode()) % HELD_OUT == 0}
    training, own = (
        [a for a in questions if a.document not in held_out],
        [a for a in questions if a.document in held_out],
    )
    if min(len(training), len(own)) < 5:
        raise OctavoError(
            f"{folder} has {len(questions)} questions with pages in the library: too few to train and to test."
        )
    other = _headings(pipeline, embedding)
    matrix = fit_projector(training, strength=strength, epochs=epochs)
    result = _compare(own, other, matrix)
    if not result.refused:
        store_projection(pipeline.library, model_of(embedding), matrix)
    return result


def fit_projector(examples: Sequence[EmbeddedQuestion], *, strength: float = 0.03, epochs: int = EPOCHS) -> Vectors:
    """Returns the matrix, shape (dimension + 1, dimension), that InfoNCE learns from questions and pages."""
    source = np.random.default_rng(0)
    questions = np.stack([a.vector for a in examples]).astype(np.float64)
    positives, negatives = zip(*(_examples(a, source) for a in examples), strict=True)
    right, wrong = np.stack(positives), np.stack(negatives)
    dimension = questions.shape[1]
    identity = np.concatenate([np.eye(dimension), np.zeros((1, dimension))])
    weights, augmented = identity.copy(), np.concatenate([questions, np.ones((len(questions), 1))], axis=1)
    moment, square = np.zeros_like(weights), np.zeros_like(weights)
    trust = np.ones(len(questions))
    for epoch in range(1, epochs + 1):
        mapped = augmented @ weights
        norms = np.linalg.norm(mapped, axis=1, keepdims=True)
        rows = mapped / norms
        losses, towards = _infonce(rows, right, wrong)
        if epoch > TRUSTING:
            trust = np.where(losses <= np.median(losses), 1.0, 0.5)
        towards = towards * (trust / trust.sum())[:, None]
        gradient = augmented.T @ ((towards - rows * np.sum(towards * rows, axis=1, keepdims=True)) / norms)
        gradient += strength * (weights - identity)
        moment = 0.9 * moment + 0.1 * gradient
        square = 0.99 * square + 0.01 * gradient**2
        weights -= RATE * (moment / (1 - 0.9**epoch)) / (np.sqrt(square / (1 - 0.99**epoch)) + 1e-8)
    return weights.astype(np.float32)


def _infonce(rows: Matrix, right: Matrix, wrong: Matrix) -> tuple[Matrix, Matrix]:
    """Returns each question's loss, and its gradient by the question's unit vector.

    A question is held against its own wrong pages, shape (n, HARD + MIXES, dimension), and the right ones of others.
    """
    logits = np.concatenate([rows @ right.T, np.einsum("nd,nkd->nk", rows, wrong)], axis=1) / TEMPERATURE
    logits -= logits.max(axis=1, keepdims=True)
    chances = np.exp(logits)
    chances /= chances.sum(axis=1, keepdims=True)
    n = len(rows)
    losses = -np.log(np.maximum(chances[np.arange(n), np.arange(n)], 1e-12))
    towards = chances[:, :n] @ right - right + np.einsum("nk,nkd->nd", chances[:, n:], wrong)
    return losses, towards / TEMPERATURE


def _examples(question: EmbeddedQuestion, source: np.random.Generator) -> tuple[Matrix, Matrix]:
    """Returns a right page's vector, and those of hard wrong ones with mixes of the two."""
    pages = question.pages.astype(np.float64)
    right = pages[question.gold[int(np.argmax(pages[list(question.gold)] @ question.vector))]]
    wrong = np.setdiff1d(np.arange(len(pages)), question.gold)
    nearest = wrong[np.argsort(-(pages[wrong] @ question.vector), kind="stable")][:HARD]
    negatives = pages[np.resize(nearest, HARD)] if len(nearest) else np.tile(-right, (HARD, 1))
    shares = source.uniform(0.2, 0.5, MIXES)
    mixes = [geodesic_mix(negatives[n], right, share) for n, share in enumerate(shares)]
    return right, np.concatenate([negatives, np.stack(mixes)])


def geodesic_mix(a: Matrix, b: Matrix, share: float) -> Matrix:
    """Returns the unit vector on the way from a to b, both of length 1, `share` of the angle from a.

    >>> geodesic_mix(np.array([1.0, 0.0]), np.array([0.0, 1.0]), 0.5).round(3).tolist()
    [0.707, 0.707]
    """
    angle = float(np.arccos(np.clip(a @ b, -1, 1)))
    if np.sin(angle) < 1e-6:
        return a
    return (np.sin((1 - share) * angle) * a + np.sin(share * angle) * b) / np.sin(angle)


def _embedder(pipeline: Pipeline) -> Embedder:
    """Returns the library's own embedder, without the map of an earlier training."""
    embedding = pipeline.index.embedding
    if isinstance(embedding, ProjectedEmbedder):
        if embedding.of_entries is not None:
            raise OctavoError(
                "The library has the vectors of another embedding: embed it again before a projector is trained."
            )
        embedding = embedding.inner
    if isinstance(embedding, MultiVectorEmbedder):
        raise OctavoError(f"{embedding.model_name} has a vector for each token, which no projector maps.")
    return embedding


def _asked_questions(folder: Path, pipeline: Pipeline, embedding: Embedder) -> list[EmbeddedQuestion]:
    data = load(folder)
    ids, pages_of = ids_in_library(data, pipeline.library), cache(partial(_pages, pipeline))
    results = []
    for question in data.answerable:
        gold = {EntryId.of_page(*place) for place in gold_places(question, ids)}
        if question.doc in ids:
            pages, rows = pages_of(ids[question.doc])
            places = tuple(n for n, page in enumerate(pages) if page in gold)
            if places:
                results.append(EmbeddedQuestion(embedding.embed_query(question.question), rows, places, question.doc))
    return results


def _headings(pipeline: Pipeline, embedding: Embedder) -> list[EmbeddedQuestion]:
    """Returns pages' headings as questions that ask for their page, within its document."""
    connection = pipeline.library.connection
    pages_of = cache(partial(_pages, pipeline))
    pages = entries.load(connection, [EntryId(i) for i in vectors.of_scope(connection, Level.PAGE, EVERYWHERE)[0]])
    titled = [page for page in pages if page.heading and len(page.text) > len(page.heading)]
    some = [titled[n] for n in np.random.default_rng(0).permutation(len(titled))[:HEADINGS]]
    results = []
    for page in some:
        ids, rows = pages_of(page.document)
        results.append(
            EmbeddedQuestion(embedding.embed_query(page.heading), rows, (ids.index(page.id),), page.document)
        )
    return results


def _pages(pipeline: Pipeline, document: str) -> tuple[list[EntryId], Vectors]:
    ids, rows = vectors.of_scope(pipeline.library.connection, Level.PAGE, Scope(documents=document))
    return [EntryId(i) for i in ids], unit(rows)


def _compare(own: Sequence[EmbeddedQuestion], other: Sequence[EmbeddedQuestion], matrix: Vectors) -> TrainingReport:
    results = [_recall(some, matrix) for some in (own, other)]
    refused = ""
    if results[0].after - results[0].before < RISE:
        refused = (
            f"recall@{RECALL_AT} on held-out documents is {results[0].after:.3f} instead of {results[0].before:.3f}, "
            f"and has to rise by {RISE}"
        )
    elif results[1].after - results[1].before < -FALL:
        refused = (
            f"recall@{RECALL_AT} of other questions falls from {results[1].before:.3f} to {results[1].after:.3f}, "
            f"by more than {FALL}"
        )
    before = np.stack([a.vector for a in own])
    after, right = project(before, matrix), np.stack([a.pages[a.gold[0]] for a in own])
    return TrainingReport(
        results[0],
        results[1],
        (geometry.alignment(before, right), geometry.alignment(after, right)),
        (geometry.uniformity(before), geometry.uniformity(after)),
        refused,
    )


def _recall(questions: Sequence[EmbeddedQuestion], matrix: Vectors) -> Recall:
    before = [_recall_of(a, a.vector) for a in questions]
    after = [_recall_of(a, project(a.vector[None], matrix)[0]) for a in questions]
    differences = [now - then for now, then in zip(after, before, strict=True)]
    return Recall(len(questions), float(np.mean(before)), float(np.mean(after)), interval(differences))


def _recall_of(question: EmbeddedQuestion, vector: Vectors) -> float:
    return page_recall(np.argsort(-(question.pages @ vector), kind="stable").tolist(), question.gold, RECALL_AT)

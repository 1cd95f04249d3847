"""Methods that mend an embedding space, on the vectors of a library and the questions of a set: none is in use.

`python -m octavo.eval.tried vectors SET LIBRARY` prints the page recall of the library's own vectors and of each method
with the paired difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from octavo.eval.datasets import load
from octavo.eval.metrics import interval, page_recall
from octavo.eval.retrieval import gold_places, ids_in_library
from octavo.rag import Level, Pipeline, Settings
from octavo.rag.embedding import Vectors, unit
from octavo.rag.entry import EVERYWHERE, EntryId
from octavo.rag.index import geometry, model_of
from octavo.rag.index.store import entries, vectors

CUTS = (1, 3, 5)
INVERSE_TEMPERATURE = 20.0
"""Of the softmax in querybank normalization."""
PULL, LOCAL_PULL, NEAREST = 1.0, 0.1, 0.1
"""How much of all others InvGC takes off a vector, and LocalAdj of which share of them."""
WHITENED_DIRECTIONS = 128
"""Directions that whitening keeps."""

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Space:
    """Vectors of questions, pages and chunks, the page that each chunk begins on, and headings, a bank of questions."""

    questions: Vectors
    pages: Vectors
    chunks: Vectors
    page_of_chunk: NDArray[np.int64]
    bank: Vectors


def plain(space: Space) -> Scores:
    """Returns cosine similarity."""
    return products(space.questions, space.pages)


def whiten(space: Space) -> Scores:
    """PCA whitening, as DefSent+ and BERT-whitening (arXiv 2103.15316) have it."""
    both = np.concatenate([space.pages, space.chunks]).astype(np.float64)
    mean = both.mean(axis=0)
    _, spread, directions = np.linalg.svd(both - mean, full_matrices=False)
    scale = directions[:WHITENED_DIRECTIONS].T / np.maximum(spread[:WHITENED_DIRECTIONS], 1e-6)
    return products(unit((space.questions - mean) @ scale), unit((space.pages - mean) @ scale))


def inverted_softmax(space: Space) -> Scores:
    """DBNorm's IS with a bank of questions (Querybank, arXiv 2112.12777)."""
    return _inverted_softmax_of(plain(space), products(space.bank, space.pages))


def dual_inverted_softmax(space: Space) -> Scores:
    """DBNorm's DualIS (arXiv 2310.11612): normalized by a bank of questions and by one of passages."""
    return inverted_softmax(space) * _inverted_softmax_of(plain(space), products(space.chunks, space.pages))


def dynamic_inverted_softmax(space: Space) -> Scores:
    """DBNorm's DIS: only for questions whose nearest page is nearest to a question of the bank as well."""
    return np.where(_is_hub(space, space.bank), inverted_softmax(space), plain(space))


def dual_dynamic_inverted_softmax(space: Space) -> Scores:
    """DBNorm's DualDIS: each factor only for questions whose nearest page is nearest to one of its bank as well."""
    likeness = np.exp(INVERSE_TEMPERATURE * plain(space))
    of_questions = np.where(_is_hub(space, space.bank), inverted_softmax(space), likeness)
    by_passages = _inverted_softmax_of(plain(space), products(space.chunks, space.pages))
    return of_questions * np.where(_is_hub(space, space.chunks), by_passages, likeness)


def inverse_convolution(space: Space) -> Scores:
    """InvGC (arXiv 2310.13276): takes the others, weighed by likeness above the mean, off each page."""
    return products(space.questions, _between(_off(space.pages, bank) for bank in (space.pages, space.bank)))


def local_adjustment(space: Space) -> Scores:
    """InvGC with LocalAdj: only the nearest are taken off."""
    return products(space.questions, _between(_off_nearest(space.pages, bank) for bank in (space.pages, space.bank)))


def best_of_page(space: Space) -> Scores:
    """Returns the page or its best chunk, as the product ranks."""
    return np.maximum(plain(space), _of_chunks(space))


def coarse_to_fine(space: Space) -> Scores:
    """UCoFiA (arXiv 2309.10091): page and best chunk, each normalized by Sinkhorn and Knopp, then added."""
    return _balanced(plain(space)) + _balanced(_of_chunks(space))


def unbalanced(space: Space) -> Scores:
    """Returns the same without Sinkhorn and Knopp."""
    return plain(space) + _of_chunks(space)


def _of_chunks(space: Space) -> Scores:
    of_chunks = np.full((len(space.questions), len(space.pages)), -1.0)
    similar = products(space.questions, space.chunks)
    for chunk, page in enumerate(space.page_of_chunk):
        of_chunks[:, page] = np.maximum(of_chunks[:, page], similar[:, chunk])
    return of_chunks


METHODS: tuple[Callable[[Space], Scores], ...] = (
    plain,
    whiten,
    inverted_softmax,
    dual_inverted_softmax,
    dynamic_inverted_softmax,
    dual_dynamic_inverted_softmax,
    inverse_convolution,
    local_adjustment,
    best_of_page,
    unbalanced,
    coarse_to_fine,
)


def report(folder: Path, library: Path) -> str:
    """Returns a row for each method: page recall across all documents, and the paired difference at the last cut."""
    with Pipeline(Settings.from_env(library=library)) as pipeline:
        space, gold = _space(pipeline, folder)
        name = model_of(pipeline.index.embedding)
    counts = geometry.occurrences(space.questions, space.pages, 10)
    lines = [
        f"{name}: {len(space.questions)} questions, {len(space.pages)} pages; skewness of 10-occurrence "
        f"{geometry.skewness(counts):.2f}, the nearest hub in {counts.max() / len(space.questions):.0%}"
    ]
    first: list[list[float]] = []
    for method in METHODS:
        order = np.argsort(-method(space), axis=1, kind="stable")
        recalls = [[page_recall(row.tolist(), g, k) for k in CUTS] for row, g in zip(order, gold, strict=True)]
        first = first or recalls
        change = interval([now[-1] - then[-1] for now, then in zip(recalls, first, strict=True)])
        means = " / ".join(f"{value:.3f}" for value in np.mean(recalls, axis=0))
        lines.append(f"{method.__name__:26} {means}  {change.mean:+.3f} [{change.low:+.3f}, {change.high:+.3f}]")
    return "\n".join(lines)


def _space(pipeline: Pipeline, folder: Path) -> tuple[Space, list[list[int]]]:
    connection, index = pipeline.library.connection, pipeline.index
    pages, rows = vectors.of_scope(connection, Level.PAGE, EVERYWHERE)
    chunks, of_chunks = vectors.of_scope(connection, Level.CHUNK, EVERYWHERE)
    place = {EntryId(page): n for n, page in enumerate(pages)}
    by_id = {e.id: e for e in entries.load(connection, [EntryId(i) for i in (*pages, *chunks)])}
    starts = [place[EntryId.of_page(e.document, e.page)] for e in (by_id[EntryId(i)] for i in chunks)]
    headings = dict.fromkeys(e.heading for e in (by_id[EntryId(i)] for i in pages) if len(e.heading.split()) > 1)
    data = load(folder)
    ids = ids_in_library(data, pipeline.library)
    queries = [
        (q.question, {place[EntryId.of_page(*p)] for p in gold_places(q, ids) if EntryId.of_page(*p) in place})
        for q in data.answerable
        if q.doc in ids
    ]
    queries = [(text, gold) for text, gold in queries if gold]
    space = Space(
        np.stack([index.query_vector(text) for text, _ in queries]),
        rows,
        of_chunks,
        np.array(starts),
        np.stack([index.embedding.embed_question(heading) for heading in headings]),
    )
    return space, [list(gold) for _, gold in queries]


def products(a: NDArray[np.floating], b: NDArray[np.floating]) -> Scores:
    """Returns the products of each row of `a`, shape (n, d), with each of `b`, shape (m, d), as (n, m) float64."""
    result: Scores = a.astype(np.float64) @ b.T.astype(np.float64)
    return result


def _inverted_softmax_of(scores: Scores, bank: Scores) -> Scores:
    weights = np.exp(INVERSE_TEMPERATURE * bank).sum(axis=0)
    return np.exp(INVERSE_TEMPERATURE * scores) / weights


def _is_hub(space: Space, bank: Vectors) -> NDArray[np.bool_]:
    """Returns whether the nearest page of each question is nearest to one of a bank, shape (questions, 1)."""
    hubs = np.unique(products(bank, space.pages).argmax(axis=1))
    return np.isin(plain(space).argmax(axis=1), hubs)[:, None]


def _off(rows: Vectors, others: Vectors) -> Scores:
    similar = products(rows, others)
    return rows - PULL / len(others) * (similar - similar.mean()) @ others


def _off_nearest(rows: Vectors, others: Vectors) -> Scores:
    similar, count = products(rows, others), max(1, round(NEAREST * len(others)))
    least = np.partition(similar, -count, axis=1)[:, -count]
    return rows - LOCAL_PULL / count * np.where(similar >= least[:, None], similar, 0) @ others


def _between(moved: Iterable[Scores]) -> Vectors:
    """Returns the mean of vectors that were moved by the pages and by the bank of questions."""
    return unit(np.mean([unit(rows.astype(np.float32)) for rows in moved], axis=0).astype(np.float32))


def _balanced(scores: Scores, rounds: int = 4) -> Scores:
    """Returns scores scaled so that rows and columns sum to about the same (Sinkhorn and Knopp 1967)."""
    weights = np.exp(INVERSE_TEMPERATURE / 2 * scores)
    for _ in range(rounds):
        weights = weights / weights.sum(axis=0, keepdims=True)
        weights = weights / weights.sum(axis=1, keepdims=True)
    return weights

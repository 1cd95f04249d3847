"""Ways to ask a library of one model by another at once (XBT): `octavo.rag.index.projection` has the one in use.

`python -m octavo.eval.tried projections SET OLD NEW` compares them on two libraries of the same documents, one of each
model; the second one's is that of the settings. Pages are ranked by their own old vector or that of their best chunk.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from octavo.eval.datasets import load
from octavo.eval.metrics import interval, page_recall
from octavo.eval.retrieval import gold_places, ids_in_library
from octavo.ingest.model import PICTURES
from octavo.ingest.store.library import Library
from octavo.rag import Level, Pipeline, Settings
from octavo.rag.embedding import Vectors, unit
from octavo.rag.entry import EVERYWHERE, Entry, EntryId
from octavo.rag.index import model_of, projection
from octavo.rag.index.projection import TEXTS, ridge
from octavo.rag.index.store import entries, vectors

CUTS = (1, 3, 5)
PENALTY, WIDTH, TEMPERATURE, NEAREST = 0.01, 1.0, 0.05, 10
"""Of ridge and kernel ridge; of its kernel; of the softmax over texts and of the nearest ones."""

Map = Callable[[Vectors], NDArray[np.floating]]


def affine(matrix: Vectors) -> Map:
    """Returns the map of a matrix whose last row is added."""
    return lambda rows: rows @ matrix[:-1] + matrix[-1]


def without_mean(way: Callable[[Vectors, Vectors], Map], x: Vectors, y: Vectors) -> Map:
    """Returns a way's map without the mean of the old vectors, which ranks what lies near it first."""
    found = way(x, y)
    return lambda rows: found(rows) - y.mean(axis=0)


def ridged(x: Vectors, y: Vectors) -> Map:
    """Returns the map by ridge regression."""
    return affine(ridge(x, y, PENALTY))


def turned(x: Vectors, y: Vectors) -> Map:
    """Returns the rotation with the least squared error (orthogonal Procrustes)."""
    mean_x, mean_y = x.mean(axis=0), y.mean(axis=0)
    turn = projection.rotation((x - mean_x).astype(np.float64), (y - mean_y).astype(np.float64))
    scale = float(np.linalg.norm(y - mean_y) / np.linalg.norm(x - mean_x))
    return lambda rows: mean_y + scale * (rows - mean_x) @ turn


def canonical(x: Vectors, y: Vectors) -> Map:
    """Returns the map by canonical correlations, which has no mean of the old vectors."""
    mean_x = x.mean(axis=0)
    matrix = projection.canonical((x - mean_x).astype(np.float64), (y - y.mean(axis=0)).astype(np.float64))
    return lambda rows: (rows - mean_x) @ matrix


def kernel_ridge(x: Vectors, y: Vectors) -> Map:
    """Returns the map by ridge regression with a Gaussian kernel over the texts."""
    mean_x, mean_y = x.mean(axis=0), y.mean(axis=0)
    anchors = unit(x - mean_x)

    def kernel(rows: Vectors) -> NDArray[np.float64]:
        return np.exp(-WIDTH * (2 - 2 * unit(rows - mean_x) @ anchors.T).astype(np.float64))

    weights = np.linalg.solve(kernel(x) + PENALTY * np.eye(len(x)), y - mean_y)
    return lambda rows: mean_y + kernel(rows) @ weights


def smoothed(x: Vectors, y: Vectors) -> Map:
    """Returns the mean of the texts' old vectors, weighed by the softmax of their likeness to a question."""
    mean = x.mean(axis=0)
    anchors = unit(x - mean)

    def attend(rows: Vectors) -> NDArray[np.float64]:
        odds = unit(rows - mean) @ anchors.T / TEMPERATURE
        weights = np.exp((odds - odds.max(axis=1, keepdims=True)).astype(np.float64))
        result: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True) @ y
        return result

    return attend


def corrected(x: Vectors, y: Vectors) -> Map:
    """Returns ridge regression with the mean error of the nearest texts taken off."""
    base, mean = ridged(x, y), x.mean(axis=0)
    anchors, errors = unit(x - mean), y - base(x)

    def correct(rows: Vectors) -> NDArray[np.floating]:
        near = np.argsort(-(unit(rows - mean) @ anchors.T), axis=1)[:, :NEAREST]
        result: NDArray[np.floating] = base(rows) + errors[near].mean(axis=1)
        return result

    return correct


def both(x: Vectors, y: Vectors) -> Map:
    """Returns the sum of the directions by canonical correlations and by the softmax over texts."""
    first, second = canonical(x, y), without_mean(smoothed, x, y)
    return lambda rows: unit(first(rows).astype(np.float32)) + unit(second(rows).astype(np.float32))


WAYS: dict[str, Callable[[Vectors, Vectors], Map]] = {
    "ridge": ridged,
    "ridge, direction": partial(without_mean, ridged),
    "rotation": turned,
    "rotation, direction": partial(without_mean, turned),
    "kernel ridge, direction": partial(without_mean, kernel_ridge),
    "softmax over texts, direction": partial(without_mean, smoothed),
    "ridge with nearest errors, direction": partial(without_mean, corrected),
    "canonical correlations, direction": canonical,
    "canonical and softmax": both,
    "rotation and canonical (in use)": lambda x, y: affine(projection.directions(x, y)),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions of a set by the new model, and the pages and chunks that they rank by their old vectors."""

    questions: Vectors
    gold: Sequence[list[int]]
    rows: Vectors
    pages: NDArray[np.int64]

    def recalls(self, questions: Vectors) -> NDArray[np.float64]:
        """Returns the page recall of each question at `CUTS`."""
        results = []
        for scores, gold in zip(questions @ self.rows.T, self.gold, strict=True):
            best = np.full(self.pages.max() + 1, -np.inf)
            np.maximum.at(best, self.pages, scores)
            ranked = np.argsort(-best, kind="stable").tolist()
            results.append([page_recall(ranked, gold, k) for k in CUTS])
        return np.array(results)


def report(folder: Path, old: Path, new: Path) -> str:
    """Returns the page recall of each way, its share of the new model's own at 5, and the difference to that."""
    with Library(old) as library, Pipeline(Settings.from_env(library=new)) as pipeline:
        own = _asked(folder, pipeline, pipeline.library)
        asked = _asked(folder, pipeline, library)
        texts = _texts(library)
        by_id = dict(zip(*vectors.by_id(library.connection, [entry.id for entry in texts]), strict=True))
        embedding, half = pipeline.index.embedding, len(texts) // 2
        x = np.concatenate(
            [
                embedding.embed_texts([entry.searchable for entry in texts[:half]]),
                np.stack([embedding.embed_question(entry.searchable) for entry in texts[half:]]),
            ]
        )
        y = np.stack([by_id[entry.id] for entry in texts]).astype(np.float32)
        names = f"{model_of(embedding)} asks {library.get('embedding')}: {len(own.gold)} questions, {len(texts)} texts"
    anew = own.recalls(own.questions)
    lines = [names, _line("embedded anew", anew, anew)]
    for name, way in WAYS.items():
        mapped = unit(way(x, y)(asked.questions).astype(np.float32))
        lines.append(_line(name, asked.recalls(mapped), anew))
    return "\n".join(lines)


def _line(name: str, recalls: NDArray[np.float64], anew: NDArray[np.float64]) -> str:
    change = interval((recalls[:, -1] - anew[:, -1]).tolist())
    means = " / ".join(f"{value:.3f}" for value in recalls.mean(axis=0))
    share = recalls[:, -1].mean() / anew[:, -1].mean()
    return f"{name:38} {means}  {share:.2f}  {change.mean:+.3f} [{change.low:+.3f}, {change.high:+.3f}]"


def _asked(folder: Path, pipeline: Pipeline, library: Library) -> Asked:
    names, parts = list[str](), list[Vectors]()
    for level in (Level.PAGE, Level.CHUNK):
        some, rows = vectors.of_scope(library.connection, level, EVERYWHERE)
        names, parts = [*names, *some], [*parts, rows]
    loaded = {entry.id: entry for entry in entries.load(library.connection, list(map(EntryId, names)))}
    place = {EntryId(name): n for n, name in enumerate(names) if EntryId(name).level is Level.PAGE}
    pages = [
        place[EntryId.of_page(entry.document, entry.page)] for entry in map(loaded.__getitem__, map(EntryId, names))
    ]
    data = load(folder)
    ids = ids_in_library(data, library)
    golds = {
        q.question: {place[EntryId.of_page(*p)] for p in gold_places(q, ids)} for q in data.answerable if q.doc in ids
    }
    golds = {question: gold for question, gold in golds.items() if gold}
    questions = np.stack([pipeline.index.query_vector(question) for question in golds])
    return Asked(questions, list(map(list, golds.values())), np.concatenate(parts), np.array(pages))


def _texts(library: Library) -> list[Entry]:
    names = [
        n for level in (Level.CHUNK, Level.ELEMENT) for n in vectors.of_scope(library.connection, level, EVERYWHERE)[0]
    ]
    loaded = entries.load(library.connection, list(map(EntryId, names)))
    worded = [entry for entry in loaded if entry.kind not in PICTURES and entry.searchable.strip()]
    return [worded[n] for n in np.random.default_rng(0).permutation(len(worded))[:TEXTS]]

"""Another embedding model without embedding a library again: its vectors are mapped to those that are there.

As XBT (arXiv 2405.14715) does, the maps are learned from texts alone, here from the library's own: their old vectors
are in the library, and the new model embeds a sample of them. Both maps have a closed form, so it takes seconds:
questions turn into directions of the old space by a rotation and canonical correlations (Hotelling 1936, "Relations
between two sets of variates"), documents that come later into old vectors by ridge regression.
"""

from __future__ import annotations

import io
import json
import uuid
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from octavo.ingest import LibraryError
from octavo.ingest.model import PICTURES
from octavo.ingest.store.files import delete_file, write_file
from octavo.ingest.store.library import Library
from octavo.rag.embedding import Embedder, MultiVectorEmbedder, Vectors
from octavo.rag.embedding.projected import ProjectedEmbedder, project
from octavo.rag.entry import EVERYWHERE, EntryId, Level
from octavo.rag.index.embedding import model_of
from octavo.rag.index.store import entries, tokens, vectors

Matrix = NDArray[np.float64]

TEXTS = 2_000
"""Texts of the library from which a map is learned."""
HELD_OUT = 0.1
"""The share of them that measures it."""
RIDGES = (1e-4, 1e-3, 1e-2, 1e-1)
"""Weights of the penalty on the map, as shares of the variance; the one with the least held-out error is taken."""
SHRINKAGE, CORRELATION, SPREAD = 0.01, 0.5, 0.25
"""Of the map by correlations: the share of the mean variance that is added to all directions, and the powers of the
canonical correlations and of the old vectors' covariance that it has."""
NEAREST = 10
_SEVERAL = 3
"""The axes of a file with a map of questions and one of entries; one map serves both where it was learned before."""
LEAST = 20
"""The fewest texts that a map is learned from."""


@dataclass(frozen=True, slots=True)
class ProjectionReport:
    """The model that is mapped to which, by how many texts, and how well.

    `overlap` is the mean share of the `NEAREST` entries of held-out texts that the mapped vectors find, too.
    """

    model: str
    to: str
    texts: int
    overlap: float


def project_library(library: Library, embedder: Embedder, texts: int = TEXTS) -> ProjectionReport:
    """Lets a library be searched by another embedding at once: learns the map of its vectors and stores it.

    No page is embedded: old vectors stay until the library is embedded again, and documents that come are mapped as
    well. Raises `LibraryError` where there is no space to map to, or one of the two has a vector for each token.
    """
    old, model = library.get("embedding") or "", model_of(embedder)
    ids, rows = _sample(library, texts)
    if old == model:
        raise LibraryError(f"The vectors of {library.folder} are those of {model} already.", path=library.folder)
    if isinstance(embedder, MultiVectorEmbedder) or tokens.has_any(library.connection):
        raise LibraryError(
            f"A vector for each token cannot be mapped: embed {library.folder} again by {model}.", path=library.folder
        )
    if len(ids) < LEAST:
        raise LibraryError(f"{library.folder} holds too few texts to learn from: embed it again.", path=library.folder)
    some = entries.load(library.connection, ids)
    half = len(some) // 2
    new = np.concatenate(
        [
            embedder.embed_texts([entry.searchable for entry in some[:half]]),
            np.stack([embedder.embed_question(entry.searchable) for entry in some[half:]]),
        ]
    )
    order = np.random.default_rng(0).permutation(len(some))
    test, train = np.split(order, [max(1, int(HELD_OUT * len(order)))])
    of_entries = min(
        (ridge(new[train], rows[train], r) for r in RIDGES), key=lambda m: _error(new[test], rows[test], m)
    )
    of_questions = directions(new[train], rows[train])
    _, everything = vectors.of_scope(library.connection, Level.CHUNK, EVERYWHERE)
    store_projection(library, model, of_questions, of_entries)
    return ProjectionReport(model, old, len(some), _overlap(rows[test], project(new[test], of_questions), everything))


def ridge(x: Vectors, y: Vectors, penalty: float) -> Vectors:
    """Returns the matrix, shape (columns of x + 1, columns of y), that maps x to y with the least squared error.

    `penalty` weighs the map's size by a share of the mean variance of x; the last row, which is added, goes free.

    >>> x = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    >>> turn = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1]], dtype=np.float32)
    >>> bool(np.allclose(ridge(x, x @ turn + 2, 1e-9), np.concatenate([turn, np.full((1, 3), 2)]), atol=1e-4))
    True
    """
    mean_x, mean_y = x.mean(axis=0, dtype=np.float64), y.mean(axis=0, dtype=np.float64)
    centred = x - mean_x
    gram = centred.T @ centred
    weights = np.linalg.solve(gram + penalty * np.trace(gram) / len(gram) * np.eye(len(gram)), centred.T @ (y - mean_y))
    return np.concatenate([weights, (mean_y - mean_x @ weights)[None]]).astype(np.float32)


def directions(x: Vectors, y: Vectors) -> Vectors:
    """Returns the matrix, shape (columns of x + 1, columns of y), that maps questions among x to directions of y.

    It is the sum, each of mean length 1, of the rotation of x with the least squared error (Schönemann 1966) and of
    the map by `canonical` correlations. The mean of y is not added: it would rank what lies near it first, whatever is
    asked.

    >>> x = np.random.default_rng(0).normal(size=(500, 3)).astype(np.float32)
    >>> turn = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1]], dtype=np.float32)
    >>> directions(x, x @ turn + 2)[:-1].round().tolist() == turn.tolist()
    True
    """
    mean = x.mean(axis=0, dtype=np.float64)
    x_centred, y_centred = x - mean, y - y.mean(axis=0, dtype=np.float64)
    maps = [rotation(x_centred, y_centred), canonical(x_centred, y_centred)]
    weights = sum(matrix / np.linalg.norm(x_centred @ matrix, axis=1).mean() for matrix in maps)
    return np.concatenate([weights, -(mean @ weights)[None]]).astype(np.float32)


def rotation(x: Matrix, y: Matrix) -> Matrix:
    """Returns the orthogonal matrix that turns centred rows to others with the least squared error."""
    left, _, right = np.linalg.svd(x.T @ y, full_matrices=False)
    result: Matrix = left @ right
    return result


def canonical(x: Matrix, y: Matrix) -> Matrix:
    """Returns the matrix that turns whitened x to whitened y by their correlations and gives it half of y's spread."""
    of_x, of_y = _covariance(x), _covariance(y)
    whitened = _power(of_x, -0.5) @ (x.T @ y / len(x)) @ _power(of_y, -0.5)
    left, correlations, right = np.linalg.svd(whitened, full_matrices=False)
    result: Matrix = _power(of_x, -0.5) @ (left * correlations**CORRELATION) @ right @ _power(of_y, SPREAD)
    return result


def store_projection(library: Library, model: str, of_questions: Vectors, of_entries: Vectors | None = None) -> None:
    """Stores the maps of a model's vectors (`model_of`) to those of the library, in place of earlier ones."""
    out = io.BytesIO()
    np.save(out, of_questions if of_entries is None else np.stack([of_questions, of_entries]))
    name = f"projection-{uuid.uuid4().hex}.npy"
    write_file(library.folder / name, out.getvalue())
    before = library.get("projection")
    library.set("projection", json.dumps({"model": model, "file": name, "of_entries": of_entries is not None}))
    _delete(library, before)


def with_projection(library: Library, embedder: Embedder) -> Embedder:
    """Returns the embedder as one of the library's space where it has a map of its vectors, else as it is."""
    stored = json.loads(library.get("projection") or "{}")
    if isinstance(embedder, ProjectedEmbedder) or stored.get("model") != model_of(embedder):
        return embedder
    path = library.folder / stored["file"]
    try:
        maps = np.load(path)
    except OSError as error:
        raise LibraryError(f"The map {path} of the library's vectors cannot be read: {error}.", path=path) from error
    name, _, dimensions = (library.get("embedding") or model_of(embedder)).rpartition(" (")
    return ProjectedEmbedder(
        model_name=name,
        dimension=int(dimensions.split()[0]),
        resumable=embedder.resumable,
        inner=embedder,
        of_questions=maps[0] if maps.ndim == _SEVERAL else maps,
        of_entries=(maps[1] if maps.ndim == _SEVERAL else maps) if stored["of_entries"] else None,
    )


def _delete(library: Library, stored: str | None) -> None:
    if stored:
        delete_file(library.folder / json.loads(stored)["file"])


def _sample(library: Library, count: int) -> tuple[list[EntryId], Vectors]:
    """Returns ids of chunks and elements of the library, and their vectors: texts, in every embedding."""
    ids: list[str] = []
    parts: list[Vectors] = []
    for level in (Level.CHUNK, Level.ELEMENT):
        some, rows = vectors.of_scope(library.connection, level, EVERYWHERE)
        ids += some
        parts += [rows] if some else []
    kinds = {e.id: e.kind for e in entries.load(library.connection, [EntryId(i) for i in ids])}
    matrix = np.concatenate(parts) if parts else np.zeros((0, 1), np.float32)
    worded = [n for n, i in enumerate(ids) if matrix[n].any() and kinds.get(EntryId(i)) not in PICTURES]
    chosen = np.random.default_rng(0).permutation(worded)[:count]
    return [EntryId(ids[n]) for n in chosen], matrix[chosen]


def _covariance(centred: Matrix) -> Matrix:
    covariance: Matrix = centred.T @ centred / len(centred)
    return covariance + SHRINKAGE * np.trace(covariance) / len(covariance) * np.eye(len(covariance))


def _power(matrix: Matrix, power: float) -> Matrix:
    """Returns a power of a symmetric positive matrix."""
    values, directions = np.linalg.eigh(matrix)
    result: Matrix = (directions * values**power) @ directions.T
    return result


def _error(x: Vectors, y: Vectors, matrix: Vectors) -> float:
    return float(np.mean((project(x, matrix) - y) ** 2))


def _overlap(old: Vectors, mapped: Vectors, rows: Vectors) -> float:
    k = min(NEAREST, len(rows))
    nearest = [np.argpartition(-(queries @ rows.T), k - 1, axis=1)[:, :k] for queries in (old, mapped)]
    return float(np.mean([len(set(a) & set(b)) / k for a, b in zip(*nearest, strict=True)]))

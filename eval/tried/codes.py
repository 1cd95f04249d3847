"""Short codes of vectors: what each finds of the nearest entries of a library, and of the pages that hold an answer.

`python -m octavo.eval.tried codes LIBRARY [SET]` prints a row for each. A code is a function of the vectors and of a
number of bits. It returns the queries, the questions and the entries as vectors whose products rank: queries keep
their numbers, entries are codes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from octavo.eval.datasets import load
from octavo.eval.metrics import interval, page_recall
from octavo.eval.retrieval import gold_places, ids_in_library
from octavo.eval.tried.vectors import Scores, products
from octavo.rag import Level, Pipeline, Settings
from octavo.rag.embedding import Vectors
from octavo.rag.entry import EVERYWHERE, EntryId
from octavo.rag.index import geometry, model_of
from octavo.rag.index.store import entries, vectors

BITS = (32, 64, 128, 192, 256, 384)
ANCHORS = 300
"""Pairs that an entry without one is put together from, in RREH."""
RIDGE = 1e-2
ROUNDS = 50
SUBCODES = 256
"""Centroids of a part of a vector in product quantization: 8 bits."""
CUT = 5

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Coded:
    """Vectors to code: `rows` of entries, `pairs` (row, text) of entries with the vector of their heading.

    `queries` are entries, and `questions` are texts, as headings are.
    """

    rows: Matrix
    paired: NDArray[np.intp]
    texts: Matrix
    queries: Matrix
    questions: Matrix


Code = Callable[[Coded, int], tuple[Matrix, Matrix, Matrix]]


def first_signs(data: Coded, bits: int) -> tuple[Matrix, Matrix, Matrix]:
    """Signs of the first dimensions, as `first_dimensions` with `binary` has them."""
    return data.queries[:, :bits], data.questions[:, :bits], np.sign(data.rows[:, :bits])


def first_numbers(data: Coded, bits: int) -> tuple[Matrix, Matrix, Matrix]:
    """Matryoshka's first dimensions (arXiv 2205.13147) as numbers: 32 times the bytes of their signs."""
    return data.queries[:, :bits], data.questions[:, :bits], data.rows[:, :bits]


def iterative_quantization(data: Coded, bits: int) -> tuple[Matrix, Matrix, Matrix]:
    """ITQ (Gong and Lazebnik 2011): the first principal directions, turned so that signs lose least."""
    mean = data.rows.mean(axis=0)
    _, _, directions = np.linalg.svd(geometry.sample(data.rows - mean), full_matrices=False)
    centred = (data.rows - mean) @ directions[:bits].T
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(centred.shape[1],) * 2))[0]
    for _ in range(ROUNDS):
        turn = _turn(centred, np.sign(centred @ turn))
    onto = directions[:bits].T @ turn
    return (data.queries - mean) @ onto, (data.questions - mean) @ onto, np.sign(centred @ turn)


def embedded_relations(data: Coded, bits: int) -> tuple[Matrix, Matrix, Matrix]:
    """RREH (arXiv 2405.17777): one latent space of entries and headings, whose signs are the codes.

    Pairs share their latent vector. An entry without a heading is put together from anchors, which are pairs, by
    linear reconstruction, and its latent vector is drawn towards the same mixture of theirs. Factors, latent vectors, a
    rotation and signs are solved in turns; each kind gets its function by ridge regression. The paper's weights are not
    known here: both terms weigh 1.
    """
    mean, text_mean = data.rows.mean(axis=0), data.texts.mean(axis=0)
    rows, texts = data.rows - mean, data.texts - text_mean
    anchors = data.paired[np.linspace(0, len(data.paired) - 1, min(ANCHORS, len(data.paired))).astype(int)]
    single = np.setdiff1d(np.arange(len(rows)), data.paired)
    mixture = _regress(rows[anchors].T, rows[single].T).T
    both = np.concatenate([rows[data.paired], texts], axis=1)
    left, spread, _ = np.linalg.svd(both, full_matrices=False)
    latent = np.zeros((len(rows), bits))
    latent[data.paired, : min(bits, len(spread))] = (left * spread)[:, :bits]
    latent[single] = mixture @ latent[anchors]
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(bits, bits)))[0]
    for _ in range(ROUNDS):
        signs = np.sign(latent @ turn)
        turn = _turn(latent, signs)
        target = signs @ turn.T * np.abs(latent).mean()
        of_row, of_text = _regress(latent, rows), _regress(latent[data.paired], texts)
        own = of_row @ of_row.T
        latent[data.paired] = np.linalg.solve(
            own + of_text @ of_text.T + np.eye(bits),
            (rows[data.paired] @ of_row.T + texts @ of_text.T + target[data.paired]).T,
        ).T
        latent[single] = np.linalg.solve(
            own + 2 * np.eye(bits), (rows[single] @ of_row.T + mixture @ latent[anchors] + target[single]).T
        ).T
    codes = np.sign(latent @ turn)
    from_row, from_text = _regress(rows, latent @ turn), _regress(texts, (latent @ turn)[data.paired])
    return (data.queries - mean) @ from_row, (data.questions - text_mean) @ from_text, codes


def product_quantization(data: Coded, bits: int) -> tuple[Matrix, Matrix, Matrix]:
    """PQ (Jégou et al. 2011): each part of a vector becomes the nearest of `SUBCODES` centroids, 8 bits."""
    parts = np.array_split(np.arange(data.rows.shape[1]), bits // 8)
    rows = np.empty_like(data.rows)
    for part in parts:
        own = data.rows[:, part]
        centroids = own[np.linspace(0, len(own) - 1, min(SUBCODES, len(own))).astype(int)]
        for _ in range(ROUNDS // 5):
            nearest = _nearest(own, centroids)
            for n in np.unique(nearest):
                centroids[n] = own[nearest == n].mean(axis=0)
        rows[:, part] = centroids[_nearest(own, centroids)]
    return data.queries, data.questions, rows


CODES: tuple[Code, ...] = (first_signs, iterative_quantization, embedded_relations, product_quantization, first_numbers)


def report(library: Path, folder: Path | None = None, count: int = 60, shortlist: int = 6) -> str:
    """Returns a row for each code and number of bits.

    It has the share of the nearest `count` entries that is among the best `shortlist` times as many by the code, pages
    as queries; with a data set also the page recall of its questions by codes alone, less that of the numbers.
    """
    with Pipeline(Settings.from_env(library=library)) as pipeline:
        data, pages, gold = _load(pipeline, folder)
        name = model_of(pipeline.index.embedding)
    exact = np.argsort(-products(data.queries, data.rows), axis=1)[:, :count]
    lines = [
        f"{name}: {len(data.rows)} entries, {len(data.paired)} with a heading, {len(data.queries)} pages as queries, "
        f"{len(gold)} questions"
    ]
    first = _recalls(products(data.questions, data.rows), pages, gold)
    if gold:
        lines.append(f"{'numbers as they are':38} page recall@{CUT} {np.mean(first):.3f}")
    for bits in (b for b in BITS if b <= data.rows.shape[1]):
        for code in CODES:
            left, questions, right = code(data, bits)
            shortlisted = np.argsort(-products(left, right), axis=1)[:, : shortlist * count]
            line = f"{bits:4} {code.__name__:24} {_overlap(exact, shortlisted):.3f}"
            if gold:
                recalls = _recalls(products(questions, right), pages, gold)
                change = interval([now - then for now, then in zip(recalls, first, strict=True)])
                line += f"  {np.mean(recalls):.3f}  {change.mean:+.3f} [{change.low:+.3f}, {change.high:+.3f}]"
            lines.append(line)
    return "\n".join(lines)


def _load(pipeline: Pipeline, folder: Path | None) -> tuple[Coded, list[EntryId], list[list[EntryId]]]:
    """Returns the vectors, the page that each entry begins on, and the gold pages of each question."""
    connection, embedding = pipeline.library.connection, pipeline.index.embedding
    levels = [vectors.of_scope(connection, level, EVERYWHERE) for level in (Level.CHUNK, Level.ELEMENT)]
    ids = [EntryId(entry) for there, _ in levels for entry in there]
    rows = np.concatenate([level for _, level in levels if len(level)]).astype(np.float64)
    by_id = {e.id: e for e in entries.load(connection, ids)}
    headings = [" ".join(by_id[entry].heading.split()) for entry in ids]
    paired = np.array([n for n, heading in enumerate(headings) if heading], dtype=np.intp)
    of_heading = {heading: embedding.embed_question(heading) for heading in dict.fromkeys(headings) if heading}
    dimension = rows.shape[1]
    texts = np.stack([of_heading[headings[n]] for n in paired]) if len(paired) else np.empty((0, dimension))
    gold: list[list[EntryId]] = []
    questions: list[Vectors] = []
    if folder:
        dataset = load(folder)
        documents = ids_in_library(dataset, pipeline.library)
        for q in dataset.answerable:
            if q.doc in documents:
                gold.append([EntryId.of_page(*place) for place in gold_places(q, documents)])
                questions.append(pipeline.index.query_vector(q.question))
    pages = [EntryId.of_page(by_id[entry].document, by_id[entry].page) for entry in ids]
    queries = geometry.sample(vectors.of_scope(connection, Level.PAGE, EVERYWHERE)[1], 300)
    question_vectors = np.stack(questions) if questions else np.empty((0, dimension))
    return (
        Coded(rows, paired, texts.astype(np.float64), queries.astype(np.float64), question_vectors.astype(np.float64)),
        pages,
        gold,
    )


def _recalls(scores: Scores, pages: Sequence[EntryId], gold: Sequence[Sequence[EntryId]]) -> list[float]:
    """Returns the page recall of each question, a page by the best of its entries."""
    ranked = (list(dict.fromkeys(pages[n] for n in np.argsort(-row, kind="stable"))) for row in scores)
    return [page_recall(one, gold_pages, CUT) for one, gold_pages in zip(ranked, gold, strict=True)]


def _turn(rows: Matrix, signs: Matrix) -> Matrix:
    """Returns the rotation of rows that is nearest to signs (Procrustes)."""
    left, _, right = np.linalg.svd(signs.T @ rows, full_matrices=False)
    turned: Matrix = (left @ right).T
    return turned


def _regress(inputs: Matrix, targets: Matrix) -> Matrix:
    """Returns the linear map from given to wanted rows, by ridge regression."""
    gram = inputs.T @ inputs
    result: Matrix = np.linalg.solve(gram + RIDGE * np.trace(gram) / len(gram) * np.eye(len(gram)), inputs.T @ targets)
    return result


def _nearest(rows: Matrix, centroids: Matrix) -> NDArray[np.intp]:
    return np.argmin((centroids**2).sum(axis=1) - 2 * rows @ centroids.T, axis=1)


def _overlap(exact: NDArray[np.intp], approximate: NDArray[np.intp]) -> float:
    return float(
        np.mean([len({*a.tolist()} & {*b.tolist()}) / len(a) for a, b in zip(exact, approximate, strict=True)])
    )

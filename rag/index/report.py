"""The health of an index, as figures and in sentences: the shape of its embedding space, and its faults."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from octavo.ingest.model import PICTURES
from octavo.rag.embedding import Vectors
from octavo.rag.entry import EVERYWHERE, EntryId, Level
from octavo.rag.index import geometry
from octavo.rag.index.copies import group_copies
from octavo.rag.index.embedding import model_of
from octavo.rag.index.index import Index
from octavo.rag.index.store import entries, vectors

NEAREST = 10
"""Neighbors among which hubs are looked for."""
QUERIES, ROWS = 200, 50_000
"""Vectors that are searched for, and those among which, to choose the first dimensions."""
HUB, SKEWED = 0.2, 1.0
"""The share of queries that a hub is near to, and the skewness of k-occurrence, over both of which there is a hub."""
MAX_UNIFORMITY = -1.0
"""The uniformity over which vectors are crowded together."""
FEW_DIRECTIONS = 0.1
"""The share of the dimensions under which vectors spread along few of them."""
MAX_MEAN_DISTANCE = 0.5
"""The distance of the means of texts and pictures over which the two are far apart."""


@dataclass(frozen=True, slots=True)
class LevelGeometry:
    """The vectors of one level: how many, how evenly spread (`uniformity`), along how many directions, and hubs.

    `skewness` is that of how often each entry is among the `NEAREST` of a question, or of another entry where there are
    no questions; `hub` is the entry that is so most often, for the share `hub_share` of them.
    """

    level: Level
    entries: int
    uniformity: float
    effective_dimension: float
    skewness: float
    hub: EntryId
    hub_share: float


@dataclass(frozen=True, slots=True)
class IndexReport:
    """The figures of an index. `alignment` needs questions, `modality_gap` an embedding that sees; else `None`.

    `first_dimensions` are those whose signs suffice for a first pass over the library's own vectors.
    `duplicates` is the share of pages that are copies of another one, in [0, 1]; `verdicts` are sentences for people.
    """

    model: str
    dimension: int
    questions: int
    levels: tuple[LevelGeometry, ...]
    alignment: float | None
    modality_gap: float | None
    duplicates: float
    first_dimensions: int
    verdicts: tuple[str, ...]


def report_index(index: Index, questions: Sequence[tuple[str, Sequence[EntryId]]] = ()) -> IndexReport:
    """Returns the report of a library's index; `questions` come with the ids of the pages that answer them.

    >>> report = report_index(pipeline.index)
    >>> report.levels[0].level, report.duplicates, report.alignment
    (<Level.PAGE: 'page'>, 0.0, None)
    """
    connection = index.library.connection
    query_vectors = np.stack([index.query_vector(text) for text, _ in questions]) if questions else None
    levels = []
    for level in (Level.PAGE, Level.ELEMENT, Level.CHUNK):
        ids, rows = vectors.of_scope(connection, level, EVERYWHERE)
        if ids:
            levels.append(_geometry(level, ids, rows, query_vectors))
    pages = index.count(Level.PAGE)
    copies = sum(len(group) - 1 for group in group_copies(index) if group[0].level is Level.PAGE)
    alignment, gap = _alignment(index, questions), _gap(index)
    report = IndexReport(
        model_of(index.embedding),
        index.embedding.dimension,
        len(questions),
        tuple(levels),
        alignment,
        gap,
        copies / pages if pages else 0.0,
        _first_dimensions(index, query_vectors),
        (),
    )
    return replace(report, verdicts=tuple(_verdicts(report, index)))


def _geometry(level: Level, ids: Sequence[str], rows: Vectors, query_vectors: Vectors | None) -> LevelGeometry:
    queries = geometry.sample(rows) if query_vectors is None else query_vectors
    if query_vectors is None and len(rows) > len(queries):
        counts = geometry.occurrences(queries, rows, NEAREST + 1)
        places = np.linspace(0, len(rows) - 1, len(queries)).astype(int)
        counts[places] = np.maximum(0, counts[places] - 1)
    else:
        counts = geometry.occurrences(queries, rows, NEAREST, same=query_vectors is None)
    hub = int(counts.argmax())
    return LevelGeometry(
        level,
        len(ids),
        geometry.uniformity(rows),
        geometry.effective_dimension(rows),
        geometry.skewness(counts),
        EntryId(ids[hub]),
        int(counts[hub]) / max(1, len(queries)),
    )


def _alignment(index: Index, questions: Sequence[tuple[str, Sequence[EntryId]]]) -> float | None:
    pairs = []
    for text, pages in questions:
        _, rows = vectors.by_id(index.library.connection, pages)
        pairs += [(index.query_vector(text), row) for row in rows.astype(np.float32)]
    return geometry.alignment(*map(np.stack, zip(*pairs, strict=True))) if pairs else None


def _first_dimensions(index: Index, query_vectors: Vectors | None) -> int:
    connection = index.library.connection
    parts = [vectors.of_scope(connection, level, EVERYWHERE) for level in (Level.PAGE, Level.ELEMENT, Level.CHUNK)]
    matrices = [rows for ids, rows in parts if ids]
    if not matrices:
        return index.embedding.dimension
    queries = geometry.sample(matrices[0], QUERIES) if query_vectors is None else query_vectors
    return geometry.sufficient_dimensions(queries, geometry.sample(np.concatenate(matrices), ROWS))


def _gap(index: Index) -> float | None:
    if not index.embedding.supports_images:
        return None
    connection = index.library.connection
    ids, rows = vectors.of_scope(connection, Level.ELEMENT, EVERYWHERE)
    kinds = {entry.id: entry.kind for entry in entries.load(connection, [EntryId(i) for i in ids])}
    are_pictures = np.array([kinds.get(EntryId(i)) in PICTURES for i in ids], dtype=bool)
    if not are_pictures.any() or are_pictures.all():
        return None
    return geometry.modality_gap(rows[~are_pictures], rows[are_pictures])


def _verdicts(report: IndexReport, index: Index) -> list[str]:
    results = []
    queries = "questions" if report.questions else "others of its level"
    for level in report.levels:
        if level.entries <= NEAREST:
            continue
        if level.skewness > SKEWED and level.hub_share > HUB:
            (entry,) = index.entries([level.hub])
            name = index.library.info(entry.document).name
            part = "" if level.level is Level.PAGE else f"{level.level} {entry.number + 1} on "
            results.append(
                f"Hub: {part}page {entry.page + 1} of {name} is among the {NEAREST} nearest of {level.hub_share:.0%} "
                f"of {queries} (skewness {level.skewness:.1f})."
            )
        if level.uniformity > MAX_UNIFORMITY:
            results.append(f"The {level.level} vectors are crowded (uniformity {level.uniformity:.2f}): few stand out.")
        if level.effective_dimension < FEW_DIRECTIONS * report.dimension:
            results.append(
                f"The {level.level} vectors spread along {level.effective_dimension:.0f} of {report.dimension} "
                "directions."
            )
    if report.modality_gap is not None and report.modality_gap > MAX_MEAN_DISTANCE:
        results.append(
            f"Texts and pictures are {report.modality_gap:.2f} apart: what is ranked together is compared unevenly."
        )
    if report.first_dimensions < report.dimension:
        results.append(
            f"For the first pass the signs of {report.first_dimensions} of {report.dimension} dimensions suffice "
            "(OCTAVO_FIRST_DIMENSIONS)."
        )
    if report.duplicates:
        results.append(f"{report.duplicates:.0%} of the pages are copies of others.")
    return results or ["Nothing stands out."]

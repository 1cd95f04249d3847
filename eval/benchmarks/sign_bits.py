"""The search by sign bits beside comparing all vectors: 100,000 made-up pages in groups that are alike."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from octavo.eval.benchmarks.store import add_documents
from octavo.ingest.store.library import Library
from octavo.rag.embedding import Vectors, unit
from octavo.rag.entry import EVERYWHERE, Entry, EntryId, Level
from octavo.rag.index import sign_bits
from octavo.rag.index.store import entries as entry_rows, vectors

PAGES, GROUPS, QUESTIONS, WANTED = 100_000, 2_000, 40, 60


def report(dimension: int = 256) -> str:
    """Returns the recall of the nearest 60 against an exact search, and the time of both, with all rows in memory."""
    source = np.random.default_rng(7)
    rows = _made_vectors(source, dimension)
    with tempfile.TemporaryDirectory() as folder, Library(Path(folder)) as library:
        ids = _fill(library, rows)
        search = sign_bits.SignBitIndex(library)
        started = time.perf_counter()
        search.search(rows[0], Level.PAGE, 1, EVERYWHERE, PAGES, PAGES)
        loaded = time.perf_counter() - started
        near, full, recalls = [], [], []
        for _ in range(QUESTIONS):
            noise = source.normal(size=dimension) / dimension**0.5
            question = unit((rows[source.integers(PAGES)] + noise).astype(np.float32)[None])[0]
            result, seconds = _with_seconds(
                partial(search.search, question, Level.PAGE, WANTED, EVERYWHERE, PAGES, PAGES)
            )
            exact, whole = _with_seconds(partial(vectors.nearest, ids, rows, question, WANTED))
            near.append(seconds)
            full.append(whole)
            recalls.append(len({i for i, _ in result} & {i for i, _ in exact}) / WANTED)
    took, took_full = statistics.median(near), statistics.median(full)
    return (
        f"sign bits: recall of the nearest {WANTED} {statistics.mean(recalls):.3f}, {took:.1f} ms, "
        f"{took / took_full:.2f} of the {took_full:.1f} ms over all numbers ({PAGES:,} pages, {dimension} dimensions, "
        f"{sign_bits.RESCORE_FACTOR} compared for each wanted); bits are read in {loaded:.1f} s"
    )


def _made_vectors(source: np.random.Generator, dimension: int) -> Vectors:
    """Returns unit rows in `GROUPS` groups.

    Two rows of one group have a cosine similarity of about 0.6, others about 0.1.
    """
    shared, group, own = (0.1**0.5, 0.5**0.5, 0.4**0.5)
    direction, groups = source.normal(size=dimension), source.normal(size=(GROUPS, dimension))
    rows = own * source.normal(size=(PAGES, dimension)) + group * groups[source.integers(GROUPS, size=PAGES)]
    return unit((rows + shared * direction).astype(np.float32))


def _fill(library: Library, rows: Vectors) -> list[str]:
    identity = f"{0:032x}"
    pages = [Entry(EntryId.of_page(identity, n), Level.PAGE, identity, n, n, None, "", "", ()) for n in range(PAGES)]
    with library.transaction() as connection:
        add_documents(connection, [identity], PAGES)
        entry_rows.write(connection, pages)
        vectors.write(connection, pages, rows)
    return [page.id for page in pages]


def _with_seconds(search: Callable[[], vectors.Hits]) -> tuple[vectors.Hits, float]:
    started = time.perf_counter()
    result = search()
    return result, (time.perf_counter() - started) * 1000

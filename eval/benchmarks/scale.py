"""A library of made-up pages at growing sizes, in its folder and with its index in LanceDB.

A page is one entry with a vector and words of its own: a topic's words among words drawn with Zipf's frequencies. A
size is built in the folder, searched, moved into the engine and searched again; what is built already is not built
again, so that a run may be stopped and repeated.
"""

from __future__ import annotations

import hashlib
import itertools
import multiprocessing
import os
import random
import resource
import sqlite3
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from octavo.eval.benchmarks.engines import BATCH, DIMENSION, PAGES, TOPICS, made_up_vectors, nearest_exactly
from octavo.ingest import Document, Page
from octavo.ingest.store.library import Library
from octavo.rag.embedding import Embedder, Vectors, unit
from octavo.rag.entry import EntryId, Level
from octavo.rag.images import ImageInput
from octavo.rag.index import Index
from octavo.rag.index.build import build_entries
from octavo.rag.index.embedding import EmbeddedDocument
from octavo.rag.index.moving import move_to_engine
from octavo.rag.index.store import codes, words
from octavo.rag.query import statements
from octavo.rag.settings import EMBEDDED, IndexOptions

SIZES = (10_000, 100_000)
VOCABULARY, WORDS, OF_TOPIC = 50_000, 60, 15
"""Words that there are, that a page has, and that of these are of its topic."""
SEARCHES, COLD, ADDED = 100, 10, 100
"""Searches, searches of files that no cache holds, and documents that are added."""
ELSEWHERE = 10**8
"""The page whose vector the first added one has; no size has it."""
K = 60
"""Pages that a search finds, as the first pass does."""
_SYLLABLES = ("ba", "re", "con", "pro", "mi", "la", "ver", "ti", "so", "ku")


class MadeUpEmbedder(Embedder):
    """Embeds nothing: vectors come with the entries."""

    model_name: str = "made-up"
    dimension: int = DIMENSION

    def embed_texts(self, texts: Sequence[str]) -> Vectors:
        raise NotImplementedError

    def embed_image(self, image: ImageInput) -> Vectors:
        raise NotImplementedError


@dataclass(frozen=True)
class Searched:
    """Milliseconds of the clock at the first search, by words and by vector (median, 95th percentile), and cold.

    `processor` is that of a search by both; `added` processor milliseconds of a document of `PAGES` pages, and `taken`
    those of its share of the engine's work. `memory` is the peak in MB of the process that searches.
    """

    first: float
    words: tuple[float, float]
    vectors: tuple[float, float]
    cold: tuple[float, float]
    processor: float
    recall: float
    added: float
    taken: float
    memory: float

    def __str__(self) -> str:
        return "; ".join(f"{name} {_figures(value)}" for name, value in asdict(self).items())


def _figures(value: float | Sequence[float]) -> str:
    return f"{value:.3g}" if isinstance(value, float) else " / ".join(f"{part:.1f}" for part in value)


def report(sizes: Sequence[int], folder: Path) -> None:
    """Builds and searches each size in folders of their own, and prints a line for each step as it is done."""
    for size in sizes:
        library, lance = folder / str(size), folder / f"{size}-lance"
        for name, step in (
            ("built in the folder", _build),
            ("searched in the folder", _search_folder),
            ("moved to LanceDB", _move),
            ("searched in LanceDB", _search_engine),
        ):
            with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), max_tasks_per_child=1) as processes:
                print(f"{size:,} pages {name}: {processes.submit(step, library, lance, size).result()}", flush=True)


def _build(folder: Path, lance: Path, size: int) -> str:
    spent = time.process_time()
    with Library(folder) as library, library.writer():
        at = library.connection.execute("SELECT count(*) FROM documents").fetchone()[0] * PAGES
        for first in range(at, size, BATCH):
            with library.transaction() as connection:
                _write(connection, first)
                library.set("codes", codes.FORMAT)
                library.set("roles", statements.RULES)
                library.set("embedding", f"{MadeUpEmbedder().model_name} ({DIMENSION} dimensions)")
        library.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        spent = time.process_time() - spent
    return f"{spent:.0f} s of the processor, {_bytes(folder) / size:,.0f} bytes a page"


def _move(folder: Path, lance: Path, size: int) -> str:
    spent = time.process_time()
    with Library(folder) as library:
        moved = move_to_engine(library, "lancedb", str(lance), words=True)
        spent = time.process_time() - spent
        library.connection.execute("VACUUM")
        library.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"{spent:.0f} s of the processor, {memory:.0f} MB; {_bytes(lance) / size:,.0f} bytes a page in the engine and "
        f"{_bytes(folder) / size:,.0f} in the database; {moved}"
    )


def _search_folder(folder: Path, lance: Path, size: int) -> Searched:
    return _search([folder], folder, EMBEDDED, size)


def _search_engine(folder: Path, lance: Path, size: int) -> Searched:
    return _search([folder, lance], folder, IndexOptions("lancedb", "lancedb", str(lance)), size)


def _search(folders: Sequence[Path], folder: Path, options: IndexOptions, size: int) -> Searched:
    source = np.random.default_rng(7)
    near = made_up_vectors(0)[source.integers(0, min(size, BATCH), size=SEARCHES)]
    queries = unit(near + 0.02 * source.normal(size=near.shape).astype(np.float32))
    texts = _texts(0)
    asked = [random.Random(n).sample(texts[n].split(), 4) for n in range(SEARCHES)]  # noqa: S311 - not for secrets

    def cold(n: int) -> None:
        with Library(folder, create=False) as library, closing(Index(library, MadeUpEmbedder(), options)) as index:
            index.words(asked[n], Level.PAGE, K)
            index.vectors(queries[n], Level.PAGE, K)

    first = _clock(lambda: cold(0))
    times = [_clock(lambda n=n: cold(n)) for n in range(COLD) if _forget(folders)]  # type: ignore[misc]
    with Library(folder, create=False) as library, closing(Index(library, MadeUpEmbedder(), options)) as index:
        found = [[identity for identity, _ in index.vectors(query, Level.PAGE, 10)] for query in queries]
        spent = time.process_time()
        by_words = [_clock(lambda n=n: index.words(asked[n], Level.PAGE, K)) for n in range(SEARCHES)]  # type: ignore[misc]
        by_vector = [_clock(lambda n=n: index.vectors(queries[n], Level.PAGE, K)) for n in range(SEARCHES)]  # type: ignore[misc]
        spent = time.process_time() - spent
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        wanted = nearest_exactly(queries, size)
        recall = statistics.mean(len({*a} & {*b}) / 10 for a, b in zip(found, wanted, strict=True))
        added, taken = _add(index, f"{options.dense}-{size}")
    return Searched(
        first=first,
        words=_summary(by_words),
        vectors=_summary(by_vector),
        cold=_summary(times),
        processor=1000 * spent / SEARCHES,
        recall=recall,
        added=added,
        taken=taken,
        memory=memory,
    )


def _add(index: Index, name: str) -> tuple[float, float]:
    """Adds documents, as two runs of ingest do; returns processor milliseconds of one, and of its share of the rest."""
    added, rest, vectors, texts = list[float](), 0.0, made_up_vectors(ELSEWHERE), _texts(0)
    for run in range(2):
        with index.writing():
            for n in range(run * ADDED, (run + 1) * ADDED):
                pages = tuple(Page(p, 612, 792, text=texts[(PAGES * n + p) % BATCH]) for p in range(PAGES))
                identity = hashlib.sha256(f"{name} {n}".encode()).hexdigest()[:32]
                document = Document(identity, f"{n}.pdf", f"/{name}/{n}.pdf", "", "application/pdf", pages, ())
                entries = list(build_entries(document))
                spent = time.process_time()
                index.add(
                    document,
                    document.path,
                    embedded=EmbeddedDocument(entries, vectors[(PAGES + 1) * n :][: len(entries)]),
                )
                added.append(time.process_time() - spent)
            spent = time.process_time()
        rest += time.process_time() - spent
    return 1000 * statistics.median(added), 1000 * rest / (2 * ADDED)


def _write(connection: sqlite3.Connection, first: int) -> None:
    """Writes `BATCH` pages from page `first` on, with their documents, vectors, codes and words."""
    number = connection.execute("SELECT coalesce(max(rowid), 0) FROM entries").fetchone()[0] + 1
    vectors, texts = made_up_vectors(first), _texts(first)
    documents, rows, stored = [], [], []
    for document in range(BATCH // PAGES):
        identity = f"{first // PAGES + document:032x}"
        documents.append((identity, f"{identity}.pdf", f"/made-up/{identity}.pdf", PAGES))
        rows.append((identity, identity, "document", 0, 0, "", "", ""))
        mine = vectors[PAGES * document : PAGES * (document + 1)]
        stored.append(unit(mine.mean(axis=0, keepdims=True))[0])
        for page, vector in enumerate(mine):
            text = texts[PAGES * document + page]
            rows.append((EntryId.of_page(identity, page), identity, "page", page, page, "", text, text))
            stored.append(vector)
    halves = np.array(stored, dtype=np.float16)
    connection.executemany(
        "INSERT INTO documents (id, name, title, media_type, path, page_count, outline, problems, added_at)"
        " VALUES (?, ?, '', 'application/pdf', ?, ?, '[]', '[]', '2026-01-01T00:00:00+00:00')",
        documents,
    )
    connection.executemany("INSERT INTO paths VALUES (?, ?)", [(path, identity) for identity, _, path, _ in documents])
    connection.executemany(
        "INSERT INTO entries (id, document, level, page, last_page, number, heading, text, text_terms, heading_terms,"
        " regions) VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, '', '[]')",
        rows,
    )
    connection.executemany("INSERT INTO vectors VALUES (?, ?)", zip(itertools.count(number), map(bytes, halves)))
    width = PAGES + 1
    for at, (identity, *_) in enumerate(documents):
        levels = ["document", *["page"] * PAGES]
        numbers = range(number + at * width, number + (at + 1) * width)
        codes.write_codes(
            connection, identity, zip(levels, numbers, halves[at * width : (at + 1) * width], strict=True)
        )
        words.write(connection, identity)
    generation = "SELECT coalesce((SELECT value FROM meta WHERE key = 'generation'), 0) + 1"
    connection.execute(f"INSERT OR REPLACE INTO meta VALUES ('generation', ({generation}))")


def _texts(at: int) -> list[str]:
    """Returns the words of `BATCH` pages from page `at` on, of the same topics as their vectors."""
    vocabulary, weights, of_topics = _words()
    topics = np.random.default_rng(at + 1).integers(0, TOPICS, size=BATCH)
    source = np.random.default_rng(at + 2)
    drawn = np.searchsorted(weights, source.random((BATCH, WORDS)))
    drawn[:, :OF_TOPIC] = of_topics[topics[:, None], source.integers(0, of_topics.shape[1], size=(BATCH, OF_TOPIC))]
    return [" ".join(row) for row in vocabulary[drawn].tolist()]


@cache
def _words() -> tuple[NDArray[np.str_], NDArray[np.float64], NDArray[np.int64]]:
    """Returns all words, the sums of their frequencies, and the words of each topic, by place."""
    made = itertools.islice(("".join(parts) for parts in itertools.product(_SYLLABLES, repeat=5)), VOCABULARY)
    vocabulary = np.array(list(made))
    weights = 1 / np.arange(1, VOCABULARY + 1)
    of_topics = np.random.default_rng(3).integers(200, VOCABULARY, size=(TOPICS, 40))
    return vocabulary, np.cumsum(weights) / weights.sum(), of_topics


def _forget(folders: Sequence[Path]) -> bool:
    """Drops files from the system's cache."""
    for path in itertools.chain.from_iterable(folder.rglob("*") for folder in folders):
        if path.is_file():
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return True


def _clock(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - started)


def _summary(times: Sequence[float]) -> tuple[float, float]:
    return statistics.median(times), float(np.quantile(times, 0.95))


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())

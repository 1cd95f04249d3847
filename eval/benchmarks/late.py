"""MaxSim over the token vectors of 10,000 made-up pages: 128 tokens of 128 dimensions each, as int8."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from octavo.eval.benchmarks.store import add_documents
from octavo.ingest.store.library import Library
from octavo.rag.embedding import unit
from octavo.rag.entry import Entry, EntryId, Level
from octavo.rag.index.multivector import MultiVectorStore
from octavo.rag.index.store import entries as entry_rows

PAGES, TOKENS, DIMENSION = 10_000, 128, 128
CANDIDATES, ASKED, QUESTIONS, DOCUMENT = 200, 24, 40, 100


def report() -> str:
    """Returns the time for comparing the 200 candidates of a first pass, and the room that the token vectors take."""
    source = np.random.default_rng(7)
    with tempfile.TemporaryDirectory() as folder, Library(Path(folder)) as library:
        store = MultiVectorStore(library, "made up", DIMENSION)
        ids: list[str] = []
        for number in range(PAGES // DOCUMENT):
            ids += _document(library, store, f"{number:032x}", source)
        times = []
        for _ in range(QUESTIONS):
            question = unit(source.normal(size=(ASKED, DIMENSION)).astype(np.float32))
            chosen = [ids[n] for n in source.choice(PAGES, CANDIDATES, replace=False)]
            started = time.perf_counter()
            result = store.maxsim(question, chosen)
            times.append((time.perf_counter() - started) * 1000)
            assert len(result) == CANDIDATES
        room = sum(path.stat().st_size for path in Path(folder, "tokens").glob("*")) / 1e6
    p50, p95 = statistics.median(times), sorted(times)[int(0.95 * len(times))]
    return (
        f"late interaction: p50 {p50:.1f} ms, p95 {p95:.1f} ms for {CANDIDATES} of {PAGES:,} pages"
        f" ({TOKENS} × {DIMENSION}, int8, {ASKED} question tokens); {room:.0f} MB"
    )


def _document(library: Library, store: MultiVectorStore, identity: str, source: np.random.Generator) -> list[str]:
    pages = [
        Entry(EntryId.of_page(identity, n), Level.PAGE, identity, n, n, None, "", f"page {n}", ())
        for n in range(DOCUMENT)
    ]
    tokens = [unit(source.normal(size=(TOKENS, DIMENSION)).astype(np.float32)) for _ in pages]
    file = store.save(tokens)
    with library.transaction() as connection:
        add_documents(connection, [identity], DOCUMENT)
        entry_rows.write(connection, pages)
        store.note(connection, pages, [TOKENS] * DOCUMENT, file)
    return [page.id for page in pages]

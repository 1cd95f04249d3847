"""A writer that is killed at any moment: nothing is lost, doubled or half visible, at once and after it ran again."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from octavo.ingest import Document
from octavo.ingest.store.library import Library
from octavo.rag.entry import Level
from octavo.rag.index import Index, dense as nearest
from octavo.rag.query.analysis import terms
from tests.rag import made

FOLDERS = 4
PAGES = 12


def versions(library: Library) -> Iterator[tuple[str, Document]]:
    """What an ingest adds, one after the other: new files, changed files, the same file at another place."""
    for version in (1, 2):
        for n in range(FOLDERS):
            texts = [f"Text {page} of file {n}, version {version if page < 2 else 0}." for page in range(PAGES)]
            document = made.document(library, f"{n}.pdf", *texts)
            yield f"/{n}.pdf", document
            if n == 1:
                yield "/twin.pdf", document


def ingest(folder: Path, ready: Event) -> None:
    """Adds all versions, and something that is removed again. Chroma is renewed several times on the way."""
    nearest.WAIT = 100
    with Library(folder) as library:
        index = Index(library, made.HashEmbedding())
        ready.set()
        with index.writing():
            for path, document in versions(library):
                index.add(document, path)
            passing = made.document(library, "passing.pdf", "This one does not stay.")
            index.add(passing, "/passing.pdf")
        index.remove(passing.id)
        index.close()


def start(folder: Path) -> BaseProcess:
    """A process that ingests into a folder, as soon as it begins to."""
    ready = multiprocessing.get_context("forkserver").Event()
    process = made.start(ingest, folder, ready)
    assert ready.wait(60)
    return process


def run(folder: Path) -> float:
    """Ingests undisturbed; returns the seconds it took."""
    process, started = start(folder), time.perf_counter()
    process.join(200)
    assert process.exitcode == 0
    return time.perf_counter() - started


class Near(float):
    """A similarity: Chroma's arithmetic and ours differ in the last bits."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, float) and abs(self - other) < 1e-3

    __hash__ = float.__hash__


def look(folder: Path) -> dict[str, object]:
    """All that a library holds and finds."""
    with Library(folder) as library:
        index = Index(library, made.HashEmbedding())
        question = "version 2 of file 3"
        vector = index.embedding.embed_question(question)
        found = {
            "documents": [library.document(info.id) for info in library.documents()],
            "paths": [info.paths for info in library.documents()],
            "vectors": library.connection.execute(
                "SELECT id, vector FROM entries JOIN vectors ON entry = entries.rowid ORDER BY id"
            ).fetchall(),
            "images": sorted(path.name for path in (folder / "pages").glob("*/*")),
            "words": [sorted(index.words(terms(question), level, 500)) for level in Level],
            "near": {i: Near(s) for level in Level for i, s in index.vectors(vector, level, 500)},
            "chroma": len(list((folder / "chroma").glob("*"))),
        }
        index.close()
    return found


@pytest.mark.parametrize("kills", [2, pytest.param(30, marks=pytest.mark.slow)])
def test_a_killed_writer_leaves_a_whole_library(tmp_path: Path, kills: int) -> None:
    seconds = run(tmp_path / "whole")
    expected = look(tmp_path / "whole")
    moments = random.Random(kills)
    with Library(tmp_path / "elsewhere") as elsewhere:
        known = {document.id: document for _, document in versions(elsewhere)}
        passing = made.document(elsewhere, "passing.pdf", "This one does not stay.")
        known[passing.id] = passing
    for n in range(kills):
        folder = tmp_path / f"killed{n % 2}"
        process = start(folder)
        time.sleep(moments.uniform(0, seconds))
        process.kill()
        process.join()
        with Library(folder) as library:
            index = Index(library, made.HashEmbedding())
            made.check(index, [known[info.id] for info in library.documents()], tidy=False)
            with index.writing():
                pass
            made.check(index, [known[info.id] for info in library.documents()])
            index.close()
    for folder in tmp_path.glob("killed*"):
        run(folder)
        assert look(folder) == expected

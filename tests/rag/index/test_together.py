"""Two processes that write into one library and ten that read it: nobody sees half of anything, nothing is lost."""

from __future__ import annotations

import multiprocessing
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from octavo.ingest import Document, LibraryError
from octavo.ingest.store.library import Library
from octavo.rag.entry import Level
from octavo.rag.index import Index
from octavo.rag.index.store import entries as entry_rows
from octavo.rag.query.analysis import terms
from tests.rag import made

WRITERS, READERS, CHANGES = 2, 10, 40
PAGES = 4


def version(library: Library, writer: int, n: int) -> Document:
    """The `n`-th document of a writer; every fourth of its names comes again with other words."""
    texts = [f"Page {page} of writer {writer}, change {n}, about herons." for page in range(PAGES)]
    return made.document(library, f"{writer}-{n % 4}.pdf", *texts)


def write(folder: Path, writer: int, ready: Event) -> None:
    """Adds, replaces and removes, each time waiting for its turn."""
    with Library(folder) as library:
        index = Index(library, made.HashEmbedding())
        ready.set()
        for n in range(CHANGES):
            while True:
                try:
                    with index.writing():
                        document = version(library, writer, n)
                        index.add(document, f"/{document.name}")
                        if n % 5 == 4 and n < CHANGES - 4:
                            index.remove(document.id)
                    break
                except LibraryError as error:
                    if "Another writer" not in str(error):
                        raise
        index.close()


def read(folder: Path, over: Event, looks: Path) -> None:
    """Looks at everything again and again until the writers are done; what it sees must be whole each time."""
    count = 0
    with Library(folder) as library:
        index = Index(library, made.HashEmbedding())
        vector = index.embedding.embed_question("herons")
        while not over.is_set() or not count:
            for info in library.documents():
                try:
                    document = library.document(info.id)
                    pictures = [library.image(page.image) for page in document.pages]
                except LibraryError as error:
                    if "holds no document" in str(error) or "is gone" in str(error):  # removed just now
                        continue
                    raise
                assert (len(document.pages), len(pictures), len(document.chunks)) == (PAGES, PAGES, PAGES + 1)
            with library.snapshot() as connection:
                held = [row[0] for row in connection.execute("SELECT id FROM documents")]
                for level in Level:
                    near = {identity for identity, _ in index.vectors(vector, level, 10_000)}
                    rows = {row[0] for row in connection.execute("SELECT id FROM entries WHERE level = ?", (level,))}
                    assert near == rows
                    assert {identity.partition("/")[0] for identity in near} == set(held)
                words = {identity for identity, _ in index.words(terms("herons"), Level.PAGE, 10_000)}
                assert words == {f"{document}/p{page}" for document in held for page in range(PAGES)}
                assert len(entry_rows.load(connection, sorted(words))) == len(words)
            count += 1
        index.close()
    looks.write_text(str(count))


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_two_writers_and_ten_readers(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    with Library(folder) as library:
        Index(library, made.HashEmbedding()).close()
    context = multiprocessing.get_context("forkserver")
    over, ready = context.Event(), [context.Event() for _ in range(WRITERS)]
    writers = [made.start(write, folder, n, ready[n]) for n in range(WRITERS)]
    assert all(event.wait(120) for event in ready)
    readers = [made.start(read, folder, over, tmp_path / f"looks{n}") for n in range(READERS)]
    for process in writers:
        process.join()
    over.set()
    for process in readers:
        process.join()
    assert [process.exitcode for process in (*writers, *readers)] == [0] * (WRITERS + READERS)
    print(f"{sum(int((tmp_path / f'looks{n}').read_text()) for n in range(READERS))} looks")
    with Library(folder) as library:
        index = Index(library, made.HashEmbedding())
        with index.writing():
            last = [version(library, writer, n) for writer in range(WRITERS) for n in range(CHANGES - 4, CHANGES)]
        made.check(index, last)
        index.close()

"""The index as a whole: documents come, change and go without a trace, in images of other threads and processes."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from chromadb.errors import InternalError
from hypothesis import given, settings, strategies as st
from llama_index.core.vector_stores.types import VectorStoreQuery
from llama_index.vector_stores.chroma import ChromaVectorStore

from octavo.ingest import Document, LibraryError
from octavo.ingest.store.library import Library
from octavo.rag.embedding import Vectors
from octavo.rag.entry import Level, Scope
from octavo.rag.index import Index
from octavo.rag.index.chroma import open_client
from octavo.rag.query.analysis import terms
from octavo.rag.settings import IndexOptions
from tests.rag import made
from tests.rag.made import HashEmbedding

TEXTS = ("The mirror was polished.", "Revenue grew by 12%.", "The dome opened in 2017.", "Windmills turn slowly.")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path / "library") as opened:
        yield opened


@pytest.fixture
def index(library: Library) -> Iterator[Index]:
    opened = Index(library, HashEmbedding())
    yield opened
    opened.close()


@pytest.fixture
def chroma(library: Library) -> Iterator[Index]:
    opened = Index(library, HashEmbedding(), IndexOptions("chroma"))
    yield opened
    opened.close()


STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "replace", "alias", "remove"]), st.integers(0, 2), st.integers(0, 3)),
    min_size=1,
    max_size=7,
)


@given(steps=STEPS, together=st.booleans())
@settings(max_examples=12)
def test_any_sequence_of_changes_leaves_exactly_what_it_says(steps: list[tuple[str, int, int]], together: bool) -> None:
    with TemporaryDirectory() as folder, Library(folder) as library:
        index = Index(library, HashEmbedding())
        held: dict[str, Document] = {}
        with index.writing() if together else nullcontext():
            for step, where, what in steps:
                path, text = f"/p{where}", TEXTS[what]
                with index.writing():
                    document = made.document(library, f"{what}.pdf", text, TEXTS[0])
                    known = document.id in {d.id for d in held.values()}
                    if step in ("add", "replace"):
                        index.add(document, path, replace=step == "replace")
                        held[path] = document
                    elif step == "alias" and known:
                        index.alias(document.id, path)
                        held[path] = document
                    elif step == "remove":
                        index.remove(document.id)
                        held = {p: d for p, d in held.items() if d.id != document.id}
        made.check(index, list({d.id: d for d in held.values()}.values()))
        assert {p for info in library.documents() for p in info.paths} == set(held)
        index.close()
        index = Index(library, HashEmbedding())
        made.check(index, list({d.id: d for d in held.values()}.values()))
        index.close()


def test_the_same_bytes_at_two_paths_are_one_document(index: Index) -> None:
    with index.writing():
        document = made.document(index.library, "a.pdf", *TEXTS)
        index.add(document, "/x/a.pdf")
        index.add(document, "/y/a.pdf")
    made.check(index, [document])
    assert index.library.find(document.id).paths == ("/x/a.pdf", "/y/a.pdf")
    with index.writing():
        other = made.document(index.library, "b.pdf", *TEXTS)
        index.add(other, "/x/a.pdf")
    made.check(index, [document, other])
    index.alias(other.id, "/y/a.pdf")
    made.check(index, [other])


def test_reading_a_document_again_keeps_its_paths_and_screenshots(index: Index) -> None:
    with index.writing():
        document = made.document(index.library, "a.pdf", *TEXTS)
        index.add(document, "/x/a.pdf")
        index.alias(document.id, "/y/a.pdf")
    with index.writing():
        again = made.document(index.library, "a.pdf", *TEXTS)
        index.add(again, "/x/a.pdf", replace=True)
    made.check(index, [document])
    assert index.library.find(document.id).paths == ("/x/a.pdf", "/y/a.pdf")
    with index.writing():
        made.document(index.library, "a.pdf", *TEXTS)
        index.remove(document.id)
        index.add(document, "/x/a.pdf")
    made.check(index, [document])


def test_an_embedding_that_fails_leaves_the_library_as_it_was(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    with index.writing():
        document = made.document(index.library, "a.pdf", TEXTS[0])
        index.add(document, "/a.pdf")
    monkeypatch.setattr(HashEmbedding, "embed_texts", _fail)
    with pytest.raises(ConnectionError):
        index.add(made.document(index.library, "b.pdf", TEXTS[1]), "/a.pdf")
    monkeypatch.undo()
    with index.writing():  # the next writer tidies
        pass
    made.check(index, [document])


def _fail(self: HashEmbedding, texts: Sequence[str]) -> Vectors:
    raise ConnectionError("the embedding server is gone")


# the embedding


class Other(HashEmbedding):
    model_name: str = "other"


def test_two_embeddings_are_never_mixed(index: Index) -> None:
    with index.writing():
        document = made.document(index.library, "a.pdf", TEXTS[0])
        index.add(document, "/a.pdf")
    with pytest.raises(LibraryError, match=r"made by hashed \(32 dim.*\), not other \(32 dim.*embed the library again"):
        Index(index.library, Other())
    with pytest.raises(LibraryError, match=r"not hashed \(16 dimensions\)"):
        Index(index.library, HashEmbedding(dimension=16))
    index.remove(document.id)
    changed = Index(index.library, HashEmbedding(dimension=16))  # nothing is left that could be mixed
    with changed.writing():
        changed.add(made.document(index.library, "a.pdf", TEXTS[0]), "/a.pdf")
    made.check(changed, [document])
    changed.close()
    with pytest.raises(LibraryError, match="cannot be mixed"):
        index.add(made.document(index.library, "b.pdf", TEXTS[1]), "/b.pdf")


# Chroma


def test_a_library_without_its_chroma_folder_is_searched_all_the_same(chroma: Index) -> None:
    with chroma.writing():
        document = made.document(chroma.library, "a.pdf", *TEXTS)
        chroma.add(document, "/a.pdf")
    chroma.close()
    shutil.rmtree(chroma.library.folder / "chroma")
    made.check(chroma, [document])
    with chroma.writing():
        pass
    assert len(list((chroma.library.folder / "chroma").glob("*/chroma.sqlite3"))) == 1
    made.check(chroma, [document])


@pytest.mark.parametrize("damaged", ["chroma.sqlite3", "*/data_level0.bin", "*/header.bin", "*/index_metadata.pickle"])
def test_a_damaged_chroma_folder_is_built_anew(chroma: Index, damaged: str) -> None:
    with chroma.writing():
        first = made.document(chroma.library, "a.pdf", *TEXTS)
        chroma.add(first, "/a.pdf")
    chroma.close()
    files = list((chroma.library.folder / "chroma").glob(f"*/{damaged}"))
    assert files
    for file in files:
        file.write_bytes(b"")
    chroma = Index(chroma.library, HashEmbedding(), IndexOptions("chroma"))
    made.check(chroma, [first])
    with chroma.writing():
        second = made.document(chroma.library, "b.pdf", *TEXTS[:2])
        chroma.add(second, "/b.pdf")
    made.check(chroma, [first, second])
    chroma.close()


def test_few_new_entries_of_a_large_library_wait_for_chroma(chroma: Index) -> None:
    with chroma.writing():
        large = made.document(chroma.library, "large.pdf", *(f"Text number {n}." for n in range(60)))
        chroma.add(large, "/large.pdf")
    before = chroma.library.get("chroma")
    with chroma.writing():
        small = made.document(chroma.library, "small.pdf", "One more.")
        chroma.add(small, "/small.pdf")
    assert chroma.library.get("chroma") == before
    made.check(chroma, [large, small])


def test_chroma_takes_up_entries_during_a_long_ingest(chroma: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("octavo.rag.index.chroma_index.WAIT", 20)
    documents, covers = [], set()
    with chroma.writing():
        for n in range(6):
            documents.append(made.document(chroma.library, f"{n}.pdf", *TEXTS, seed=n))
            chroma.add(documents[-1], f"/{n}.pdf")
            covers.add(chroma.library.get("chroma"))
            assert len(made.everything(chroma, Level.PAGE)) == 4 * (n + 1)
    assert len(covers) > 2
    made.check(chroma, documents)
    assert len(list((chroma.library.folder / "chroma").iterdir())) == 1


# threads and processes


def obey(folder: Path, orders: Connection) -> None:
    """Adds and removes documents as it is told to."""
    with Library(folder) as library:
        index = Index(library, HashEmbedding())
        while order := orders.recv():
            step, name, *texts = order
            with index.writing():
                document = made.document(library, name, *texts)
                if step == "add":
                    index.add(document, f"/{name}")
                else:
                    index.remove(document.id)
            orders.send("done")
        index.close()


@pytest.fixture
def writer(library: Library) -> Iterator[Callable[..., None]]:
    """Another process that writes what it is told to."""
    here, there = Pipe()
    process = made.start(obey, library.folder, there)

    def tell(*order: str) -> None:
        here.send(order)
        assert here.poll(60)
        assert here.recv() == "done"

    yield tell
    here.send(())
    process.join(30)
    assert process.exitcode == 0
    here.close()
    there.close()


def test_a_reader_sees_what_another_process_adds_and_removes(index: Index, writer: Callable[..., None]) -> None:
    made_here = [made.document(index.library, f"{n}.pdf", *TEXTS, seed=0) for n in range(4)]
    for n in range(4):
        writer("add", f"{n}.pdf", *TEXTS)
        made.check(index, made_here[: n + 1])
    for n in range(3):
        writer("remove", f"{n}.pdf", *TEXTS)
        made.check(index, made_here[n + 1 :])


def test_two_pipelines_in_one_process_see_each_other(index: Index) -> None:
    with Library(index.library.folder) as again:
        other = Index(again, HashEmbedding())
        documents = []
        for n in range(4):
            writing, reading = (index, other) if n % 2 else (other, index)
            with writing.writing():
                documents.append(made.document(writing.library, f"{n}.pdf", *TEXTS))
                writing.add(documents[-1], f"/{n}.pdf")
            made.check(reading, documents)
        other.close()


def test_threads_add_remove_and_search_at_once(index: Index) -> None:
    failures = list[BaseException]()
    stop = threading.Event()
    question = index.embedding.embed_question(TEXTS[1])

    def write(thread: int) -> None:
        try:
            for n in range(4):
                with index.writing():
                    document = made.document(index.library, f"{thread}-{n}.pdf", *TEXTS)
                    index.add(document, f"/{thread}/{n}")
                    same = made.document(index.library, "same.pdf", *TEXTS)
                    index.add(same, f"/{thread}/same")
                if n < 3:
                    index.remove(document.id)
        except BaseException as error:  # noqa: BLE001 - shown below
            failures.append(error)

    def read() -> None:
        try:
            while not stop.is_set():
                for level in Level:
                    hits = index.vectors(question, level, 5) + index.words(terms(TEXTS[1]), level, 5)
                    found = index.entries([identity for identity, _ in hits])
                    assert all(entry.level is level for entry in found)
        except BaseException as error:  # noqa: BLE001 - shown below
            failures.append(error)

    writers = [threading.Thread(target=write, args=(n,)) for n in range(2)]
    readers = [threading.Thread(target=read) for _ in range(2)]
    for thread in (*writers, *readers):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in readers:
        thread.join()
    assert not failures
    made.check(index, [made.document(index.library, name, *TEXTS) for name in ("0-3.pdf", "1-3.pdf", "same.pdf")])


def test_writing_has_to_wait_for_another_writer(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.library._writer, "_wait", 0.2)
    with Library(index.library.folder) as other, other.writer():
        with pytest.raises(LibraryError, match="is at work in the library"):
            index.add(made.document(index.library, "b.pdf", TEXTS[0]), "/b.pdf")
        with pytest.raises(LibraryError, match="is at work in the library"):
            index.remove("anything")


def test_a_vector_without_direction_finds_nothing(index: Index) -> None:
    index.add(made.document(index.library, "a.pdf", *TEXTS), "/a.pdf")
    assert index.vectors(np.zeros(32, dtype=np.float32), Level.PAGE, 5) == []
    assert index.vectors(index.embedding.embed_question("dome"), Level.PAGE, 0) == []
    assert index.vectors(index.embedding.embed_question("dome"), Level.PAGE, 5, Scope(documents=())) == []


def test_a_small_removal_from_a_large_library_waits_for_chroma_too(chroma: Index) -> None:
    with chroma.writing():
        large = made.document(chroma.library, "large.pdf", *(f"Text number {n}." for n in range(60)))
        chroma.add(large, "/large.pdf")
        small = made.document(chroma.library, "small.pdf", "Text number 7.")
        chroma.add(small, "/small.pdf")
    cover = chroma.library.get("chroma")
    chroma.remove(small.id)
    assert chroma.library.get("chroma") == cover
    made.check(chroma, [large])
    again = made.document(chroma.library, "small.pdf", "Text number 7.")
    chroma.add(again, "/small.pdf")
    made.check(chroma, [large, again])
    chroma.remove(large.id)
    assert chroma.library.get("chroma") != cover
    made.check(chroma, [again])


def test_a_full_disk_is_one_sentence_and_loses_nothing(chroma: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("octavo.rag.index.chroma.fsync_tree", _full)
    document = made.document(chroma.library, "a.pdf", *TEXTS)
    with pytest.raises(LibraryError, match=r"cannot be written into .*chroma: No space left on device\.$"):
        chroma.add(document, "/a.pdf")
    made.check(chroma, [document], tidy=False)
    assert list((chroma.library.folder / "chroma").iterdir()) == []
    monkeypatch.undo()
    with chroma.writing():  # the next writer tidies
        pass
    made.check(chroma, [document])


def test_a_chroma_that_cannot_be_built_is_one_sentence_and_loses_nothing(
    chroma: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("octavo.rag.index.chroma.ChromaFolder.add", _broken)
    document = made.document(chroma.library, "a.pdf", *TEXTS)
    with pytest.raises(LibraryError, match=r"cannot be written into .*chroma: the database is full\.$"):
        chroma.add(document, "/a.pdf")
    assert list((chroma.library.folder / "chroma").iterdir()) == []
    monkeypatch.undo()
    with chroma.writing():
        pass
    made.check(chroma, [document])


def _broken(self: object, *_: object) -> None:
    raise InternalError("the database is full")


def _full(folder: Path) -> None:
    raise OSError(28, "No space left on device")


def test_the_store_is_llama_indexs(chroma: Index) -> None:
    with chroma.writing():
        document = made.document(chroma.library, "a.pdf", *TEXTS)
        chroma.add(document, "/a.pdf")
    chroma.close()
    (folder,) = (chroma.library.folder / "chroma").iterdir()
    opened = open_client(folder)
    store = ChromaVectorStore.from_collection(opened.get_collection("page", embedding_function=None))
    vector = chroma.embedding.embed_question(TEXTS[2])
    found = store.query(VectorStoreQuery(query_embedding=vector.tolist(), similarity_top_k=1))
    assert found.ids == [chroma.vectors(vector, Level.PAGE, 1)[0][0]]
    opened.close()


def test_a_path_cannot_hold_a_document_that_is_not_there(index: Index) -> None:
    with pytest.raises(LibraryError, match="holds no document"):
        index.alias("nothing", "/a.pdf")


def test_a_change_looks_at_the_documents_it_concerns_only(index: Index) -> None:
    with index.writing():
        for name in "ab":
            index.add(made.document(index.library, f"{name}.pdf", *TEXTS), f"/x/{name}.pdf")
    statements: list[str] = []
    connection = index.library.connection
    connection.set_trace_callback(statements.append)
    with index.writing():
        index.add(made.document(index.library, "c.pdf", *TEXTS), "/x/c.pdf")
        index.remove_path("/x/a.pdf")
    connection.set_trace_callback(None)
    read = [sql for sql in statements if sql.startswith("SELECT") and " FROM documents" in sql and "?" not in sql]
    scans = [
        row
        for sql in read
        for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")
        if row[3].startswith("SCAN documents")
    ]
    assert read
    assert not scans

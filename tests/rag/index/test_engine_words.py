"""Words in an engine: they rank as those in the library's database do, at every moment of a library's life."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import httpx
import pytest

from octavo.ingest import Document, LibraryError
from octavo.ingest.errors import IncompleteIndexError, SettingsError
from octavo.ingest.store.backup import backup
from octavo.ingest.store.library import Library
from octavo.rag.entry import EVERYWHERE, Level, Scope
from octavo.rag.index import Index
from octavo.rag.index.engine_index import Cover, EngineIndex, cover_of
from octavo.rag.index.engines.base import EngineError, VectorEngine
from octavo.rag.index.engines.opening import open_engine
from octavo.rag.index.engines.retrying import TRIES
from octavo.rag.index.moving import MoveReport, move_back, move_to_engine
from octavo.rag.index.store import vectors
from octavo.rag.query.analysis import terms
from octavo.rag.settings import IndexOptions
from tests.rag import made

TEXTS = ("Mirrors of the dome", "Windmills by the sea", "Herons in the reeds")
QUESTIONS = ("dome of reeds", "sea number 3", "windmills of 2 mirrors")


@contextmanager
def two_indexes(folder: Path) -> Iterator[tuple[Index, Index]]:
    """The indexes of two libraries: one in its folder, one in LanceDB."""
    options = IndexOptions("lancedb", "lancedb", str(folder / "lance"))
    with (
        Library(folder / "plain") as plain,
        Library(folder / "served") as served,
        closing(Index(plain, made.HashEmbedding())) as here,
        closing(Index(served, made.HashEmbedding(), options)) as there,
    ):
        yield here, there


def add(indexes: tuple[Index, Index], name: str, *texts: str) -> Document:
    document, _ = (made.document(index.library, name, *texts) for index in indexes)
    for index in indexes:
        index.add(document, f"/{name}", replace=True)
    return document


def assert_same(here: Index, there: Index, *scopes: Scope) -> None:
    """Compares each question at each level everywhere, and each level in each scope by one of the questions."""
    for shift, level in enumerate(Level):
        in_scopes = zip(islice(cycle(QUESTIONS), shift, None), scopes, strict=False)
        for question, scope in [*((question, EVERYWHERE) for question in QUESTIONS), *in_scopes]:
            wanted = terms(question)
            assert there.words(wanted, level, 5, scope) == here.words(wanted, level, 5, scope)
            ids, rows = vectors.of_scope(here.library.connection, level, scope)
            near = here.query_vector(question)
            assert there.vectors(near, level, 5, scope) == vectors.nearest(ids, rows, near, 5)
            assert there.document_frequency(wanted, level) == here.document_frequency(wanted, level)
    for wanted in map(terms, QUESTIONS):
        assert there.affinities(wanted, (2012,)) == here.affinities(wanted, (2012,))


@pytest.mark.parametrize("wait", [0, 1_000])
def test_an_engine_ranks_as_the_folder_does_through_the_life_of_a_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wait: int
) -> None:
    monkeypatch.setattr("octavo.rag.index.engine_index.WAIT", wait)
    with two_indexes(tmp_path) as indexes:
        here, there = indexes
        documents = [add(indexes, f"{n}.pdf", *TEXTS, f"Number {n} of 2012") for n in range(3)]
        scopes = (Scope(documents=documents[1].id), Scope(kinds=["table"]), Scope(pages=[1, 2]))
        assert_same(here, there, *scopes)
        assert bool(cover_of(there.library).last) == (wait == 0)
        for index in indexes:
            index.remove(documents[0].id)
        assert_same(here, there, *scopes)
        add(indexes, "1.pdf", *TEXTS, "Number 1 of 2012")
        assert_same(here, there, *scopes)


def test_a_scope_is_pushed_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("octavo.rag.index.engine_index.WAIT", 0)
    for few in ("covered", "bm25"):
        monkeypatch.setattr(f"octavo.rag.index.{few}.FEW", 0)
    with two_indexes(tmp_path) as indexes:
        here, there = indexes
        documents = [add(indexes, f"{n}.pdf", *TEXTS, f"Number {n}") for n in range(4)]
        for index in indexes:
            for n, document in enumerate(documents):
                index.library.set_metadata(document.id, {"team": "north" if n % 2 else "south"})
        some = tuple(document.id for document in documents[:2])
        assert_same(
            here,
            there,
            Scope(documents=some),
            Scope(documents=()),
            Scope(pages=[1, 2]),
            Scope(kinds=["table"]),
            Scope(kinds=["title"], documents=some, pages=[0, 0]),
            Scope(metadata=(("team", ("north",)),)),
            Scope(metadata=(("team", ("nowhere",)),)),
        )
        found = there.words(terms("number"), Level.PAGE, 9, Scope(metadata=(("team", ("north",)),)))
        assert {identity.document for identity, _ in found} == {documents[1].id, documents[3].id}


def test_words_move_and_move_back(tmp_path: Path) -> None:
    with Library(tmp_path / "library") as library:
        plain = Index(library, made.HashEmbedding())
        documents = list[Document]()
        for n in range(3):
            documents.append(made.document(library, f"{n}.pdf", *TEXTS, f"Number {n}"))
            plain.add(documents[-1], f"/{n}.pdf")
        before = {question: plain.words(terms(question), Level.PAGE, 9) for question in QUESTIONS}
        uri = str(tmp_path / "lance")
        entries = sum(plain.count(level) for level in Level)
        report = move_to_engine(library, "lancedb", uri, words=True)
        assert report == MoveReport(entries, 12, 12, 1.0, 12, 12, entries)
        assert move_to_engine(library, "lancedb", uri, words=True).words_searches == 0
        with closing(Index(library, made.HashEmbedding(), IndexOptions("lancedb", "lancedb", uri))) as served:
            assert {question: served.words(terms(question), Level.PAGE, 9) for question in QUESTIONS} == before
        with pytest.raises(LibraryError, match="set sparse_index to lancedb"):
            Index(library, made.HashEmbedding(), IndexOptions("lancedb", "sqlite", uri))
        move_back(library)
        with closing(Index(library, made.HashEmbedding())) as again:
            made.check(again, documents)
            assert {question: again.words(terms(question), Level.PAGE, 9) for question in QUESTIONS} == before
        with pytest.raises(LibraryError, match="set sparse_index to sqlite"):
            Index(library, made.HashEmbedding(), IndexOptions("lancedb", "lancedb", uri))
        with pytest.raises(SettingsError, match="set dense_index to lancedb") as raised:
            Index(library, made.HashEmbedding(), IndexOptions("sign-bits", "lancedb", uri))
        assert raised.value.setting == "sparse_index"


def test_a_backup_has_its_words_itself(tmp_path: Path) -> None:
    with Library(tmp_path / "library") as library:
        with closing(Index(library, made.HashEmbedding())) as plain:
            document = made.document(library, "a.pdf", *TEXTS)
            plain.add(document, "/a.pdf")
        move_to_engine(library, "lancedb", str(tmp_path / "lance"), words=True)
        backup(library.folder, tmp_path / "copy")
    with Library(tmp_path / "copy") as copy, closing(Index(copy, made.HashEmbedding())) as copied:
        made.check(copied, [document])
        assert len(copied.words(terms("dome"), Level.PAGE, 3)) == 1


def test_a_copy_that_differs_is_found(tmp_path: Path) -> None:
    with Library(tmp_path / "library") as library:
        plain = Index(library, made.HashEmbedding())
        document = made.document(library, "a.pdf", *TEXTS)
        plain.add(document, "/a.pdf")
        move_to_engine(library, "lancedb", str(tmp_path / "lance"))
        index = EngineIndex(library, "lancedb", str(tmp_path / "lance"))
        with closing(index):
            assert index.verify() == 17
            library.connection.execute("UPDATE entries SET last_page = 1 WHERE id = ?", (f"{document.id}/p0",))
            with pytest.raises(LibraryError, match="differs in the page entries 1 to 17 of"):
                index.verify()


def test_an_engine_that_lost_the_words_is_no_library_without_them(tmp_path: Path) -> None:
    uri = str(tmp_path / "lance")
    with Library(tmp_path / "library") as library:
        Index(library, made.HashEmbedding()).add(made.document(library, "a.pdf", *TEXTS), "/a.pdf")
        move_to_engine(library, "lancedb", uri, words=True)
        shutil.rmtree(uri)
        served = Index(library, made.HashEmbedding(), IndexOptions("lancedb", "lancedb", uri))
        with closing(served), pytest.raises(IncompleteIndexError, match="has lost the vectors of"):
            served.words(terms("dome"), Level.PAGE, 3)
        assert move_to_engine(library, "lancedb", uri, words=True, anew=True).compared == 17
        with closing(Index(library, made.HashEmbedding(), IndexOptions("lancedb", "lancedb", uri))) as again:
            assert len(again.words(terms("dome"), Level.PAGE, 3)) == 1


def test_a_writer_that_dies_between_batches_loses_no_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches end with a document, so that what it added last can be deleted by documents."""
    monkeypatch.setattr("octavo.rag.index.engine_index.BATCH", 7)
    noted = EngineIndex._note

    def die(self: EngineIndex, cover: Cover) -> None:
        if cover.last > 22 and not cover.adding:
            raise KeyboardInterrupt
        noted(self, cover)

    with Library(tmp_path / "library") as library:
        plain = Index(library, made.HashEmbedding())
        for n in range(3):
            plain.add(made.document(library, f"{n}.pdf", *TEXTS, f"Number {n}"), f"/{n}.pdf")
        entries = sum(plain.count(level) for level in Level)
        with monkeypatch.context() as patch:
            patch.setattr(EngineIndex, "_note", die)
            with pytest.raises(KeyboardInterrupt):
                move_to_engine(library, "lancedb", str(tmp_path / "lance"), words=True)
        assert (cover_of(library).last, cover_of(library).adding) == (22, True)
        report = move_to_engine(library, "lancedb", str(tmp_path / "lance"), words=True)
        assert report.compared == entries
        assert report.words_equal == report.words_searches == 12


def _add_and_die(folder: Path, options: IndexOptions) -> None:
    """Adds a document that the engine takes up and one that it does not, and is killed in the middle of an ingest."""
    with Library(folder) as library, closing(Index(library, made.HashEmbedding(), options)) as index, index.writing():
        index.add(made.document(library, "0.pdf", *TEXTS, "Number 0"), "/0.pdf")
        index._dense.catch_up(finished=True)
        index.add(made.document(library, "1.pdf", *TEXTS, "Number 1"), "/1.pdf")
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_writer_killed_between_documents_leaves_both_searchable(tmp_path: Path) -> None:
    options = IndexOptions("lancedb", "lancedb", str(tmp_path / "lance"))
    process = made.start(_add_and_die, tmp_path / "served", options)
    process.join(100)
    assert process.exitcode == -signal.SIGKILL
    with two_indexes(tmp_path) as (here, there):
        for n in range(2):
            here.add(made.document(here.library, f"{n}.pdf", *TEXTS, f"Number {n}"), f"/{n}.pdf")
        assert_same(here, there)
        add((here, there), "2.pdf", *TEXTS, "Number 2")
        assert_same(here, there)
        assert move_to_engine(there.library, "lancedb", options.uri, words=True).recall == 1
        assert_same(here, there)


class Unreliable:
    """An engine that does what it is told but says of each method, so often in turn, that it failed."""

    def __init__(self, engine: VectorEngine, failures: int) -> None:
        self._engine, self._failures, self._failed = engine, failures, Counter[str]()
        self.filters = engine.filters

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: object) -> object:
            result = getattr(self._engine, name)(*arguments)
            if name not in ("delete", "refresh", "close") and self._failed[name] < self._failures:
                self._failed[name] += 1
                raise EngineError("The engine cannot be reached.")
            self._failed[name] = 0
            return result

        return call


@pytest.mark.parametrize("failures", [2, 5])
def test_an_engine_that_fails_in_passing_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failures: int
) -> None:
    monkeypatch.setattr("octavo.rag.index.engines.retrying.FIRST", 0)
    monkeypatch.setattr(
        "octavo.rag.index.engine_index.open_engine", lambda *names: Unreliable(open_engine(*names), failures)
    )
    with Library(tmp_path / "library") as library:
        plain = Index(library, made.HashEmbedding())
        plain.add(made.document(library, "a.pdf", *TEXTS), "/a.pdf")
        if failures < TRIES:
            report = move_to_engine(library, "lancedb", str(tmp_path / "lance"), words=True)
            assert (report.compared, report.recall, report.words_equal) == (17, 1.0, 3)
        else:
            with pytest.raises(EngineError, match="cannot be reached"):
                move_to_engine(library, "lancedb", str(tmp_path / "lance"), words=True)


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of a bucket of moto's server, in a process of its own, which the environment names."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", url.rpartition(":")[2]]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=tmp_path) as process:
        while True:
            try:
                httpx.put(f"{url}/octavo-index").raise_for_status()
                break
            except httpx.HTTPError:
                assert process.poll() is None
                time.sleep(0.05)
        values = {"ACCESS_KEY_ID": "k", "SECRET_ACCESS_KEY": "s", "REGION": "us-east-1", "ALLOW_HTTP": "true"}
        for name, value in (values | {"ENDPOINT_URL": url}).items():
            monkeypatch.setenv(f"AWS_{name}", value)
        yield f"{url}/octavo-index"
        process.kill()


def test_an_index_on_object_storage(tmp_path: Path, bucket: str) -> None:
    uri = "s3://octavo-index/one"
    with two_indexes(tmp_path) as (here, there):
        add((here, there), "a.pdf", *TEXTS, "Number 1")
        assert move_to_engine(there.library, "lancedb", uri, words=True).compared == 22
        with closing(Index(there.library, made.HashEmbedding(), IndexOptions("lancedb", "lancedb", uri))) as stored:
            assert_same(here, stored)
            add((here, stored), "b.pdf", *TEXTS, "Number 2")
            assert_same(here, stored)
        move_back(there.library)
    assert "<Key>" not in httpx.get(f"{bucket}?list-type=2").text

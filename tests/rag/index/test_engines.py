"""Engines outside of the library's folder: they rank exactly, at every moment of a library's life."""

from __future__ import annotations

import gc
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import numpy as np
import pytest
from llama_index.core.vector_stores import SimpleVectorStore

from octavo.ingest import LibraryError
from octavo.ingest.store.backup import backup
from octavo.ingest.store.library import Library
from octavo.rag.embedding import unit
from octavo.rag.entry import EVERYWHERE, EntryId, Level
from octavo.rag.index import Index, reembed
from octavo.rag.index.engine_index import EngineIndex, cover_of
from octavo.rag.index.engines.base import EngineName, EntryPlace, EntryRows
from octavo.rag.index.engines.chroma_server import ChromaServerEngine
from octavo.rag.index.engines.lance import LanceEngine
from octavo.rag.index.moving import move_back, move_to_engine
from octavo.rag.index.store import vectors
from octavo.rag.settings import IndexOptions
from tests.rag import made

TEXTS = ("Mirrors of the dome", "Windmills by the sea", "Herons in the reeds")
STORES: dict[str, SimpleVectorStore] = {}


def simple_store(name: str) -> SimpleVectorStore:
    """A LlamaIndex store for a collection."""
    return STORES.setdefault(name, SimpleVectorStore())


def no_store(name: str) -> str:
    """Something else."""
    return name


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Engines take up each document at once."""
    monkeypatch.setattr("octavo.rag.index.engine_index.WAIT", 0)


@pytest.fixture(scope="session")
def chroma_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real Chroma server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = Path(sys.executable).with_name("chroma")
    folder = tmp_path_factory.mktemp("chroma-server")
    command = [program, "run", "--path", folder, "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder) as process:
        url = f"http://127.0.0.1:{port}"
        while True:
            try:
                httpx.get(f"{url}/api/v2/heartbeat").raise_for_status()
                break
            except httpx.HTTPError:
                assert process.poll() is None
                time.sleep(0.05)
        yield url
        process.kill()


@pytest.fixture(params=["lancedb", "llama-index", "chroma"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[EngineName, str]:
    match request.param:
        case "lancedb":
            return "lancedb", str(tmp_path / "lance")
        case "llama-index":
            return "llama-index", f"{__name__}:simple_store"
        case _:
            return "chroma", request.getfixturevalue("chroma_server")


def same_rankings(index: Index) -> bool:
    """Whether an index ranks as a comparison of all vectors does, at all levels."""
    for text in (*TEXTS, "dome of reeds", "sea"):
        question = index.embedding.embed_question(text)
        for level in Level:
            ids, rows = vectors.of_scope(index.library.connection, level, EVERYWHERE)
            if index.vectors(question, level, 5) != vectors.nearest(ids, rows, question, 5):
                return False
    return True


def options_of(engine: tuple[EngineName, str]) -> IndexOptions:
    return IndexOptions(engine[0], uri=engine[1])


def test_an_engine_ranks_exactly_through_the_life_of_a_library(tmp_path: Path, engine: tuple[EngineName, str]) -> None:
    with Library(tmp_path / "library") as library:
        index = Index(library, made.HashEmbedding(), options_of(engine))
        documents = []
        for n in range(4):
            documents.append(made.document(library, f"{n}.pdf", *TEXTS, f"Number {n}"))
            index.add(documents[-1], f"/{n}.pdf")
        made.check(index, documents)
        assert same_rankings(index)
        assert cover_of(library).last
        index.remove(documents.pop(1).id)
        index.add(documents[0], "/0.pdf", replace=True)
        made.check(index, documents)
        assert same_rankings(index)
        other = Index(library, made.HashEmbedding(), options_of(engine))
        other.add(made.document(library, "new.pdf", "Herons by the windmills"), "/new.pdf")
        assert same_rankings(index)
        other.close()
        index.close()


def test_rows_of_a_killed_writer_are_not_duplicated(
    tmp_path: Path, engine: tuple[EngineName, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Library(tmp_path / "library") as library:
        index = Index(library, made.HashEmbedding(), options_of(engine))
        document = made.document(library, "a.pdf", *TEXTS)
        with monkeypatch.context() as patch:
            noted = EngineIndex._note

            def die(self: EngineIndex, cover: object) -> None:
                if not getattr(cover, "adding", True):
                    raise KeyboardInterrupt
                noted(self, cover)  # type: ignore[arg-type]

            patch.setattr(EngineIndex, "_note", die)
            with pytest.raises(KeyboardInterrupt):
                index.add(document, "/a.pdf")
        assert cover_of(library).adding
        assert same_rankings(index)
        index.close()
        report = move_to_engine(library, *engine)
        assert (report.searches, report.equal, report.recall) == (3, 3, 1.0)
        with closing(Index(library, made.HashEmbedding(), options_of(engine))) as again:
            made.check(again, [document])


def test_a_library_moves_and_moves_back(tmp_path: Path, engine: tuple[EngineName, str]) -> None:
    with Library(tmp_path / "library") as library:
        plain = Index(library, made.HashEmbedding())
        for n in range(3):
            plain.add(made.document(library, f"{n}.pdf", *TEXTS, f"Number {n}"), f"/{n}.pdf")
        report = move_to_engine(library, *engine)
        assert (report.searches, report.equal) == (12, 12)
        assert report.entries == sum(plain.count(level) for level in Level)
        served = Index(library, made.HashEmbedding(), options_of(engine))
        assert same_rankings(served)
        served.close()
        move_back(library)
        assert not cover_of(library).engine
        index = EngineIndex(library, *engine)
        assert not [name for name in index._engine.collections() if index._identity() in name]
        index.close()


def test_an_engine_that_lost_the_vectors_is_no_empty_library(tmp_path: Path, engine: tuple[EngineName, str]) -> None:
    with Library(tmp_path / "library") as library:
        index = Index(library, made.HashEmbedding(), options_of(engine))
        index.add(made.document(library, "a.pdf", *TEXTS), "/a.pdf")
        cover = cover_of(library)
        lost = EngineIndex(library, *engine)
        for level in Level:
            lost._engine.drop(cover.collection(level))
        lost.close()
        index.close()
        index = Index(library, made.HashEmbedding(), options_of(engine))
        with closing(index), pytest.raises(LibraryError, match="has lost the vectors"):
            index.vectors(index.query_vector("dome"), Level.PAGE, 3)
        assert move_to_engine(library, *engine, anew=True).recall == 1


def test_another_embedding_fills_the_engine_anew(tmp_path: Path, engine: tuple[EngineName, str]) -> None:
    with Library(tmp_path / "library") as library:
        index = Index(library, made.HashEmbedding(), options_of(engine))
        index.add(made.document(library, "a.pdf", *TEXTS), "/a.pdf")
        index.close()
        first = cover_of(library)
        wider = made.HashEmbedding(dimension=48)
        reembed(library, wider, options=options_of(engine))
        assert cover_of(library).space not in ("", first.space)
        with closing(Index(library, wider, options_of(engine))) as served:
            assert same_rankings(served)


def test_a_backup_leaves_the_engine_to_its_original(tmp_path: Path) -> None:
    engine = IndexOptions("lancedb", uri=str(tmp_path / "lance"))
    with Library(tmp_path / "library") as library, closing(Index(library, made.HashEmbedding(), engine)) as index:
        index.add(made.document(library, "a.pdf", *TEXTS), "/a.pdf")
        backup(library.folder, tmp_path / "copy")
        with Library(tmp_path / "copy") as copy, closing(Index(copy, made.HashEmbedding(), engine)) as copied:
            assert not cover_of(copy).engine
            assert same_rankings(copied)
            copied.add(made.document(copy, "b.pdf", *TEXTS, "More"), "/b.pdf")
            move_to_engine(copy, "lancedb", engine.uri, anew=True)
            assert same_rankings(copied)
        assert same_rankings(index)


def test_a_closed_chroma_engine_leaves_no_connection_open(chroma_server: str) -> None:
    with closing(ChromaServerEngine(chroma_server)) as engine:
        engine.collections()
    del engine
    with warnings.catch_warnings(record=True) as left:
        warnings.simplefilter("always", ResourceWarning)
        gc.collect()
    assert not [warning for warning in left if "socket" in str(warning.message)]


def test_an_invalid_engine_is_refused(tmp_path: Path) -> None:
    with Library(tmp_path / "library") as library:
        for engine, uri, words in [
            ("lancedb", "", "needs an address"),
            ("chroma", "ftp://nowhere", "such as http://127.0.0.1:8000"),
            ("chroma", "http://127.0.0.1:9", "`chroma run` starts one"),
            ("llama-index", "nothing.there:store", "as package.module:function"),
        ]:
            with pytest.raises(LibraryError, match=words):
                Index(library, made.HashEmbedding(), IndexOptions(engine, uri=uri))  # type: ignore[arg-type]
        index = Index(library, made.HashEmbedding(), IndexOptions("llama-index", uri=f"{__name__}:no_store"))
        with pytest.raises(LibraryError, match="returns str, which is no vector store"):
            index.add(made.document(library, "a.pdf", *TEXTS), "/a.pdf")


@pytest.mark.parametrize(("more", "taken_up"), [(52, False), (53, True)])
def test_lancedb_takes_rows_up_in_shares_of_a_table(tmp_path: Path, more: int, taken_up: bool) -> None:
    import lancedb

    engine, source = LanceEngine(str(tmp_path)), np.random.default_rng(1)

    def rows(first: int, count: int) -> EntryRows:
        ids = [EntryId.of_page(f"d{n}", 0) for n in range(first, first + count)]
        matrix = unit(source.normal(size=(count, 8)).astype(np.float32))
        places = [EntryPlace(n, 0, 0, ()) for n in range(first, first + count)]
        return EntryRows(ids, matrix, places, words=[f"heron pond{n}" for n in range(first, first + count)])

    engine.add("c", rows(0, 1000))
    engine.finish("c")
    later = rows(1000, more)
    engine.add("c", later)
    engine.finish("c")
    stats = lancedb.connect(tmp_path).open_table("c").index_stats("words_idx")
    assert stats is not None
    assert (stats.num_unindexed_rows == 0) is taken_up
    assert engine.match("c", ["pond1001"], 3) == [later.ids[1]]
    assert engine.search("c", later.vectors[2], 1) == [later.ids[2]]
    engine.close()

"""The index: entries, words and vectors that appear and vanish together."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from eval.bench import synthetic
from ingest import LibraryError
from ingest.library import Library
from rag.embed import StaticEmbedding
from rag.entry import Level, Scope
from rag.index import Index

ADD = """
import sys
from pathlib import Path
from eval.bench.synthetic import document
from ingest.library import Library
from rag.embed import StaticEmbedding
from rag.index import Index
synthetic_pages = int(sys.argv[2])
with Library(sys.argv[1]) as library:
    index = Index(library, StaticEmbedding())
    with index.writing():
        for seed in map(int, sys.argv[3:]):
            made = document(seed, synthetic_pages)
            library.save_image(str(seed).encode())
            index.add(made, Path(made.path))
            print(seed, flush=True)
    index.close()
"""


class Other(StaticEmbedding):
    """The same vectors under another name."""

    model_name: str = "other"


def snapshot(folder: Path) -> dict[str, object]:
    """Everything that a library holds and finds, without its times."""
    with Library(folder) as library:
        index = Index(library, StaticEmbedding())
        index.recover()
        question = synthetic.words(random.Random(3), 6)
        vector = index.embedding.embed_question(question)
        stored = {level: sorted(index._store.ids(level)) for level in Level}
        entries = sorted(row[0] for row in library.connection.execute("SELECT id FROM entries"))
        assert sorted(i for ids in stored.values() for i in ids) == entries
        found: dict[str, object] = {
            "documents": [(i.id, i.name, i.pages, i.paths) for i in library.documents()],
            "whole": [library.document(i.id) for i in library.documents()],
            "entries": entries,
            "images": sorted(p.name for p in (folder / "pages").glob("*/*")),
            "words": index.words(question.split(), Level.PAGE, 10),
            "vectors": [i for i, _ in index.vectors(vector, Level.CHUNK, 5)],
        }
        index.close()
    return found


def add(folder: Path, *seeds: int, pages: int = 4) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", ADD, str(folder), str(pages), *map(str, seeds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> None:
    with process:
        assert process.communicate(timeout=120)[0].split()
    assert process.returncode == 0


@settings(deadline=None, max_examples=8)
@given(st.lists(st.tuples(st.sampled_from(["add", "remove"]), st.integers(0, 2), st.integers(0, 1)), max_size=6))
def test_any_changes_leave_what_they_say(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int]]
) -> None:
    held: dict[str, str] = {}
    with Library(tmp_path_factory.mktemp("any") / "library") as library:
        index = Index(library, StaticEmbedding())
        for step, seed, place in steps:
            made = synthetic.document(seed, 2)
            if step == "add":
                index.add(made, Path(f"/{place}.pdf"))
                held[f"/{place}.pdf"] = made.id
            else:
                index.remove(made.id)
                held = {path: identity for path, identity in held.items() if identity != made.id}
        assert {path: i.id for i in library.documents() for path in i.paths} == held
        documents = set(held.values())
        for level, each in ((Level.DOCUMENT, 1), (Level.PAGE, 2), (Level.ELEMENT, 16), (Level.CHUNK, 4)):
            assert index.count(level) == each * len(documents) == index._store.count(level)
        found = index.words(synthetic.words(random.Random(1), 20).split(), Level.PAGE, 50)
        assert {i.partition("/")[0] for i, _ in found} <= documents
        index.close()


@pytest.mark.parametrize("kills", [3, pytest.param(30, marks=pytest.mark.slow)])
def test_a_killed_writer_leaves_nothing_lost_doubled_or_half_visible(tmp_path: Path, kills: int) -> None:
    seeds = range(3)
    finish(add(tmp_path / "whole", *seeds))
    expected = snapshot(tmp_path / "whole")
    source = random.Random(kills)
    for n in range(kills):
        process = add(tmp_path / "killed", *seeds)
        time.sleep(source.uniform(0.5, 4.0))
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        if n % 5 == 4 or n == kills - 1:
            finish(add(tmp_path / "killed", *seeds))
            found = snapshot(tmp_path / "killed")
            assert {k: v for k, v in found.items() if k != "images"} == {
                k: v for k, v in expected.items() if k != "images"
            }
            with Library(tmp_path / "killed") as library:
                index = Index(library, StaticEmbedding())
                for info in library.documents()[: n % 3]:
                    index.remove(info.id)
                index.close()


def test_a_reader_sees_what_another_process_writes(tmp_path: Path) -> None:
    finish(add(tmp_path / "library", 0))
    with Library(tmp_path / "library") as library:
        index = Index(library, StaticEmbedding())
        assert index.count(Level.PAGE) == 4
        made = synthetic.document(1, 4)
        vector = index.embedding.embed_question(made.pages[2].text)
        before = index.vectors(vector, Level.PAGE, 3)
        assert made.id not in {i.partition("/")[0] for i, _ in before}
        finish(add(tmp_path / "library", 1))
        assert index.vectors(vector, Level.PAGE, 1)[0][0] == f"{made.id}/p2"
        assert index.words(made.pages[2].text.split(), Level.PAGE, 1)[0][0] == f"{made.id}/p2"
        index.remove(made.id)
        assert made.id not in {i.partition("/")[0] for i, _ in index.vectors(vector, Level.PAGE, 8)}
        index.close()


def test_another_embedding_is_refused(tmp_path: Path) -> None:
    with Library(tmp_path / "library") as library:
        index = Index(library, StaticEmbedding())
        index.add(synthetic.document(0, 1), Path("/a"))
        index.close()
        with pytest.raises(LibraryError, match="cannot be mixed"):
            Index(library, Other())


def test_scopes_bound_words_and_vectors_alike(tmp_path: Path) -> None:
    with Library(tmp_path / "library") as library:
        index = Index(library, StaticEmbedding())
        documents = [synthetic.document(seed, 5) for seed in range(3)]
        for made in documents:
            index.add(made, Path(made.path))
        terms = synthetic.words(random.Random(5), 30).split()
        vector = index.embedding.embed_question(" ".join(terms))
        for scope in (
            Scope(documents=(documents[1].id,)),
            Scope(pages=(1, 2)),
            Scope(documents=(documents[2].id,), pages=(0, 0)),
        ):
            for found in (index.words(terms, Level.PAGE, 50, scope), index.vectors(vector, Level.PAGE, 50, scope)):
                entries = index.entries([i for i, _ in found])
                assert entries
                assert all(scope.documents is None or e.document in scope.documents for e in entries)
                assert all(scope.pages is None or scope.pages[0] <= e.page <= scope.pages[1] for e in entries)
        exact = dict(index.vectors(vector, Level.CHUNK, 30, Scope(documents=tuple(d.id for d in documents))))
        chroma = dict(index.vectors(vector, Level.CHUNK, 30))
        assert exact.keys() == chroma.keys()
        assert all(abs(exact[i] - chroma[i]) < 0.01 for i in exact)
        index.close()


def test_a_document_vector_is_the_mean_of_its_chunks(tmp_path: Path) -> None:
    with Library(tmp_path / "library") as library:
        index = Index(library, StaticEmbedding())
        made = synthetic.document(0, 2)
        index.add(made, Path("/a"))
        chunks = index.embedding.embed_entries(index.entries([f"{made.id}/c{c.index}" for c in made.chunks]))
        mean = chunks.mean(axis=0) / np.linalg.norm(chunks.mean(axis=0))
        ((found, similarity),) = index.vectors(mean, Level.DOCUMENT, 1)
        assert found == made.id
        assert similarity == pytest.approx(1, abs=1e-2)
        index.close()


@pytest.mark.parametrize("terms", [['"', "OR", "*"], ["NEAR(a b)"], ["a.b"], [""], ["'; DROP TABLE entries; --"]])
def test_words_are_never_syntax(tmp_path: Path, terms: list[str]) -> None:
    with Library(tmp_path / "library") as library:
        index = Index(library, StaticEmbedding())
        index.add(synthetic.document(0, 1), Path("/a"))
        assert index.words(terms, Level.PAGE, 5) == []
        assert index.count(Level.PAGE) == 1
        index.close()

"""Late interaction: the store of token vectors, MaxSim, and an index that has both passes."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from octavo.ingest import LibraryError
from octavo.ingest.store.library import Library
from octavo.rag import Entry, Level, Settings
from octavo.rag.clients.errors import EndpointError
from octavo.rag.embedding import MultiVectorEmbedder, Vectors, make_embedder, unit
from octavo.rag.embedding.model_embedder import pool_tokens
from octavo.rag.image_source import ImageSource
from octavo.rag.images import ImageInput
from octavo.rag.index import Index, reembed
from octavo.rag.index.build import build_entries as entries_of
from octavo.rag.index.moving import move_to_engine
from octavo.rag.index.multivector import MultiVectorStore, maxsim, quantize
from octavo.rag.model_cards import EMBEDDERS
from octavo.rag.query.analysis import terms
from octavo.rag.query.question import parse_query
from octavo.rag.retrieval.retriever import Retriever
from octavo.rag.settings import IndexOptions
from tests.rag import made
from tests.rag.embedding_server import TINY, pooling, vector
from tests.rag.made import HashEmbedding, document

DIMENSION = 32


class WordEmbedding(MultiVectorEmbedder):
    """A vector for each term."""

    model_name: str = "words"
    dimension: int = DIMENSION

    def token_matrices(self, entries: Sequence[Entry], images: ImageSource | None = None) -> list[Vectors]:
        return [self.question_tokens(entry.searchable) for entry in entries]

    def question_tokens(self, text: str, image: ImageInput | None = None) -> Vectors:
        rows = [made._direction(term, self.dimension) for term in terms(text)]
        return unit(np.stack(rows)) if rows else np.zeros((0, self.dimension), np.float32)

    def embed_texts(self, texts: Sequence[str]) -> Vectors:
        return self.entry_vectors([self.question_tokens(text) for text in texts])

    def embed_image(self, image: ImageInput) -> Vectors:
        raise NotImplementedError


class OtherWords(WordEmbedding):
    model_name: str = "other words"


def reference(question: Vectors, document: Vectors) -> float:
    """MaxSim as it is defined, one token after the other."""
    return float(np.mean([max(float(q @ d) for d in document) for q in question]))


def matrices(seed: int, *lengths: int, dimension: int = 128) -> list[Vectors]:
    source = np.random.default_rng(seed)
    return [unit(source.normal(size=(length, dimension)).astype(np.float32)) for length in lengths]


@settings(max_examples=25)
@given(st.lists(st.integers(1, 30), min_size=1, max_size=8), st.integers(1, 12), st.integers(0, 999))
def test_maxsim_is_its_definition(lengths: list[int], asked: int, seed: int) -> None:
    question, *documents = matrices(seed, asked, *lengths)
    kept = [quantize(document) for document in documents]
    found = maxsim(question, [tokens for _, tokens in kept], [scales for scales, _ in kept])
    exact = [reference(question, tokens * scales[:, None]) for scales, tokens in kept]
    assert found == pytest.approx(exact, abs=1e-5)
    assert found == pytest.approx([reference(question, document) for document in documents], abs=0.005)


def test_maxsim_of_no_rows_and_scale_of_zero_rows() -> None:
    assert maxsim(np.ones((1, 4), np.float32), [], []).tolist() == []
    scales, tokens = quantize(np.zeros((2, 4), np.float32))
    assert np.isfinite(scales).all()
    assert not tokens.any()
    assert quantize(np.zeros((0, 4), np.float32))[1].shape == (0, 4)


def test_pooling_keeps_what_is_alike() -> None:
    (tokens,) = matrices(1, 7)
    double = np.repeat(tokens, 3, axis=0)
    assert np.allclose(pool_tokens(double, 3), tokens, atol=1e-6)
    assert pool_tokens(tokens, 1) is tokens
    assert pool_tokens(tokens, 4).shape == (2, 128)
    assert pool_tokens(np.zeros((0, 4), np.float32), 2).shape == (0, 4)


@pytest.fixture
def library(tmp_path: Path) -> Any:
    with Library(tmp_path / "library") as opened:
        yield opened


def stored(library: Library) -> int:
    return len(list((library.folder / "tokens").glob("*")))


def add(index: Index, name: str, *texts: str) -> Any:
    with index.writing():
        one = document(index.library, name, *texts)
        index.add(one, one.path)
    return one


def test_the_second_pass_is_exact_and_follows_documents(library: Library) -> None:
    index = Index(library, WordEmbedding())
    one = add(index, "a.pdf", "revenue of the northern dome grew", "the mirror was polished twice")
    two = add(index, "b.pdf", "windmills turn in the north", "nobody counted the mirror grains")
    question = "Who polished the mirror?"
    asked = index.embedding.question_tokens(question)  # type: ignore[attr-defined]
    for level in (Level.PAGE, Level.ELEMENT, Level.CHUNK):
        entries = [e for d in (one, two) for e in entries_of(d) if e.level is level]
        exact = {
            e.id: reference(asked, tokens)
            for e, tokens in zip(entries, WordEmbedding().token_matrices(entries), strict=True)
            if len(tokens)
        }
        assert dict(index.nearest(question, level, 100)) == pytest.approx(exact, abs=0.005)
        assert index.nearest(question, level, 2) == index.nearest(question, level, 100)[:2]
    best = Retriever(index, Level.PAGE).retrieve(parse_query(question))
    assert best[0].entry.id == f"{one.id}/p1"
    assert stored(library) == 2
    index.remove(one.id)
    assert stored(library) == 1
    assert all(identity.startswith(two.id) for identity, _ in index.nearest(question, Level.PAGE, 9))
    index.close()
    again = Index(library, WordEmbedding())
    assert again.nearest(question, Level.PAGE, 1)[0][0] == f"{two.id}/p1"
    again.close()


def test_files_that_nobody_names_are_swept_and_other_models_forgotten(library: Library) -> None:
    index = Index(library, WordEmbedding())
    one = add(index, "a.pdf", "revenue of the dome")
    (library.folder / "tokens" / "orphan.i8").write_bytes(b"123")
    two = add(index, "b.pdf", "the mirror")
    assert stored(library) == 2
    index.close()
    assert reembed(library, OtherWords()) == 2
    other = Index(library, OtherWords())
    assert stored(library) == 2
    assert other.nearest("revenue", Level.PAGE, 1)[0][0] == f"{one.id}/p0"
    assert (
        MultiVectorStore(library, "words (32 dimensions)", DIMENSION).maxsim(vector("x", 32)[None], [f"{two.id}/p0"])
        == {}
    )
    other.close()
    reembed(library, HashEmbedding())
    plain = Index(library, HashEmbedding())
    assert plain.nearest("revenue", Level.PAGE, 1)[0][0] == f"{one.id}/p0"
    plain.close()


def test_a_file_that_was_replaced_in_just_that_moment_is_one_sentence(library: Library) -> None:
    index = Index(library, WordEmbedding())
    add(index, "a.pdf", "revenue of the dome")
    (file,) = (library.folder / "tokens").iterdir()
    file.unlink()
    with pytest.raises(LibraryError, match="have just been replaced: ask again"):
        index.nearest("revenue", Level.PAGE, 1)
    index.close()


def test_a_document_without_words_has_no_tokens(library: Library) -> None:
    index = Index(library, WordEmbedding())
    add(index, "empty.pdf", "")
    assert all(-1 <= score <= 1 for _, score in index.nearest("anything", Level.PAGE, 3))
    assert index.nearest("", Level.PAGE, 3) == []
    index.close()


def test_token_vectors_come_over_http(library: Library) -> None:
    import base64

    def tokens(path: str, body: dict[str, Any]) -> tuple[int, Any]:
        assert path == "/pooling"
        said = body.get("input") or body["messages"][0]["content"][-1]["text"]
        rows = np.stack([vector(word) for word in said.split()])
        return 200, {"data": [{"data": base64.b64encode(rows.tobytes()).decode()}]}

    card = TINY.model_copy(update={"pooling": "tokens", "blank": 0, "question": "ask {text}", "passage": "{text}"})
    with pooling(respond=tokens) as server:
        served = {"kind": "served", "url": server.url, "model": "tiny", "card": card}
        model = make_embedder(Settings(embedding=served))
        assert isinstance(model, MultiVectorEmbedder)
        expected = unit(np.stack([vector(word) for word in ("ask", "the", "mirror")]))
        assert np.allclose(model.question_tokens("the mirror"), expected, atol=1e-6)
        assert np.allclose(model.embed_question("the mirror"), unit(expected.mean(axis=0)), atol=1e-6)
        index = Index(library, model)
        one = add(index, "a.pdf", "revenue grew", "the mirror was polished")
        assert index.nearest("the mirror", Level.ELEMENT, 1)[0][0] == f"{one.id}/p1/e1"
        index.close()
        server.respond = lambda path, body: (200, {"data": [{"data": "AAAA"}]})
        with pytest.raises(EndpointError, match="no embedding"):
            model.question_tokens("other")


@pytest.mark.parametrize("known", [c for c in EMBEDDERS if c.multi_vector], ids=lambda c: c.name)
def test_multi_vector_cards_make_token_embeddings(known: Any) -> None:
    made_of = make_embedder(Settings(embedding={"kind": "served", "url": "u", "model": known.name}))
    assert isinstance(made_of, MultiVectorEmbedder)


def test_an_engine_holds_the_token_vectors(tmp_path: Path) -> None:
    with Library(tmp_path / "library") as library:
        texts = ("mirrors of the dome", "windmills by the sea", "herons in the reeds")
        with closing(Index(library, WordEmbedding())) as plain:
            plain.add(document(library, "a.pdf", *texts), "/a.pdf")
            before = {(text, level): plain.nearest(text, level, 5) for text in texts for level in Level}
        uri = str(tmp_path / "lance")
        assert move_to_engine(library, "lancedb", uri, words=True).compared == 17
        for file in (library.folder / "tokens").iterdir():
            file.unlink()
        with closing(Index(library, WordEmbedding(), IndexOptions("lancedb", "lancedb", uri))) as served:
            assert {(text, level): served.nearest(text, level, 5) for text, level in before} == before

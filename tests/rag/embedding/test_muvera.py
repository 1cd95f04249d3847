"""MUVERA: dot products of encodings order entries nearly as MaxSim does, and an index finds candidates by them."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np

from octavo.ingest.store.library import Library
from octavo.rag.embedding import Vectors, unit
from octavo.rag.embedding.muvera import FixedDimensionalEncoder
from octavo.rag.entry import Level
from octavo.rag.index import Index
from tests.rag import made
from tests.rag.index.test_multivector import WordEmbedding

DIMENSION, ENTRIES, NEAREST, CANDIDATES = 64, 300, 10, 30


def _tokens(source: np.random.Generator, words: Vectors, count: int) -> Vectors:
    """Tokens of a text: some of the words there are, the same word never quite the same."""
    chosen = words[source.integers(0, len(words), size=count)]
    return unit(chosen + 0.05 * source.normal(size=chosen.shape).astype(np.float32))


def test_more_of_the_best_by_maxsim_are_candidates_than_by_the_mean() -> None:
    source = np.random.default_rng(4)
    words = unit(source.normal(size=(400, DIMENSION)).astype(np.float32))
    entries = [_tokens(source, words, 80) for _ in range(ENTRIES)]
    encoder = FixedDimensionalEncoder(DIMENSION)
    encoded = np.stack([encoder.entry(tokens) for tokens in entries])
    means = unit(np.stack([tokens.mean(axis=0) for tokens in entries]))
    recalls = {"muvera": 0.0, "mean": 0.0}
    for _ in range(10):
        question = _tokens(source, words, 8)
        exact = np.array([(question @ tokens.T).max(axis=1).mean() for tokens in entries])
        best = {*np.argsort(-exact)[:NEAREST].tolist()}
        mean = unit(question.mean(axis=0, keepdims=True))[0]
        for name, found in (("muvera", encoded @ encoder.question(question)), ("mean", means @ mean)):
            recalls[name] += len(best & {*np.argsort(-found)[:CANDIDATES].tolist()}) / 10 / NEAREST
    assert recalls["muvera"] > recalls["mean"] + 0.05


def test_an_encoding_is_a_unit_vector_and_the_same_everywhere() -> None:
    tokens = unit(np.random.default_rng(1).normal(size=(3, DIMENSION)).astype(np.float32))
    first, second = FixedDimensionalEncoder(DIMENSION), FixedDimensionalEncoder(DIMENSION)
    for one, other in ((first.entry(tokens), second.entry(tokens)), (first.question(tokens), second.question(tokens))):
        assert one.shape == (first.size,)
        assert np.array_equal(one, other)
        assert abs(float(one @ one) - 1) < 1e-5
    assert not first.entry(tokens[:0]).any()
    assert not first.question(tokens[:0]).any()


def test_a_bucket_without_a_token_has_the_nearest_token() -> None:
    encoder = FixedDimensionalEncoder(DIMENSION, bits=2, projected=DIMENSION, repetitions=1)
    tokens = unit(np.random.default_rng(2).normal(size=(1, DIMENSION)).astype(np.float32))
    buckets = encoder.entry(tokens).reshape(4, DIMENSION)
    assert np.allclose(buckets, buckets[0])


def test_an_index_finds_by_encodings_what_it_compares_by_tokens(tmp_path: Path) -> None:
    embedding = WordEmbedding(single_vector="muvera")
    with Library(tmp_path) as library, closing(Index(library, embedding)) as index:
        texts = ("mirrors of the dome", "windmills by the sea", "herons in the reeds")
        document = made.document(library, "a.pdf", *texts)
        index.add(document, "/a.pdf")
        assert index.query_vector("dome").shape == (FixedDimensionalEncoder(embedding.dimension).size,)
        for number, text in enumerate(texts):
            assert index.nearest(text, Level.PAGE, 1)[0][0] == f"{document.id}/p{number}"

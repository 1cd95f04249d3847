"""A library of made-up pages, written in bulk.

A page is one entry with a vector and words of its own: a topic's words among words drawn with Zipf's frequencies.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from octavo.eval.benchmarks.engines import BATCH, DIMENSION, PAGES, TOPICS, made_up_vectors
from octavo.eval.benchmarks.store import EntryRow, add_documents, add_entries, advance_generation
from octavo.rag.embedding import Embedder, Vectors, unit
from octavo.rag.entry import EntryId
from octavo.rag.images import ImageInput
from octavo.rag.index.store import codes, term_counts, words

VOCABULARY, WORDS, OF_TOPIC = 50_000, 60, 15
"""Words that there are, that a page has, and that of these are of its topic."""
_SYLLABLES = ("ba", "re", "con", "pro", "mi", "la", "ver", "ti", "so", "ku")


class MadeUpEmbedder(Embedder):
    """Embeds nothing: vectors come with the entries."""

    model_name: str = "made-up"
    dimension: int = DIMENSION

    def embed_texts(self, texts: Sequence[str]) -> Vectors:
        raise NotImplementedError

    def embed_image(self, image: ImageInput) -> Vectors:
        raise NotImplementedError


def write_pages(connection: sqlite3.Connection, first: int, *, count_words: bool = False) -> None:
    """Writes `BATCH` pages from page `first` on, with their documents, vectors, codes and words.

    With `count_words` the words are counted for an engine that holds them, and not indexed.
    """
    vectors, texts = made_up_vectors(first), made_up_texts(first)
    documents = [f"{first // PAGES + document:032x}" for document in range(BATCH // PAGES)]
    rows: list[EntryRow] = []
    stored = []
    for document, identity in enumerate(documents):
        rows.append((identity, identity, "document", 0, 0, "", "", ""))
        mine = vectors[PAGES * document : PAGES * (document + 1)]
        stored.append(unit(mine.mean(axis=0, keepdims=True))[0])
        for page, vector in enumerate(mine):
            text = texts[PAGES * document + page]
            rows.append((EntryId.of_page(identity, page), identity, "page", page, page, "", text, text))
            stored.append(vector)
    halves = np.array(stored, dtype=np.float16)
    add_documents(connection, documents, PAGES)
    number = add_entries(connection, rows, halves)
    width = PAGES + 1
    for at, identity in enumerate(documents):
        levels = ["document", *["page"] * PAGES]
        numbers = range(number + at * width, number + (at + 1) * width)
        codes.write_codes(
            connection, identity, zip(levels, numbers, halves[at * width : (at + 1) * width], strict=True)
        )
        if not count_words:
            words.write(connection, identity)
    if count_words:
        term_counts.add(connection, *documents)
    advance_generation(connection)


def made_up_texts(at: int) -> list[str]:
    """Returns the words of `BATCH` pages from page `at` on, of the same topics as their vectors."""
    vocabulary, weights, of_topics = _words()
    topics = np.random.default_rng(at + 1).integers(0, TOPICS, size=BATCH)
    source = np.random.default_rng(at + 2)
    word_numbers = np.searchsorted(weights, source.random((BATCH, WORDS)))
    word_numbers[:, :OF_TOPIC] = of_topics[
        topics[:, None], source.integers(0, of_topics.shape[1], size=(BATCH, OF_TOPIC))
    ]
    return [" ".join(row) for row in vocabulary[word_numbers].tolist()]


@cache
def _words() -> tuple[NDArray[np.str_], NDArray[np.float64], NDArray[np.int64]]:
    """Returns all words, the sums of their frequencies, and the words of each topic, by place."""
    words = itertools.islice(("".join(parts) for parts in itertools.product(_SYLLABLES, repeat=5)), VOCABULARY)
    vocabulary = np.array(list(words))
    weights = 1 / np.arange(1, VOCABULARY + 1)
    of_topics = np.random.default_rng(3).integers(200, VOCABULARY, size=(TOPICS, 40))
    return vocabulary, np.cumsum(weights) / weights.sum(), of_topics

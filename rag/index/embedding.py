"""The vectors of a document's entries, and how a whole library is embedded again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from octavo.ingest.store.files import delete_file
from octavo.ingest.store.library import Library
from octavo.ingest.tracing import span
from octavo.rag.embedding import Embedder, MultiVectorEmbedder, Vectors, unit
from octavo.rag.entry import Entry, Level
from octavo.rag.image_source import ImageSource
from octavo.rag.index.dense import DenseIndex
from octavo.rag.index.embedding_cache import EmbeddingCache, clear_cache
from octavo.rag.index.engine_index import EngineIndex
from octavo.rag.index.engine_selection import open_dense_index
from octavo.rag.index.multivector import MultiVectorStore, no_copies
from octavo.rag.index.store import entries as entry_rows, reembedding
from octavo.rag.settings import EMBEDDED_ENGINES, IndexOptions

BATCH = 2_000
"""Entries that are embedded at a time."""


def model_of(embedding: Embedder) -> str:
    """Returns the name by which a library notes the embedder that made its vectors.

    >>> from octavo.rag.embedding import StaticEmbedder
    >>> model_of(StaticEmbedder())
    'wordllama-l2-supercat-256 (256 dimensions)'
    """
    return f"{embedding.model_name} ({embedding.dimension} dimensions)"


@dataclass(frozen=True, slots=True)
class EmbeddedDocument:
    """A document's entries with a row of `vectors` each, and a matrix each where the embedding has one for tokens."""

    entries: Sequence[Entry]
    vectors: Vectors
    tokens: list[Vectors] | None = None


def embed_document(
    library: Library | None, entries: Sequence[Entry], embedding: Embedder, images: ImageSource
) -> EmbeddedDocument:
    """Returns the vectors of a document's entries, of which the first is the document itself: the mean of its chunks'.

    Merging section vectors into one document vector follows "Unified multi-modal interleaved document
    representation" (arXiv 2410.02729); that the merge is a plain mean is our choice. What a resumable embedding has
    made is kept in the library where it fails, until `forget`; without a library nothing is kept.
    """
    attributes = {
        "gen_ai.operation.name": "embeddings",
        "gen_ai.request.model": embedding.model_name,
        "gen_ai.embeddings.dimension.count": embedding.dimension,
        "octavo.entries": len(entries),
    }
    with span(f"embeddings {embedding.model_name}", attributes):
        return _embed_all(library, entries, embedding, images)


def _embed_all(
    library: Library | None, entries: Sequence[Entry], embedding: Embedder, images: ImageSource
) -> EmbeddedDocument:
    document_entry, *parts = entries
    tokens = None
    if isinstance(embedding, MultiVectorEmbedder):
        tokens = _embed_resumable(library, parts, embedding, images, lambda some: embedding.matrix_each(some, images))
        matrix = embedding.entry_vectors(tokens)
        tokens.insert(0, np.zeros((0, embedding.dimension), dtype=np.float32))
    elif embedding.resumable:
        each = _embed_resumable(
            library, parts, embedding, images, lambda some: _rows(embedding.embed_each(some, images))
        )
        matrix = np.concatenate([np.zeros((0, embedding.dimension), dtype=np.float32), *each])
    else:
        matrix = _embed(parts, embedding, images)
    chunks = [n for n, entry in enumerate(parts) if entry.level is Level.CHUNK]
    document_vector = (
        unit(matrix[chunks].mean(axis=0, keepdims=True)) if chunks else _embed([document_entry], embedding, images)
    )
    return EmbeddedDocument(entries, np.concatenate([document_vector, matrix]), tokens)


def _embed_resumable(
    library: Library | None,
    entries: Sequence[Entry],
    embedding: Embedder,
    images: ImageSource,
    make: Callable[[Sequence[Entry]], Iterator[Vectors]],
) -> list[Vectors]:
    if library is None or not embedding.resumable:
        return list(make(entries))
    return EmbeddingCache(library, model_of(embedding), embedding.dimension).matrices(entries, images, make)


def _rows(vectors: Iterator[Vectors]) -> Iterator[Vectors]:
    """Yields each vector as a matrix of one row."""
    return (vector[None] for vector in vectors)


def token_store(library: Library, embedding: Embedder, dense: DenseIndex | None = None) -> MultiVectorStore | None:
    """Returns the store of token vectors, for an embedder that has a vector for each token.

    Those that the engine of a dense index holds are read from there.
    """
    if not isinstance(embedding, MultiVectorEmbedder):
        return None
    copies = dense.token_bytes if isinstance(dense, EngineIndex) else no_copies
    return MultiVectorStore(library, model_of(embedding), embedding.dimension, copies)


def _embed(entries: Sequence[Entry], embedding: Embedder, images: ImageSource) -> Vectors:
    parts = [embedding.embed_entries(entries[at : at + BATCH], images) for at in range(0, len(entries), BATCH)]
    return np.concatenate(parts or [np.zeros((0, embedding.dimension), dtype=np.float32)])


def reembed(
    library: Library,
    embedding: Embedder,
    progress: Callable[[int, int], None] = lambda done, of: None,
    switched: Callable[[], None] = lambda: None,
    options: IndexOptions = EMBEDDED_ENGINES,
) -> int:
    """Embeds all that a library holds again, by another model; returns how many documents were embedded just now.

    Its pages and screenshots are read from the library. The old vectors serve until all new ones are there; a run that
    is stopped goes on after the last document it finished. `progress` is called with the number
    of documents done and that of all; `switched` is called once the new ones serve.
    """
    connection, model = library.connection, model_of(embedding)
    with library.writer():
        if library.get("renewing") != model:
            with library.transaction():
                reembedding.begin(connection)
                library.set("renewing", model)
        infos = library.documents()
        count = 0
        for done, info in enumerate(infos):
            progress(done, len(infos))
            count += _renew(library, info.id, embedding)
        with library.transaction():
            reembedding.finish(connection, [info.id for info in infos])
            for key, value in (("renewing", ""), ("embedding", model), ("chroma", "[]"), ("index", "[]")):
                library.set(key, value)
            library.set("projection", "")
            library.set("generation", str(library.generation + 1))
        switched()
        for file in library.folder.glob("projection-*.npy"):
            delete_file(file)
        vectors = open_dense_index(library, options)
        vectors.catch_up(finished=True)
        vectors.sweep()
        vectors.close()
        if store := token_store(library, embedding):
            store.sweep()
        progress(len(infos), len(infos))
    return count


def _renew(library: Library, document: str, embedding: Embedder) -> bool:
    connection = library.connection
    if reembedding.is_done(connection, document):
        return False
    embedded = embed_document(library, entry_rows.of_document(connection, document), embedding, ImageSource(library))
    store = token_store(library, embedding)
    file = store.save(embedded.tokens) if store and embedded.tokens else ""
    with library.transaction():
        if store and embedded.tokens:
            store.note(connection, embedded.entries, [len(matrix) for matrix in embedded.tokens], file)
        reembedding.write(connection, [entry.id for entry in embedded.entries], embedded.vectors)
        clear_cache(library, document)
    return True

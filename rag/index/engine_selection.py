"""The one place that selects the engines of a library's index; each is imported only where it is selected."""

from __future__ import annotations

from octavo.ingest.errors import SettingsError
from octavo.ingest.store.library import Library
from octavo.rag.index.dense import DenseIndex
from octavo.rag.index.sparse import SparseIndex
from octavo.rag.settings import IndexOptions


def open_dense_index(library: Library, options: IndexOptions) -> DenseIndex:
    """Returns the dense index that the options name; raises `LibraryError` where its engine cannot be reached."""
    match options.dense:
        case "sign-bits":
            from octavo.rag.index.sign_bits import SignBitIndex

            return SignBitIndex(library, options.first_dimensions)
        case "chroma" if not options.uri:
            from octavo.rag.index.chroma_index import ChromaIndex

            return ChromaIndex(library)
        case engine:
            from octavo.rag.index.engine_index import EngineIndex

            return EngineIndex(library, engine, options.uri, words=options.sparse == engine)


def open_sparse_index(library: Library, options: IndexOptions, dense: DenseIndex) -> SparseIndex:
    """Returns the sparse index that the options name; an engine's works with the dense index that is open already.

    Raises `LibraryError` where the library's words are elsewhere.
    """
    match options.sparse:
        case "sqlite":
            from octavo.rag.index.bm25 import Bm25Index

            return Bm25Index(library)
        case engine:
            from octavo.rag.index.engine_index import EngineIndex
            from octavo.rag.index.engine_words import EngineWords

            if not isinstance(dense, EngineIndex) or options.dense != engine:
                text = (
                    f"The words of a library are in {engine} only beside its vectors: set dense_index to {engine}, too."
                )
                raise SettingsError(text, setting="sparse_index")
            return EngineWords(library, dense)

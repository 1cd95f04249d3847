"""An index whose documents are shared by writers on several machines: each machine's folder follows the database.

What is searched lies in the folder. A change is written into the shared database first, and comes into the folder as
those of others do, so that a folder that was cut off at any moment goes on from the last change that it has.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from octavo.ingest import Document, LibraryError
from octavo.ingest.store.library import Library
from octavo.ingest.store.metadata import Metadata
from octavo.ingest.store.postgres import PostgresDocuments, SharedDocument
from octavo.rag.embedding import Embedder, MultiVectorEmbedder
from octavo.rag.index.build import build_entries
from octavo.rag.index.embedding import EmbeddedDocument, model_of
from octavo.rag.index.index import Index
from octavo.rag.settings import EMBEDDED_ENGINES, IndexOptions

IDENTITY, FOLLOWED = "shared", "followed"
"""Values of a library: the shared documents that it follows, and the number of the last change that it has."""
MODEL, IMAGES = "embedding", "images"
"""Values of shared documents, and of a library: what makes their vectors, and where their screenshots are."""
STEP = 1_000
"""Changes that are asked for at a time."""


class SharedIndex(Index):
    """The index of a library that follows shared documents; closing it closes them.

    Raises `LibraryError` for a library that has documents of its own, or follows others, and for an embedding with a
    vector for each token; `EmbeddingMismatchError` where another one made the shared vectors.
    """

    def __init__(
        self,
        library: Library,
        embedding: Embedder,
        documents: PostgresDocuments,
        options: IndexOptions = EMBEDDED_ENGINES,
    ) -> None:
        self._documents, self._following = documents, threading.Lock()
        if isinstance(embedding, MultiVectorEmbedder):
            raise LibraryError("Shared documents have one vector for each entry: set another embedding.")
        _bind(library, documents)
        super().__init__(library, embedding, options)
        try:
            self._check_shared_model(documents.get(MODEL))
            self.refresh()
        except LibraryError:
            super().close()
            raise

    def _check_shared_model(self, made_by: str | None) -> None:
        if made_by is not None and made_by != model_of(self.embedding):
            raise self._mismatch(made_by)

    def close(self) -> None:
        super().close()
        self._documents.close()

    # following

    def refresh(self) -> None:
        """Takes over what others changed; where another process of this machine writes, that one does."""
        if self._documents.last() > self._followed and self.library.may_write():
            self._follow()

    @property
    def _followed(self) -> int:
        return int(self.library.get(FOLLOWED) or 0)

    def _follow(self) -> None:
        with self._following, self.writing():
            while changes := self._documents.changes(self._followed, STEP):
                for number, document in changes:
                    self._apply(document, self._followed)
                    self.library.set(FOLLOWED, str(number))

    def _apply(self, identity: str, followed: int) -> None:
        """Makes a document in the folder what it is in the database."""
        shared = self._documents.document(identity)
        if shared is None:
            if self.library.has(identity):
                super().remove(identity)
            return
        if shared.version > followed or not self.library.has(identity):
            path = shared.paths[0] if shared.paths else shared.document.path
            super()._put(shared.document, path, _embedded(shared), shared.metadata)
        there = set(self.library.info(identity).paths)
        gone = sorted(there - {*shared.paths})
        for path in shared.paths:
            if path not in there:
                super().alias(identity, path, gone)
                gone = []
        for path in gone:
            super().remove_path(path)
        if self.library.info(identity).metadata != shared.metadata:
            super().set_metadata(identity, shared.metadata)

    # writing

    def _put(self, document: Document, path: Path | str, embedded: EmbeddedDocument | None, metadata: Metadata) -> None:
        """Adds a document to the shared ones, and so to the folder."""
        self._check_shared_model(self._documents.set_default(MODEL, model_of(self.embedding)))
        rows = (embedded or self._embedded(document)).vectors
        has_image = self.library.has_image
        self._documents.put(document, str(path), model_of(self.embedding), rows, has_image, metadata)
        self._follow()

    def alias(self, document: str, path: Path | str, gone: Iterable[str] = ()) -> None:
        self._documents.alias(self.library.info(document).id, str(path), gone)
        self._follow()

    def remove_path(self, path: Path | str) -> None:
        self._documents.remove_path(str(path))
        self._follow()

    def remove(self, document: str) -> None:
        self._documents.remove(document)
        self._follow()

    def set_metadata(self, document: str, metadata: Metadata) -> None:
        self._documents.set_metadata(document, metadata)
        self._follow()


def _embedded(shared: SharedDocument) -> EmbeddedDocument | None:
    """Returns the entries of a document with their vectors, `None` where this version of Octavo builds others."""
    parts = list(build_entries(shared.document))
    return EmbeddedDocument(parts, shared.vectors.astype(np.float32)) if len(parts) == len(shared.vectors) else None


def _bind(library: Library, documents: PostgresDocuments) -> None:
    """Notes in a library which documents it follows."""
    if library.get(IDENTITY) == documents.identity:
        return
    if library.get(IDENTITY):
        raise LibraryError(
            f"The library {library.folder} follows other shared documents: set documents_uri to theirs, or use another "
            "folder.",
            setting="documents_uri",
            path=library.folder,
        )
    if next(library.ids(), None) is not None:
        raise LibraryError(
            f"The library {library.folder} has documents that are not shared: share them first, or use another folder.",
            setting="documents_uri",
            path=library.folder,
        )
    with library.writer(), library.transaction():
        library.set(IDENTITY, documents.identity)
        library.set(IMAGES, documents.get(IMAGES) or "")

"""The index as a whole: entries, words and vectors of documents that appear and vanish all at once.

All that a document is stands in the library's database and is written in one transaction; an engine that copies the
vectors follows behind and can be built from it at any time. So a process may die at any moment: at worst it leaves
files that nobody refers to, which the next writer deletes.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from octavo.ingest import Document, LibraryError
from octavo.ingest.store.library import Library
from octavo.ingest.store.metadata import Metadata
from octavo.rag.embedding import Embedder
from octavo.rag.entry import EVERYWHERE, Level
from octavo.rag.image_source import ImageSource, StagedPages
from octavo.rag.index.embedding import EmbeddedDocument, embed_document, model_of
from octavo.rag.index.embedding_cache import clear_cache
from octavo.rag.index.reader import IndexReader
from octavo.rag.index.store import codes, entries, vectors
from octavo.rag.query import statements
from octavo.rag.settings import EMBEDDED_ENGINES, IndexOptions


class Index(IndexReader):
    """The entries of a library, searchable by words and vectors at four levels, from several threads.

    `options` select the engines that search; the defaults lie in the library's folder.
    Raises `EmbeddingMismatchError` when the library's vectors were made by another embedding.

    >>> pipeline.index.count(Level.CHUNK)
    1
    """

    def __init__(self, library: Library, embedding: Embedder, options: IndexOptions = EMBEDDED_ENGINES) -> None:
        _complete(library)
        super().__init__(library, embedding, options)
        self._guard = threading.Lock()
        self._writers = 0

    def close(self) -> None:
        """Closes the vector store; the library stays open."""
        self._dense.close()

    def refresh(self) -> None:
        """Takes over what others changed, where the library's documents are shared; does nothing where they are not."""

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Holds the one writer's place for several changes; may be nested, and entered by several threads at once.

        What an earlier writer left behind is tidied first. Raises `LibraryError` when another process has the place.
        """
        with self.library.writer():
            with self._guard:
                if self._writers == 0:
                    if self.library.get("writing"):
                        self.library.sweep()
                        self._dense.sweep()
                    self.library.set("writing", "1")
                self._writers += 1
            finished = False
            try:
                yield
                finished = True
            finally:
                with self._guard:
                    self._writers -= 1
                    if self._writers == 0 and finished:
                        self._finish()

    def _finish(self) -> None:
        self._dense.catch_up(finished=True)
        self.library.tidy()
        clear_cache(self.library)
        if self._tokens:
            self._tokens.sweep()
        self.library.set("writing", "")

    def add(
        self,
        document: Document,
        path: Path | str,
        *,
        replace: bool = False,
        embedded: EmbeddedDocument | None = None,
        metadata: Metadata | None = None,
    ) -> None:
        """Adds a document at `path`, visible wholly or not at all; what `path` held goes when no other path has it.

        A document with the same id, that is with the same bytes, is left as it is and only gets the path, unless
        `replace` is true. `embedded` are its entries where this index's embedding has been asked for them already.
        `metadata` is noted with it, beside what was noted with the document that it replaces.

        >>> from octavo.ingest import read_document
        >>> read = read_document(b"The dam is finished in 2031.", name="dam.txt")
        >>> with pipeline.index.writing():
        ...     for image in read.images.values():
        ...         _ = pipeline.library.save_image(image)
        ...     pipeline.index.add(read.document, "/shared/dam.txt")
        >>> pipeline.remove("dam.txt").paths
        ('/shared/dam.txt',)
        """
        if not replace and self.library.has(document.id):
            self.alias(document.id, path)
        else:
            self._put(document, path, embedded, metadata or {})

    def _put(self, document: Document, path: Path | str, embedded: EmbeddedDocument | None, metadata: Metadata) -> None:
        with self.writing():
            self._check_model()
            vectors_of_document = embedded or self._embedded(document)
            file = self._tokens.save(vectors_of_document.tokens) if self._tokens and vectors_of_document.tokens else ""
            with self._change():
                paths = [str(path)]
                if self.library.has(document.id):
                    info = self.library.info(document.id)
                    paths, metadata = [*paths, *info.paths], {**info.metadata, **metadata}
                    self._erase(document.id)
                self._write(document, vectors_of_document, file)
                if metadata:
                    self.library.set_metadata(document.id, metadata)
                for held_path in paths:
                    self.library.point(held_path, document.id)
                clear_cache(self.library, document.id)
            self._dense.catch_up(finished=False)

    def _embedded(self, document: Document) -> EmbeddedDocument:
        images = ImageSource(StagedPages(document, self.library.image))
        from octavo.rag.index.build import build_entries

        return embed_document(self.library, list(build_entries(document)), self.embedding, images)

    def alias(self, document: str, path: Path | str, gone: Iterable[str] = ()) -> None:
        """Notes that `path` holds a document that is there; what it held before goes when no other path has it.

        Paths that are `gone` hold nothing any more: the document is then called as `path` is.
        """
        with self.writing(), self._change():
            self.library.point(path, self.library.info(document).id)
            for old in gone:
                self.library.remove_path(old)

    def remove_path(self, path: Path | str) -> None:
        """Notes that `path` is gone; the document that it held goes when no other path has it."""
        with self.writing(), self._change():
            self.library.remove_path(path)

    def remove(self, document: str) -> None:
        """Removes all of a document; on a full disk with the room that the library keeps for it."""
        try:
            self._remove(document)
        except LibraryError:
            if not self.library.make_room():
                raise
            self._remove(document)

    def _remove(self, document: str) -> None:
        with self.writing(), self._change():
            self._erase(document)

    def set_metadata(self, document: str, metadata: Metadata) -> None:
        """Notes metadata with a document, in place of what was noted."""
        with self.library.writer(), self.library.transaction():
            self.library.set_metadata(document, metadata)

    @contextmanager
    def _change(self) -> Iterator[None]:
        """Opens one transaction, after which every document has a path."""
        with self.library.transaction():
            yield
            for document in self.library.pathless():
                self._erase(document)
            self.library.rename_moved()

    def _write(self, document: Document, embedded: EmbeddedDocument, file: str) -> None:
        connection = self.library.connection
        self.library.set("embedding", model_of(self.embedding))
        self.library.set("codes", codes.FORMAT)
        self.library.set("roles", statements.RULES)
        self.library.write(document)
        entries.write(connection, embedded.entries)
        vectors.write(connection, embedded.entries, embedded.vectors)
        if self._tokens and embedded.tokens:
            self._tokens.note(connection, embedded.entries, [len(matrix) for matrix in embedded.tokens], file)
        self._sparse.add(document.id)

    def _erase(self, document: str) -> None:
        self._dense.supersede(document)
        self._sparse.delete(document)
        self.library.erase(document)


def _complete(library: Library) -> None:
    """Writes what an earlier version did not write of the documents that are there."""
    connection = library.connection
    if library.get("codes") != codes.FORMAT and codes.without_codes(connection):
        with library.writer(), library.transaction():
            codes.rebuild_codes(connection, codes.without_codes(connection))
            library.set("codes", codes.FORMAT)
    if library.get("roles") != statements.RULES and entries.count(connection, Level.PAGE, EVERYWHERE):
        with library.writer(), library.transaction():
            entries.find_roles(connection)
            library.set("roles", statements.RULES)

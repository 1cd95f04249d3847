"""The index as a whole: entries, words and vectors of documents that appear and vanish all at once.

Adding a document takes three steps: one SQLite transaction writes all of its rows as pending, its vectors go to Chroma,
one transaction makes it visible. A process that dies between them leaves an unfinished document, which `recover` takes
out again; what a reader sees is decided by SQLite alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import numpy as np

from ingest import Document, LibraryError
from ingest.library import Library

from ..embed import EntryEmbedding, Vectors, unit
from ..entry import EVERYWHERE, Entry, Level, Scope
from . import words
from .build import entries as entries_of
from .schema import prepare
from .vectors import VectorStore, level_of

BATCH = 2_000
"""Entries that are embedded at a time."""
STEP = 500
"""Vectors that are added at a time; searches go in between."""
EXACT = 20
"""Searches in up to so many documents compare with every vector of theirs, exactly."""


class Index:
    """What a library's documents say, searchable by words and vectors at four levels."""

    def __init__(self, library: Library, embedding: EntryEmbedding) -> None:
        self.library, self.embedding = library, embedding
        prepare(library)
        self._store = VectorStore(library.folder / "chroma")
        self._seen = library.generation
        self._guard = threading.RLock()
        self._writers = 0
        self._fetched = lru_cache(maxsize=256)(self._fetch)
        self._check_model()

    def close(self) -> None:
        """Closes the vector store."""
        with self._guard:
            self._store.close()

    # writing

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Holds the one writer's place for several changes. What an earlier writer left unfinished is mended first."""
        with self.library.writer():
            with self._guard:
                self._writers += 1
                if self._writers == 1:
                    self._fresh()
                    if self.library.get("unfinished"):
                        self._mend()
                    self.library.set("unfinished", "1")
            try:
                yield
                if self._writers == 1:
                    self.library.set("unfinished", "")
            finally:
                with self._guard:
                    self._writers -= 1

    def recover(self) -> None:
        """Mends what a writer that died left unfinished; costs nothing where there is nothing."""
        if self.library.get("unfinished"):
            with self.writing():
                pass

    def add(self, document: Document, path: Path) -> None:
        """Adds a document at `path`, visible wholly or not at all. What `path` held goes when nothing else has it."""
        if self.library.has(document.id):
            self.alias(document.id, path)
            return
        with self.writing():
            self._check_model()
            entries = list(entries_of(document))
            with self.library.transaction() as connection:
                self.library.set("embedding", self._model)
                self.library.write(document)
                words.write(connection, entries)
                words.index(connection, document.id)
            self._embed(entries)
            self._change(lambda: self.library.publish(document.id, path))

    def alias(self, document: str, path: Path) -> None:
        """Notes that `path` holds a document that is there already."""
        with self.writing():
            self._change(lambda: self.library.alias(document, path))

    def remove(self, document: str) -> None:
        """Removes all of a document."""
        with self.writing():
            self._change(lambda: self.library.retire(document))

    def _change(self, change: Callable[[], list[str]]) -> None:
        """Changes what is visible in one transaction, then deletes what that made invisible."""
        with self._guard:
            with self.library.transaction():
                gone = change()
            self._seen = self.library.generation
            self._fetched.cache_clear()
        for document in gone:
            self._purge(document)

    def _purge(self, document: str) -> None:
        rows = self.library.connection.execute("SELECT id FROM entries WHERE document = ?", (document,))
        ids = [row[0] for row in rows]
        with self._guard:
            self._store.delete(ids)
        with self.library.transaction() as connection:
            words.unindex(connection, document)
            images = self.library.purge(document)
        self.library.delete_images(images)

    def _mend(self) -> None:
        for document in self.library.unfinished():
            self._purge(document)
        self.library.sweep()
        held = {row[0] for row in self.library.connection.execute("SELECT id FROM entries")}
        for level in Level:
            own = {identity for identity in held if level_of(identity) is level}
            stored = self._store.ids(level)
            self._store.delete(stored - own)
            missing, vectors = words.read_vectors(self.library.connection, sorted(own - stored))
            self._store.add(words.load(self.library.connection, missing), vectors)

    # vectors

    def _vectors(self, entries: Sequence[Entry]) -> Vectors:
        rows = [self.embedding.embed_entries(entries[at : at + BATCH]) for at in range(0, len(entries), BATCH)]
        return np.concatenate(rows) if rows else np.zeros((0, self.embedding.dimension), dtype=np.float32)

    def _embed(self, entries: Sequence[Entry]) -> None:
        """Embeds a document's entries; its own vector is the mean of its chunks'.

        Merging section vectors into one document vector follows "Unified multi-modal interleaved document
        representation" (arXiv 2410.02729); that the merge is a plain mean is our choice.
        """
        own = [entry for entry in entries if entry.level is not Level.DOCUMENT]
        vectors = self._vectors(own)
        chunks = [n for n, entry in enumerate(own) if entry.level is Level.CHUNK]
        document = [entry for entry in entries if entry.level is Level.DOCUMENT]
        merged = unit(vectors[chunks].mean(axis=0, keepdims=True)) if chunks else self._vectors(document)
        entries, vectors = [*own, *document], np.concatenate([vectors, merged])
        with self.library.transaction() as connection:
            words.write_vectors(connection, entries, vectors)
        for at in range(0, len(entries), STEP):
            with self._guard:
                self._store.add(entries[at : at + STEP], vectors[at : at + STEP])

    def _fresh(self) -> None:
        """Takes notice of what other processes changed: Chroma itself would go on with what it has read."""
        generation = self.library.generation
        if generation != self._seen:
            self._store.reopen()
            self._fetched.cache_clear()
            self._seen = generation

    # reading

    def words(self, terms: Sequence[str], level: Level, k: int, scope: Scope = EVERYWHERE) -> list[tuple[str, float]]:
        """The best `k` entries that hold any of the analysed `terms`: ids with BM25, higher is better."""
        return words.search(self.library.connection, terms, level, k, scope)

    def vectors(self, vector: Vectors, level: Level, k: int, scope: Scope = EVERYWHERE) -> list[tuple[str, float]]:
        """The nearest `k` entries to a unit vector of shape (dimension,): ids with cosine similarity in [-1, 1]."""
        if scope.documents is not None and len(scope.documents) <= EXACT:
            return self._exact(vector, level, k, scope)
        with self._guard:
            self._fresh()
            found = self._store.search(vector, level, k, scope)
        visible = {entry.id for entry in self.entries([identity for identity, _ in found])}
        return [hit for hit in found if hit[0] in visible]

    def _exact(self, vector: Vectors, level: Level, k: int, scope: Scope) -> list[tuple[str, float]]:
        with self._guard:
            self._fresh()
            parts = [self._fetched(level, document) for document in scope.documents or ()]
        parts = [part for part in parts if part[0]]
        if not parts:
            return []
        ids = [identity for part, _ in parts for identity in part]
        similarities = np.concatenate([rows for _, rows in parts]) @ vector
        found = [(ids[n], float(similarities[n])) for n in np.argsort(-similarities, kind="stable")]
        if scope.pages is not None or scope.kinds is not None:
            within = words.within(self.library.connection, level, scope)
            found = [hit for hit in found if hit[0] in within]
        return found[:k]

    def _fetch(self, level: Level, document: str) -> tuple[list[str], Vectors]:
        return words.document_vectors(self.library.connection, document, level)

    def similarities(self, vector: Vectors, ids: Sequence[str]) -> dict[str, float]:
        """Cosine similarity of entries to a unit vector; a page's is the best of the page and all that stands on it."""
        pages = [identity for identity in ids if level_of(identity) is Level.PAGE]
        others = [identity for identity in ids if level_of(identity) is not Level.PAGE]
        keys, rows = words.page_vectors(self.library.connection, pages) if pages else ([], np.zeros((0, 0)))
        best = np.full(len(pages), -1.0)
        if keys:
            np.maximum.at(best, keys, rows @ vector)
        found = dict(zip(pages, best.tolist(), strict=True))
        if others:
            names, rows = words.read_vectors(self.library.connection, others)
            found |= zip(names, (rows @ vector).tolist(), strict=True) if names else ()
        return found

    def terms(self, ids: Sequence[str]) -> dict[str, tuple[list[str], list[str]]]:
        """The analysed terms of entries, as they are indexed: of the heading, of the text."""
        return words.analysed(self.library.connection, ids)

    def named_pages(self, numbers: Sequence[int], documents: Sequence[str]) -> list[str]:
        """Ids of pages of some documents that people call by these numbers (from 1; -1 is the last)."""
        return words.named_pages(self.library.connection, numbers, documents) if numbers else []

    def entries(self, ids: Sequence[str]) -> list[Entry]:
        """Entries by id, in the order of `ids`; those of documents that are not visible are left out."""
        return words.load(self.library.connection, ids)

    def entries_on(self, pages: Sequence[str], level: Level) -> list[Entry]:
        """The entries of a level that stand on pages (ids of page entries), in the order of the pages."""
        return words.on_pages(self.library.connection, pages, level)

    def document_frequency(self, terms: Sequence[str], level: Level = Level.PAGE) -> dict[str, int]:
        """In how many entries of a level each analysed term stands."""
        return words.frequencies(self.library.connection, terms, level)

    def count(self, level: Level) -> int:
        """How many entries a level has."""
        return words.count(self.library.connection, level)

    @property
    def _model(self) -> str:
        return f"{self.embedding.model_name} ({self.embedding.dimension} dimensions)"

    def _check_model(self) -> None:
        made = self.library.get("embedding")
        if made is not None and made != self._model:
            raise LibraryError(
                f"The vectors of {self.library.folder} were made by {made}, not {self._model}, and the two cannot be "
                "mixed: set that embedding again, or ingest the documents into a new library."
            )

"""The index as a whole: entries, words and vectors of documents that appear and vanish all at once.

All that a document is stands in the library's database and is written in one transaction; an engine that copies the
vectors follows behind and can be built from it at any time. So a process may die at any moment: at worst it leaves
files that nobody refers to, which the next writer deletes.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import numpy as np

from octavo.ingest import Document, LibraryError
from octavo.ingest.errors import EmbeddingMismatchError
from octavo.ingest.store.library import Library
from octavo.ingest.store.metadata import Metadata
from octavo.rag.embedding import Embedder, MultiVectorEmbedder, Vectors, unit
from octavo.rag.entry import EVERYWHERE, Entry, EntryId, Hits, Level, Scope
from octavo.rag.image_source import ImageSource, StagedPages
from octavo.rag.index import references
from octavo.rag.index.embedding import EmbeddedDocument, embed_document, model_of, token_store
from octavo.rag.index.embedding_cache import clear_cache
from octavo.rag.index.engine_selection import open_dense_index, open_sparse_index
from octavo.rag.index.projection import with_projection
from octavo.rag.index.store import codes, entries, vectors
from octavo.rag.index.store.entries import AnalyzedEntry
from octavo.rag.query import statements
from octavo.rag.query.question import Query
from octavo.rag.settings import EMBEDDED_ENGINES, IndexOptions

LATE = 200
"""Candidates of the first pass that late interaction compares exactly."""


class Index:
    """The entries of a library, searchable by words and vectors at four levels, from several threads.

    `options` select the engines that search; the defaults lie in the library's folder.
    Where the library has a map of the embedding's vectors to its own (`project_library`), they are mapped. Raises
    `EmbeddingMismatchError` when the library's vectors were made by another embedding.

    >>> pipeline.index.count(Level.CHUNK)
    1
    """

    def __init__(self, library: Library, embedding: Embedder, options: IndexOptions = EMBEDDED_ENGINES) -> None:
        self.library, self.embedding = library, with_projection(library, embedding)
        self._prepare()
        self._check_model()
        self._dense = open_dense_index(library, options)
        self._sparse = open_sparse_index(library, options, self._dense)
        self._tokens = token_store(library, self.embedding, self._dense)
        self._guard = threading.Lock()
        self._writers = 0
        self._counts = lru_cache(maxsize=64)(self._count)
        self._languages = lru_cache(maxsize=2)(self._stem_languages)
        self._named = lru_cache(maxsize=16)(self._pages_named)
        self._affinities = lru_cache(maxsize=16)(self._about)
        self._question_tokens = lru_cache(maxsize=4)(self._embed_tokens)
        self._query_vectors = lru_cache(maxsize=16)(self.embedding.embed_query)
        self._inverted_vectors = lru_cache(maxsize=16)(self.embedding.invert_image)
        self._page_counts = lru_cache(maxsize=1)(self._read_page_counts)

    def _prepare(self) -> None:
        """Writes what an earlier version did not write of the documents that are there."""
        connection = self.library.connection
        if self.library.get("codes") != codes.FORMAT and codes.without_codes(connection):
            with self.library.writer(), self.library.transaction():
                codes.rebuild_codes(connection, codes.without_codes(connection))
                self.library.set("codes", codes.FORMAT)
        if self.library.get("roles") != statements.RULES and entries.count(connection, Level.PAGE, EVERYWHERE):
            with self.library.writer(), self.library.transaction():
                entries.find_roles(connection)
                self.library.set("roles", statements.RULES)

    def close(self) -> None:
        """Closes the vector store; the library stays open."""
        self._dense.close()

    def refresh(self) -> None:
        """Takes over what others changed, where the library's documents are shared; does nothing where they are not."""

    # writing

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
    ) -> None:
        """Adds a document at `path`, visible wholly or not at all; what `path` held goes when no other path has it.

        A document with the same id, that is with the same bytes, is left as it is and only gets the path, unless
        `replace` is true. `embedded` are its entries where this index's embedding has been asked for them already.

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
            self._put(document, path, embedded)

    def _put(self, document: Document, path: Path | str, embedded: EmbeddedDocument | None) -> None:
        with self.writing():
            self._check_model()
            vectors_of_document = embedded or self._embedded(document)
            file = self._tokens.save(vectors_of_document.tokens) if self._tokens and vectors_of_document.tokens else ""
            with self._change():
                paths = [str(path)]
                if self.library.has(document.id):
                    paths += self.library.info(document.id).paths
                    self._erase(document.id)
                self._write(document, vectors_of_document, file)
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

    # reading

    def words(self, terms: Sequence[str], level: Level, k: int, scope: Scope = EVERYWHERE) -> Hits:
        """Returns the best `k` entries that hold any of the analysed `terms`: ids with BM25, higher is better.

        Scores compare within one answer only: terms weigh by how rare they are in the library, or in a small scope.

        >>> from octavo.rag.query.analysis import terms
        >>> [identity.level for identity, _ in pipeline.index.words(terms("capital expenditure"), Level.PAGE, k=5)]
        [<Level.PAGE: 'page'>]
        """
        return self._sparse.search(terms, level, k, scope)

    def vectors(self, vector: Vectors, level: Level, k: int, scope: Scope = EVERYWHERE) -> Hits:
        """Returns the nearest `k` entries to a unit vector, shape (dimension,): ids with cosine similarity in [-1, 1].

        >>> vector = pipeline.index.query_vector("capital expenditure")
        >>> [identity.level for identity, similarity in pipeline.index.vectors(vector, Level.PAGE, k=5)]
        [<Level.PAGE: 'page'>]
        """
        self._check_model()
        total = self.count(level)
        size = total if scope == EVERYWHERE else self.count(level, scope)
        return self._dense.search(vector, level, k, scope, size, total)

    def nearest(
        self, question: str, level: Level, k: int, scope: Scope = EVERYWHERE, picture: bytes | None = None
    ) -> Hits:
        """Returns the `k` entries nearest to a question in words or with a picture: ids with similarity in [-1, 1].

        Where the embedding has a vector for each token, the first pass goes by one vector of each entry, and the
        best `LATE` of it, or `k`, are compared exactly, token by token.

        >>> [identity.level for identity, _ in pipeline.index.nearest("capital expenditure", Level.CHUNK, k=5)]
        [<Level.CHUNK: 'chunk'>]
        """
        if not (self._tokens and isinstance(self.embedding, MultiVectorEmbedder)):
            return self.vectors(self.query_vector(question, picture), level, k, scope)
        tokens = self.embedding.question_tokens(question, picture) if picture else self._question_tokens(question)
        first = self.vectors(self.embedding.question_vector(tokens), level, max(k, LATE), scope)
        late = self._tokens.maxsim(tokens, [identity for identity, _ in first])
        return sorted(late.items(), key=lambda hit: (-hit[1], hit[0]))[:k]

    def query_vector(self, question: str, picture: bytes | None = None) -> Vectors:
        """Returns the vector of a question with the bytes of a picture or without, shape (dimension,); made once.

        >>> pipeline.index.query_vector("capital expenditure").shape
        (256,)
        """
        return self._query_vectors(question, picture)

    def inverted_vector(self, question: str, picture: bytes) -> Vectors:
        """Returns the vector of a text that the embedding takes for the same as a picture, with a question's, if any.

        Raises `OctavoError` for an embedding that cannot be asked backwards.
        """
        inverted: Vectors = self._inverted_vectors(picture)
        return unit(inverted + self.query_vector(question)) if question.strip() else inverted

    def _embed_tokens(self, question: str) -> Vectors:
        assert isinstance(self.embedding, MultiVectorEmbedder)
        return self.embedding.question_tokens(question)

    def similarities(self, vector: Vectors, ids: Sequence[EntryId]) -> dict[EntryId, float]:
        """Returns the cosine similarity of entries to a unit vector; a page's is the best of it and all that is on it.

        >>> page = EntryId.of_page(pipeline.documents()[0].id, 0)
        >>> similarity = pipeline.index.similarities(pipeline.index.query_vector("capital expenditure"), [page])
        >>> similarity[page] > 0.3
        True
        """
        pages = [identity for identity in ids if identity.level is Level.PAGE]
        others = [identity for identity in ids if identity.level is not Level.PAGE]
        result: dict[EntryId, float] = {}
        if pages:
            places, matrix = vectors.on_pages(self.library.connection, pages)
            best = np.full(len(pages), -1.0)
            if places:
                np.maximum.at(best, places, vectors.compare(matrix, vector))
            result |= zip(pages, best.tolist(), strict=True)
        if others:
            names, matrix = vectors.by_id(self.library.connection, others)
            result |= zip(names, vectors.compare(matrix, vector).tolist(), strict=True) if names else ()
        return result

    def weighted_similarities(self, vector: Vectors, documents: Sequence[str]) -> dict[str, float]:
        """Returns the cosine similarity of a unit vector to a vector of each document that suits it.

        That is the mean of its chunks' vectors, weighted by the softmax of their similarity to `vector`, after the
        weighted section vectors of "Unified multi-modal interleaved document representation" (arXiv 2410.02729). It is
        -1 for a document without chunks.

        >>> document = pipeline.documents()[0].id
        >>> vector = pipeline.index.query_vector("capital expenditure")
        >>> pipeline.index.weighted_similarities(vector, [document])[document] > 0.3
        True
        """
        ids, matrix = vectors.of_scope(self.library.connection, Level.CHUNK, Scope(documents=tuple(documents)))
        rows: dict[str, list[int]] = {}
        for n, identity in enumerate(ids):
            rows.setdefault(EntryId(identity).document, []).append(n)
        return dict.fromkeys(documents, -1.0) | {
            document: vectors.weighted_similarity(matrix[own], vector) for document, own in rows.items()
        }

    def entries(self, ids: Sequence[EntryId]) -> list[Entry]:
        """Returns entries by id, in the order of `ids`; those that are no longer there are left out.

        >>> page = EntryId.of_page(pipeline.documents()[0].id, 0)
        >>> [entry.text for entry in pipeline.index.entries([page])]
        ['Capital expenditure in 2018 was 1,577 million dollars.']
        """
        return entries.load(self.library.connection, ids)

    def entries_on(self, pages: Sequence[EntryId], level: Level) -> list[Entry]:
        """Returns the entries of a level that stand on pages (ids of page entries), in the order of the pages.

        >>> page = EntryId.of_page(pipeline.documents()[0].id, 0)
        >>> [entry.level for entry in pipeline.index.entries_on([page], Level.CHUNK)]
        [<Level.CHUNK: 'chunk'>]
        """
        return entries.on_pages(self.library.connection, pages, level)

    def terms(self, ids: Sequence[EntryId]) -> dict[EntryId, AnalyzedEntry]:
        """Returns the analyzed terms of entries, as they are indexed.

        >>> page = EntryId.of_page(pipeline.documents()[0].id, 0)
        >>> pipeline.index.terms([page])[page].text
        ['capit', 'expenditur', 'in', '2018', 'was', '1577', 'million', 'dollar']
        """
        return entries.analyzed(self.library.connection, ids)

    def stem_languages(self) -> tuple[str, ...]:
        """Returns the codes of the languages in which entries are stemmed, English first.

        >>> pipeline.index.stem_languages()
        ('en',)
        """
        return self._languages(self.library.generation)

    def _stem_languages(self, generation: int) -> tuple[str, ...]:
        return entries.stem_languages(self.library.connection)

    def named_entries(self, question: Query, documents: Sequence[str]) -> dict[EntryId, float]:
        """Returns the ids of the pages of some documents that a question names, and how surely, from 1 to 2.

        They are those of its numbers, the financial statements that it asks for, or what holds regions of its kinds.

        >>> from octavo.rag.query.question import parse_query
        >>> document = pipeline.documents()[0].id
        >>> named = pipeline.index.named_entries(parse_query("What stands on page 1?"), [document])
        >>> named == {EntryId.of_page(document, 0): 2.0}
        True
        """
        return self._named(self.library.generation, question, tuple(documents))

    def _pages_named(self, generation: int, question: Query, documents: tuple[str, ...]) -> dict[EntryId, float]:
        return references.pages(self.library.connection, question, documents)

    def affinities(self, names: Sequence[str], years: Sequence[int] = ()) -> dict[str, float]:
        """Returns how far documents are about what analyzed `names` say, in (0, 1]; those without them are left out.

        Of the documents of a name, those that speak most of the `years` come first.
        """
        return self._affinities(self.library.generation, tuple(names), tuple(years)) if names else {}

    def agreements(self, query: Query, documents: Collection[str]) -> dict[str, float]:
        """Returns how far the periods in documents' names and titles are those that a query names, in [0, 1].

        Documents that say no period are left out, and all where no period is asked for.

        >>> from octavo.rag.query.question import parse_query
        >>> document = pipeline.documents()[0].id
        >>> pipeline.index.agreements(parse_query("What was capital expenditure in 2018?"), [document])
        {}
        """
        if not (query.periods or query.latest):
            return {}
        labels = {document: " ".join(label) for document, label in self.library.names(documents).items()}
        affinities = self.affinities(query.name_terms(self.stem_languages()), query.years)
        return references.agreements(labels, query, affinities)

    def _about(self, generation: int, names: tuple[str, ...], years: tuple[int, ...]) -> dict[str, float]:
        with self.library.snapshot():
            return references.affinities(self._sparse, self._page_counts(self.library.generation), names, years)

    def _read_page_counts(self, generation: int) -> dict[str, int]:
        return entries.page_counts(self.library.connection)

    def document_frequency(self, terms: Sequence[str], level: Level = Level.PAGE) -> dict[str, int]:
        """Returns how many entries of a level hold each analysed term; at document level, how many pages.

        >>> pipeline.index.document_frequency(["capit", "dam"])
        {'capit': 1, 'dam': 0}
        """
        return {term: self._sparse.frequency(term, level) for term in terms}

    def documents(self, scope: Scope) -> set[str]:
        """Returns the ids of the documents in a scope.

        >>> len(pipeline.index.documents(EVERYWHERE)), pipeline.index.documents(Scope(documents="of-no-library"))
        (1, set())
        """
        return entries.documents(self.library.connection, scope)

    def count(self, level: Level, scope: Scope = EVERYWHERE) -> int:
        """Returns how many entries a level has in a scope.

        >>> pipeline.index.count(Level.DOCUMENT), pipeline.index.count(Level.CHUNK, Scope(kinds="table"))
        (1, 0)
        """
        return self._counts(self.library.generation, level, scope)

    def _count(self, generation: int, level: Level, scope: Scope) -> int:
        if scope == EVERYWHERE:
            return self._sparse.size(level)
        return entries.count(self.library.connection, level, scope)

    def _check_model(self) -> None:
        stored = self.library.get("embedding")
        if stored is not None and stored != model_of(self.embedding) and self.library.documents():
            raise self._mismatch(stored)

    def _mismatch(self, stored: str) -> EmbeddingMismatchError:
        return EmbeddingMismatchError(
            f"The vectors of {self.library.folder} were made by {stored}, not {model_of(self.embedding)}, and the two "
            "cannot be mixed: set that embedding again, or embed the library anew by this one.",
            setting="embedding",
            path=self.library.folder,
        )

"""Reading an index: entries that words or vectors find, and what entries and documents are about."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache

import numpy as np

from octavo.ingest.errors import EmbeddingMismatchError
from octavo.ingest.store.library import Library
from octavo.rag.embedding import Embedder, MultiVectorEmbedder, Vectors, unit
from octavo.rag.embedding.cross_lingual import LikenessScale, likeness_scale
from octavo.rag.entry import EVERYWHERE, Entry, EntryId, Hits, Level, Scope
from octavo.rag.index import references
from octavo.rag.index.embedding import model_of, token_store
from octavo.rag.index.engine_selection import open_dense_index, open_sparse_index
from octavo.rag.index.projection import with_projection
from octavo.rag.index.store import entries, vectors
from octavo.rag.index.store.entries import AnalyzedEntry
from octavo.rag.query.language import is_latin
from octavo.rag.query.question import Query
from octavo.rag.settings import IndexOptions

LATE = 200
"""Candidates of the first pass that late interaction compares exactly."""


class IndexReader:
    """The entries of a library, searchable by words and vectors at four levels, from several threads.

    Where the library has a map of the embedding's vectors to its own (`project_library`), they are mapped. Raises
    `EmbeddingMismatchError` when the library's vectors were made by another embedding.
    """

    def __init__(self, library: Library, embedding: Embedder, options: IndexOptions) -> None:
        self.library, self.embedding = library, with_projection(library, embedding)
        self._check_model()
        self._dense = open_dense_index(library, options)
        self._sparse = open_sparse_index(library, options, self._dense)
        self._tokens = token_store(library, self.embedding, self._dense)
        self._counts = lru_cache(maxsize=64)(self._count)
        self._languages = lru_cache(maxsize=2)(self._stem_languages)
        self._named = lru_cache(maxsize=16)(self._pages_named)
        self._affinities = lru_cache(maxsize=16)(self._about)
        self._question_tokens = lru_cache(maxsize=4)(self._embed_tokens)
        self._query_vectors = lru_cache(maxsize=16)(self.embedding.embed_query)
        self._inverted_vectors = lru_cache(maxsize=16)(self.embedding.invert_image)
        self._scale = lru_cache(maxsize=1)(self._likeness_scale)
        self._page_counts = lru_cache(maxsize=1)(self._read_page_counts)

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

    def cross_lingual_likeness(self, question: str, ids: Sequence[EntryId]) -> dict[EntryId, float] | None:
        """Returns how like entries are to a question in another language: 0 as unrelated texts, 1 as its answer is.

        A page's is the best of it and all that is on it. `None` where the embedding does not know several languages or
        has a vector for each token, and for questions in another script than those that it was tried on.

        >>> page = EntryId.of_page(pipeline.documents()[0].id, 0)
        >>> pipeline.index.cross_lingual_likeness("Wie hoch waren die Investitionen?", [page]) is None
        True
        """
        scale = self._scale()
        if scale is None or not is_latin(question):
            return None
        vector = self.query_vector(question)
        cosines = self.similarities(vector, ids)
        return dict(zip(cosines, scale.likeness(vector, list(cosines.values())), strict=True))

    def _likeness_scale(self) -> LikenessScale | None:
        return None if isinstance(self.embedding, MultiVectorEmbedder) else likeness_scale(self.embedding)

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
            "cannot be mixed: set that embedding, or embed the library again by this one.",
            setting="embedding",
            path=self.library.folder,
        )

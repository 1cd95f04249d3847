"""The first pass: candidates by words and by vectors, from coarse to fine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from octavo.rag.entry import EVERYWHERE, Entry, EntryId, Level, Scope
from octavo.rag.index import Index
from octavo.rag.index.references import CLOSE_TO_BEST
from octavo.rag.query.question import Query
from octavo.rag.retrieval.candidate import ScoredEntry
from octavo.rag.settings import PictureRoute

RRF = 60
"""The constant of reciprocal rank fusion (Cormack, Clarke and Büttcher 2009)."""
DOCUMENT_AFFINITY = 0.5
"""A query names a document whose affinity to its names is at least this, in [0, 1], and close to the best."""
NAMED_DOCUMENTS = 20
"""A query that names more documents than this names none."""
WEIGHTED_PER_DOCUMENT = 8
"""Documents with the nearest means of which each that comes first by its weighted vector is one."""
PAGES_PER_FINER_LEVEL = 3
"""Elements and chunks are taken from one in this many candidate pages."""
LEADING = 3
"""Elements and chunks are taken from so many pages that come first by words as well, as tables of numbers do."""


class Retriever:
    """Finds the candidates of one level for a query; recall matters here, order does not yet.

    Pages come first. Words find them by BM25 over their text, vectors by the best of the page and its elements and
    chunks, and the rankings are fused by reciprocal rank. A page, figure or table that the query names is always among
    them. Elements and chunks are then those of the best pages, documents those that hold them. `candidates` bounds the
    pages.

    `documents` retrieves documents before passages, as "Unified multi-modal interleaved document representation" does
    (arXiv 2410.02729): so many documents whose vectors are nearest to the query have their pages ranked by themselves,
    and fused with the others. 0 leaves that out. `document_vector` is the `mean` of a document's chunks', or `weighted`
    by the softmax of each chunk's similarity to the query (`Index.weighted_similarities`).

    `route` is how a question's picture is searched with: by its own vector (`image`), by that of the words in it, from
    text to pictures (`caption`), by `both`, or by that of a text that the embedding takes for the same (`inverted`,
    after "Cross the Gap", arXiv 2502.04263).
    """

    def __init__(
        self,
        index: Index,
        level: Level = Level.PAGE,
        scope: Scope = EVERYWHERE,
        candidates: int = 60,
        documents: int = 0,
        route: PictureRoute = "image",
        document_vector: Literal["mean", "weighted"] = "mean",
    ) -> None:
        self._index, self._level, self._scope = index, level, scope
        self._candidates, self._documents, self._route = candidates, documents, route
        self._weighted = document_vector == "weighted"

    def retrieve(self, query: Query) -> list[ScoredEntry]:
        """Returns the candidates, best first."""
        by_words = self._by_words(query, self._scope)
        result = self._finer(self._fused(query, by_words), by_words[:LEADING])
        names = self._index.library.names({entry.document for entry, _ in result})
        return [
            ScoredEntry(entry, score, *names[entry.document]) for entry, score in result if entry.document in names
        ]  # a document may have been removed meanwhile

    def pages(self, query: Query) -> dict[EntryId, float]:
        """Returns page ids with their fused score, best first; at most `candidates`."""
        return self._fused(query, self._by_words(query, self._scope))

    def _fused(self, query: Query, by_words: list[EntryId]) -> dict[EntryId, float]:
        rankings = [by_words, *self._nearest(query, Level.PAGE, self._candidates, self._scope)]
        rankings += self._nearest(query, Level.ELEMENT, 2 * self._candidates, self._scope)
        if document_ids := self._named_documents(query):
            rankings += self._rankings(query, replace(self._scope, documents=document_ids))
        if self._documents and (nearest := self._nearest_documents(query)):
            rankings += self._rankings(query, replace(self._scope, documents=nearest))
        fused: dict[EntryId, float] = {}
        for ranking in rankings:
            for rank, page in enumerate(ranking):
                fused[page] = fused.get(page, 0.0) + 1 / (RRF + rank + 1)
        documents = self._scope.documents or sorted({page.document for page in fused})
        for named_page, certainty in self._index.named_entries(query, documents).items():
            page = EntryId(named_page)
            fused[page] = fused.get(page, 0.0) + certainty / RRF
        least = sorted(fused.values(), reverse=True)[: self._candidates][-1:]
        best = [item for item in fused.items() if item[1] >= least[0]]
        best.sort(key=lambda item: (-item[1], item[0].document, item[0].numbers))
        return dict(best[: self._candidates])

    def _rankings(self, query: Query, scope: Scope) -> list[list[EntryId]]:
        """Returns pages by words and by their vectors."""
        return [self._by_words(query, scope), *self._nearest(query, Level.PAGE, self._candidates, scope)]

    def _by_words(self, query: Query, scope: Scope) -> list[EntryId]:
        """Returns pages by words, as stemmed in each language of the library."""
        terms = list(dict.fromkeys(t for code in self._index.stem_languages() for t in query.terms_in(code)))
        return _pages_of(self._index.words(terms, Level.PAGE, self._candidates, scope))

    def _nearest(self, query: Query, level: Level, count: int, scope: Scope) -> list[list[EntryId]]:
        """Returns pages by vectors, with a picture by each route."""
        if query.picture is not None and self._route == "inverted":
            vector = self._index.inverted_vector(query.text, query.picture)
            return [_pages_of(self._index.vectors(vector, level, count, scope))]
        routes: list[tuple[str, bytes | None]] = []
        if query.picture is None or self._route != "caption":
            routes.append((query.text, query.picture))
        if query.picture is not None and self._route != "image":
            routes.append((f"{query.text} {query.words}".strip(), None))
        return [_pages_of(self._index.nearest(text, level, count, scope, picture)) for text, picture in routes]

    def _nearest_documents(self, query: Query) -> tuple[str, ...]:
        """Returns the documents whose vectors are nearest, where they are a few of many."""
        vector, count = self._index.query_vector(query.text, query.picture), self._documents
        considered = count * (WEIGHTED_PER_DOCUMENT if self._weighted else 1)
        hits = self._index.vectors(vector, Level.DOCUMENT, considered + 1, self._scope)
        if len(hits) <= count:
            return ()
        documents = [EntryId(hit).document for hit, _ in hits]
        if self._weighted:
            similarities = self._index.weighted_similarities(vector, documents)
            documents.sort(key=lambda document: -similarities[document])
        return tuple(documents[:count])

    def _named_documents(self, query: Query) -> tuple[str, ...]:
        """Returns the documents that the query names, where they are a few of many."""
        inside = self._scope.documents
        if inside is not None and len(inside) < 2:
            return ()
        affinities = self._index.affinities(query.name_terms(self._index.stem_languages()), query.years)
        affinities = {document: a for document, a in affinities.items() if inside is None or document in inside}
        if not affinities:
            return ()
        least = max(DOCUMENT_AFFINITY, CLOSE_TO_BEST * max(affinities.values()))
        close = tuple(document for document, affinity in affinities.items() if affinity >= least)
        if agreements := self._index.agreements(query, close):
            best = max(agreements.values())
            close = tuple(document for document in close if agreements.get(document, best) == best)
        return close if len(close) <= NAMED_DOCUMENTS else ()

    def _finer(self, pages: dict[EntryId, float], leading: Iterable[EntryId]) -> list[tuple[Entry, float]]:
        """Returns this retriever's level of entries on the best and the `leading` pages, with their page's score."""
        if self._level is Level.PAGE:
            return [(entry, pages[entry.id]) for entry in self._index.entries(list(pages))]
        if self._level is Level.DOCUMENT:
            documents: dict[EntryId, float] = {}
            for page, score in pages.items():
                documents.setdefault(EntryId(page.document), score)
            return [(entry, documents[entry.id]) for entry in self._index.entries(list(documents))]
        best = list(pages)[: max(10, self._candidates // PAGES_PER_FINER_LEVEL)]
        best = list(dict.fromkeys([*best, *(page for page in leading if page in pages)]))
        standing = self._index.entries_on(best, self._level)  # also what passes over a page without a region on it
        results = [(entry, max(scores)) for entry in standing if (scores := _scores_of_pages(entry, pages))]
        kinds = self._scope.kinds if self._level is Level.ELEMENT else None
        return [(entry, score) for entry, score in results if kinds is None or entry.kind in kinds]


def _scores_of_pages(entry: Entry, pages: dict[EntryId, float]) -> list[float]:
    ids = (EntryId.of_page(entry.document, region.page) for region in entry.regions)
    return [pages[page] for page in ids if page in pages]


def _pages_of(hits: Iterable[tuple[str, float]]) -> list[EntryId]:
    """Returns the page ids of hits at page or element level, each once, in order.

    >>> _pages_of([("d/p1/e2", 0.9), ("d/p0", 0.8), ("d/p1", 0.7)])
    ['d/p1', 'd/p0']
    """
    return list(dict.fromkeys(EntryId(entry).page_id for entry, _ in hits))

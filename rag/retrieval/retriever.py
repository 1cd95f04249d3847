"""The first pass: candidates by words and by vectors, from coarse to fine, as a LlamaIndex retriever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle

from octavo.rag.entry import EVERYWHERE, Entry, Level, Scope
from octavo.rag.evidence import Evidence
from octavo.rag.images import picture_file
from octavo.rag.index import Index
from octavo.rag.query.question import Query, parse_query_with_picture

RRF = 60
"""The constant of reciprocal rank fusion (Cormack, Clarke and Büttcher 2009)."""

ABOUT, ALIKE, NAMED = 0.5, 0.8, 20
"""At most so many documents are named: those that are about the names at least so far, and about as far as the best."""

FINER = 3
"""Elements and chunks are taken from one page in so many candidates."""


class LibraryRetriever(BaseRetriever):
    """Candidates of one level for a question, fused from words and vectors; recall matters here, order does not yet.

    Pages come first: words find them by BM25 over their text, vectors by the best of the page and its elements and
    chunks, and a page, figure or table that the question names is always among them. Elements and chunks are then
    those of the best pages, documents those that hold them. `candidates` bounds the pages.
    """

    def __init__(
        self, index: Index, level: Level = Level.PAGE, scope: Scope = EVERYWHERE, candidates: int = 60, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._index, self._level, self._scope, self._candidates = index, level, scope, candidates

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        path = query_bundle.image_path
        pages = self.pages(parse_query_with_picture(query_bundle.query_str, picture_file(path) if path else None))
        infos = {info.id: info for info in self._index.library.documents()}
        nodes = []
        for entry, score in self._finer(pages):
            if entry.document not in infos:  # it was removed meanwhile
                continue
            node = entry.node()
            node.metadata |= {"name": infos[entry.document].name, "title": infos[entry.document].title}
            node.excluded_embed_metadata_keys += ["name", "title"]
            nodes.append(NodeWithScore(node=node, score=score))
        return nodes

    def pages(self, question: Query) -> dict[str, float]:
        """Page ids with their fused score, best first; at most `candidates`."""
        n = self._candidates
        rankings = [
            _pages_of(self._index.words(question.terms, Level.PAGE, n, self._scope)),
            _pages_of(self._index.nearest(question.text, Level.PAGE, n, self._scope, question.stream)),
            _pages_of(self._index.nearest(question.text, Level.ELEMENT, 2 * n, self._scope, question.stream)),
        ]
        about = self._about(question)
        if about is not None:
            rankings.append(_pages_of(self._index.words(question.terms, Level.PAGE, n, about)))
            rankings.append(_pages_of(self._index.nearest(question.text, Level.PAGE, n, about, question.stream)))
        fused: dict[str, float] = {}
        for ranking in rankings:
            for rank, page in enumerate(ranking):
                fused[page] = fused.get(page, 0.0) + 1 / (RRF + rank + 1)
        documents = self._scope.documents or sorted({page.partition("/")[0] for page in fused})
        for page, surely in self._index.named(question, documents).items():
            fused[page] = fused.get(page, 0.0) + surely / RRF
        best = sorted(fused.items(), key=lambda item: -item[1])
        return dict(best[:n])

    def _about(self, question: Query) -> Scope | None:
        """Where the question names what a few of many documents are about: those."""
        inside = self._scope.documents
        if inside is not None and len(inside) < 2:
            return None
        found = self._index.affinities(question.name_terms, question.years)
        found = {document: share for document, share in found.items() if inside is None or document in inside}
        least = max(ABOUT, ALIKE * max(found.values(), default=0.0))
        about = tuple(document for document, share in found.items() if share >= least)
        return replace(self._scope, documents=about) if 0 < len(about) <= NAMED else None

    def _finer(self, pages: dict[str, float]) -> list[tuple[Entry, float]]:
        """Entries of this retriever's level on the best pages, with the score of their page."""
        if self._level is Level.PAGE:
            return [(entry, pages[entry.id]) for entry in self._index.entries(list(pages))]
        if self._level is Level.DOCUMENT:
            documents = {page.partition("/")[0]: score for page, score in reversed(pages.items())}
            return [(entry, documents[entry.id]) for entry in self._index.entries(list(reversed(documents)))]
        best = list(pages)[: max(10, self._candidates // FINER)]
        standing = self._index.entries_on(best, self._level)  # also what passes over a page without a region on it
        found = [(entry, max(scores)) for entry in standing if (scores := _of_pages(entry, pages))]
        kinds = self._scope.kinds if self._level is Level.ELEMENT else None
        return [(entry, score) for entry, score in found if kinds is None or entry.kind in kinds]


def _of_pages(entry: Entry, pages: dict[str, float]) -> list[float]:
    return [pages[key] for r in entry.regions if (key := f"{entry.document}/p{r.page}") in pages]


def evidence_of(node: NodeWithScore) -> Evidence:
    """A retrieved and scored node as evidence."""
    entry, m = Entry.of(node.node), node.node.metadata
    return Evidence(
        id=entry.id,
        level=entry.level,
        document=entry.document,
        name=m["name"],
        title=m["title"],
        page=entry.page,
        heading=entry.heading,
        text=entry.text,
        regions=entry.regions,
        score=float(node.score or 0.0),
        kind=entry.kind,
    )


def _pages_of(hits: Sequence[tuple[str, float]]) -> list[str]:
    """Page ids of hits at page or element level, each once, in order.

    >>> _pages_of([("d/p1/e2", 0.9), ("d/p0", 0.8), ("d/p1", 0.7)])
    ['d/p1', 'd/p0']
    """
    return list(dict.fromkeys("/".join(entry.split("/")[:2]) for entry, _ in hits))

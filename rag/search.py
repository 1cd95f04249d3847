"""A search: candidates of a query by words and vectors, their relevancy scores, and copies of each other among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from octavo.ingest import OctavoError
from octavo.ingest.tracing import span
from octavo.rag.context import QuestionContext
from octavo.rag.entry import Level, Scope
from octavo.rag.evidence import Evidence, PageRef
from octavo.rag.images import ImageInput, picture_file
from octavo.rag.index import Index
from octavo.rag.query.question import Query, parse_query_with_picture
from octavo.rag.regions import PageRegions, each_region, find_region, region_words
from octavo.rag.relevancy import Reranker
from octavo.rag.retrieval.candidate import ScoredEntry
from octavo.rag.retrieval.retriever import Retriever
from octavo.rag.settings import Settings

if TYPE_CHECKING:
    from octavo.rag.concepts import Recalled

COPIES = 4
"""Candidates for each entry that is selected, among which copies are looked for."""
SHOWN_CANDIDATES = 5
"""Candidates at least that an answer names beside its evidence."""
REGION_WORDS = 40
"""Words of a part of a page that are searched for."""


def parse_question(question: str, picture: ImageInput | None, settings: Settings, *, needs_words: bool = True) -> Query:
    """Returns the query of a question; raises `OctavoError` for an empty one without a picture that `needs_words`."""
    if needs_words and not question.strip() and picture is None:
        raise OctavoError("The question is empty: ask for something in words, by a picture, or by part of a page.")
    image = None if picture is None else picture_file(picture)
    return parse_query_with_picture(question, image, settings.query)


def query_in_context(
    query: Query, region: PageRegions | None, context: QuestionContext, index: Index, settings: Settings
) -> Query:
    """Returns the query to search for, with the words of the regions, or what the context has in its place."""
    text, picture = context.search or query.text, query.picture or context.picture
    library = index.library
    for part in each_region(region):
        place = find_region(library, part)
        if not context.search:
            page = library.page(place.document, place.page)
            text = " ".join([text, *region_words(page, place.box).split()[:REGION_WORDS]]).strip()
        if picture is None and index.embedding.supports_images:
            picture = picture_file(library.crop(place.document, place.page, place.box))
    if (text, picture) == (query.text, query.picture):
        return query
    if not text and picture is None:
        raise OctavoError("No words can be read there: mark a part of the page with text.")
    return parse_query_with_picture(text, picture, settings.query)


def make_retriever(index: Index, settings: Settings, level: Level | str, scope: Scope) -> Retriever:
    """Returns the first pass that the settings select."""
    return Retriever(
        index,
        Level(level),
        scope,
        settings.candidates,
        settings.documents_first,
        settings.picture_route,
        settings.document_vector,
    )


@dataclass(frozen=True, slots=True)
class TwoPassSearch:
    """Both passes over the entries of one level in a scope, whose documents are ids."""

    index: Index
    settings: Settings
    level: Level
    scope: Scope
    reranker: Reranker

    def select(self, ranked: list[ScoredEntry]) -> list[Evidence]:
        """Returns the evidence among ranked candidates: the best that are no copies of each other and pass."""
        return [c.as_evidence() for c in self.reranker.select(self.collapse_copies(ranked))]

    def rank_with_concepts(self, query: Query, recalled: Sequence[Recalled]) -> tuple[Query, list[ScoredEntry]]:
        """Returns the candidates of a question as it is, by other names of its concepts, or by what its picture shows.

        Of these queries the one whose best candidate has the highest score is returned, with its candidates.
        """
        picture = query.picture if query.words or self.index.embedding.supports_images else None
        texts: list[str] = []
        if query.picture is not None and self.settings.picture_expand:
            from octavo.rag.retrieval.picture_expansion import expand, figures_shown

            figures = figures_shown(self.index, query.picture, query.words, self.settings.picture_expand, self.scope)
            texts += [expand(query.text, figures)] if figures else []
        if recalled:
            from octavo.rag.concepts.recall import other_questions

            texts += other_questions(query.text, recalled)
        others = [parse_query_with_picture(text, picture, self.settings.query) for text in texts]
        queries = others if others and picture is None and query.picture is not None else [query, *others]
        ranked = [(one, self.rank(one)) for one in queries]
        return max(ranked, key=lambda pair: pair[1][0].score if pair[1] else -1.0)

    def rank(self, query: Query) -> list[ScoredEntry]:
        """Returns all candidates with their relevancy score, best first."""
        ranked = self._score(query, self.scope)
        if not (self.settings.second_pass and self.reranker.scorer.compares) or self.level is Level.DOCUMENT:
            return ranked
        from octavo.rag.retrieval.second_pass import leading_document, merged

        if (document := leading_document(ranked)) is None:
            return ranked
        alone = self._score(query, replace(self.scope, documents=(document,)))
        return merged(ranked, alone, document)

    def _score(self, query: Query, scope: Scope) -> list[ScoredEntry]:
        attributes = {"gen_ai.operation.name": "retrieval", "octavo.level": str(self.level)}
        with span("retrieval", attributes, {"gen_ai.retrieval.query.text": query.text}) as recorded:
            candidates = make_retriever(self.index, self.settings, self.level, scope).retrieve(query)
            recorded["octavo.candidates"] = len(candidates)
        scorer = type(self.reranker.scorer).__name__
        with span("octavo.relevancy", {"octavo.relevancy.scorer": scorer}) as recorded:
            ranked = self.reranker.rank(query, candidates)
            recorded |= {
                "octavo.candidates": len(ranked),
                "octavo.relevancy.best": ranked[0].score if ranked else 0.0,
            }
        return ranked

    def collapse_copies(self, ranked: list[ScoredEntry]) -> list[ScoredEntry]:
        """Returns ranked candidates without copies of those that are shown, which name the pages of their copies."""
        if self.settings.copies == "keep":
            return ranked
        from octavo.rag.index.copies import copy_features, without_copies

        k = self.reranker.k
        first, rest = ranked[: COPIES * k], ranked[COPIES * k :]
        by_id = {c.entry.id: c for c in first}
        with self.index.library.snapshot():  # others may remove documents meanwhile
            features = copy_features(self.index, [c.entry for c in first])
            originals = without_copies(features, max(k, SHOWN_CANDIDATES))
        copied = {copy for copies in originals.values() for copy in copies}
        return [
            replace(c, copies=tuple(_place_of(by_id[copy]) for copy in originals.get(c.entry.id, ())))
            for c in first
            if c.entry.id not in copied
        ] + rest


def _place_of(candidate: ScoredEntry) -> PageRef:
    return PageRef(candidate.entry.document, candidate.name, candidate.entry.page)

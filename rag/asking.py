"""Asking: the events of an answer, from a question and what it comes with."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from octavo.ingest.store.metadata import Metadata
from octavo.rag.answering import Answerer, answer_events
from octavo.rag.answering.traced import trace_answer
from octavo.rag.context import QuestionContext
from octavo.rag.documents import DocumentsInScope
from octavo.rag.entry import Level, Scope
from octavo.rag.evidence import Answer, Delta, Event, Evidence, Finished, Retrieved
from octavo.rag.image_source import PageStore
from octavo.rag.images import ImageInput
from octavo.rag.neighbors import referring_paragraphs
from octavo.rag.query.question import Query
from octavo.rag.regions import PageRegions, each_region, region_evidence
from octavo.rag.removals import repeat_until
from octavo.rag.retrieval.candidate import ScoredEntry
from octavo.rag.search import SHOWN_CANDIDATES, TwoPassSearch, parse_question, query_in_context
from octavo.rag.settings import Settings
from octavo.rag.video_times import with_times

if TYPE_CHECKING:
    from octavo.rag.concepts import Recalled
    from octavo.rag.pipeline import Pipeline

PICTURE_QUESTION = "What does this show?"
"""The question for a region or a picture that comes without one."""
POINTING_TERMS = 2
"""Content words at most of a question that is about the part of a page itself, such as what it means."""


@dataclass(frozen=True, slots=True)
class Request:
    """A question with the options of `Pipeline.ask`."""

    question: str
    level: Level
    k: int | None
    threshold: float | None
    scope: Scope
    filter: Metadata | None
    picture: ImageInput | None
    region: PageRegions | None
    evidence: Sequence[Evidence] | None
    context: QuestionContext
    settings: Settings


@trace_answer
def stream_answer(pipeline: Pipeline, request: Request) -> Generator[Event]:
    """Yields the answer to a request in events: `Retrieved`, a model's `Step`s, `Delta`s of text, `Finished`.

    Where others remove what it has found before it is shown, it searches and yields from the start again.
    """
    yield from repeat_until(
        pipeline.library, lambda: _search_and_answer(pipeline, request), lambda event: isinstance(event, Delta)
    )


def _search_and_answer(pipeline: Pipeline, request: Request) -> Generator[Event]:
    question, context, own = request.question, request.context, request.settings
    threshold = own.threshold if request.threshold is None else request.threshold
    is_given = bool(request.region or context.search or context.evidence)
    query = parse_question(question, request.picture, pipeline.settings, needs_words=not is_given)
    recalled = pipeline.concepts.recall(context.search or question, query.picture or context.picture, own.concepts)
    noted, pages = _concepts_with_notes(pipeline, recalled, question, own), context.pages
    if noted:
        from octavo.rag.concepts.evidence import ConceptPages

        pages = ConceptPages(context.pages or pipeline.library, noted)
    answerer = pipeline.models.answerer(own, pages)
    regions = [region_evidence(pipeline.library, part) for part in each_region(request.region)]
    own_evidence = [*regions, *_notes(noted, pages), *context.evidence]
    chosen, lookup = answerer.choose_given(question, own_evidence), None
    if request.evidence is not None:
        candidates = tuple(request.evidence)
        selected = (*chosen, *candidates)
    else:
        reranker = pipeline.reranker(own.k if request.k is None else request.k, threshold, own.relative_threshold)
        scope = pipeline.scope(request.scope, request.filter)
        search = TwoPassSearch(pipeline.index, pipeline.settings, request.level, scope, reranker)
        in_context = query_in_context(query, request.region, context, pipeline.index, pipeline.settings)
        in_context, ranked = search.rank_with_concepts(in_context, recalled)
        collapsed = search.collapse_copies(ranked)
        candidates = tuple(c.as_evidence() for c in collapsed[: max(reranker.k, SHOWN_CANDIDATES)])
        if not chosen:
            answer = _answer_in_words(answerer, request, search, query, in_context, ranked, own_evidence)
            if answer is not None:
                yield from with_times(_as_events(replace(answer, candidates=candidates)), pipeline.library)
                return
        selected = (*chosen, *(c.as_evidence() for c in reranker.select(collapsed)))
        lookup = pipeline.lookup(request.level, scope, reranker)
    if own.llm_neighbors:
        selected = (
            *selected,
            *referring_paragraphs(pipeline.library, selected, own.llm_neighbors, request.scope.pages),
        )
    is_written = False
    events = answer_events(
        answerer,
        question if question.strip() or query.picture else PICTURE_QUESTION,
        selected,
        candidates,
        lambda: _nothing(candidates, threshold),
        lookup=lookup,
        picture=query.picture,
    )
    try:
        for event in with_times(events, pipeline.library):
            is_written = isinstance(event, Finished) and bool(event.answer.model)
            yield event
    finally:
        if not is_written:
            pipeline.models.clear_clients()


def _answer_in_words(
    answerer: Answerer,
    request: Request,
    search: TwoPassSearch,
    query: Query,
    in_context: Query,
    ranked: Sequence[ScoredEntry],
    own_evidence: Sequence[Evidence],
) -> Answer | None:
    """Returns the answer of an answerer that chooses its passages itself, such as quotes; `None` of others."""
    documents = DocumentsInScope(search.index, search.scope)
    threshold, k = search.reranker.threshold, search.reranker.k
    is_about_region = bool(request.region) and len(query.terms) <= POINTING_TERMS
    question = query if request.region and not is_about_region else in_context
    pointed_at = [replace(e, kind=None) for e in own_evidence if e.text]
    library = search.index.library
    with library.snapshot():  # others may remove documents meanwhile
        names = library.names({c.entry.document for c in ranked})
        passages = [c.as_evidence() for c in ranked if c.entry.document in names]
        answer = answerer.consider(question, passages, documents, threshold, k)
        if answer and answer.abstained and is_about_region and pointed_at:
            answer = answerer.consider(in_context, pointed_at, documents, 0.0, k)
    unread = _unread(own_evidence) if request.region else ""
    if answer is None or not unread:
        return answer
    if is_about_region:
        return Answer(request.question, f"{unread} A model that sees can describe it.", abstained=True)
    return answer if answer.abstained else replace(answer, problems=(unread, *answer.problems))


def _concepts_with_notes(
    pipeline: Pipeline, recalled: Sequence[Recalled], question: str, settings: Settings
) -> list[Recalled]:
    """Returns the concepts whose notes are evidence: for a model all, for quotes those that answer the question."""
    if not recalled or pipeline.models.has_own_answerer:
        return []
    from octavo.rag.concepts.evidence import answers

    is_written = pipeline.models.writes(settings)
    noted = [one for one in recalled if one.concept.note and (is_written or answers(one, question))]
    return [replace(one, concept=pipeline.concepts.get(one.concept.name)) for one in noted]


def _notes(recalled: Sequence[Recalled], pages: PageStore | None) -> list[Evidence]:
    if not recalled or pages is None:
        return []
    from octavo.rag.concepts.evidence import concept_evidence

    return [concept_evidence(one, pages) for one in recalled]


def _as_events(answer: Answer) -> Iterator[Event]:
    yield Retrieved(answer.evidence, answer.candidates)
    if not answer.abstained:
        yield Delta(answer.text)
    yield Finished(answer)


def _unread(evidence: Sequence[Evidence]) -> str:
    """Returns that nothing can be read in the places that were pointed at; empty where something can."""
    if any(e.text for e in evidence):
        return ""
    places = ", ".join(dict.fromkeys(f"{e.name}, page {e.page_number}" for e in evidence))
    return f"Nothing can be read in the place that was pointed at ({places})."


def _nothing(candidates: Sequence[Evidence], threshold: float) -> str:
    if not candidates:
        return "The library holds nothing that could be searched for this question."
    best = candidates[0]
    return (
        f"Nothing found that answers this. Looked at {len(candidates)} passages; the nearest, "
        f"{best.name}, page {best.page + 1}, has relevancy {best.score:.2f}, under the threshold of {threshold:.2f}."
    )

"""Evidence, citations and answers."""

from __future__ import annotations

from collections.abc import Mapping

from octavo.apps.service.http.shapes.common import Shape, image_url
from octavo.ingest import Kind, Region
from octavo.rag import Answer, Citation, Evidence, Level
from octavo.rag.entry import CONCEPT, EntryId
from octavo.rag.evidence import Step

BoxOut = tuple[float, float, float, float]


class RegionOut(Shape):
    """A place: a box on a page, and the index of the element that it belongs to where there is one."""

    page: int
    page_number: int
    box: BoxOut
    element: int | None

    @classmethod
    def of_region(cls, region: Region) -> RegionOut:
        """Returns a place in a document."""
        return cls.of(region, page_number=region.page + 1)


class EvidenceOut(Shape):
    """An entry with its relevancy score, the probability that it holds what is asked for.

    `notes` is what a model noted of its picture before it answered.
    """

    id: str
    level: Level
    document: str
    name: str
    title: str
    page: int
    page_number: int
    heading: str
    text: str
    notes: str
    kind: Kind | None
    relevancy: float
    regions: list[RegionOut]
    image: str

    @classmethod
    def of_evidence(cls, evidence: Evidence, collection: str) -> EvidenceOut:
        """Returns an entry of a collection."""
        regions = [RegionOut.of_region(region) for region in evidence.regions]
        is_page = not evidence.document.startswith(CONCEPT)
        image = image_url(collection, evidence.document, evidence.page) if is_page else ""
        return cls.of(evidence, relevancy=evidence.score, regions=regions, image=image)


class CitationOut(Shape):
    """The place that `[number]` in an answer rests on. `image` shows the page with these boxes drawn on it.

    `part` is "speaker notes" for what no box shows; of a video it says when, as "frame at 0:01:05–0:02:10".
    """

    number: int
    document: str
    name: str
    page: int
    page_number: int
    boxes: list[BoxOut]
    quote: str
    part: str
    evidence: str
    relevancy: float | None
    image: str

    @classmethod
    def of_citation(cls, citation: Citation, collection: str, relevancy: Mapping[EntryId, float]) -> CitationOut:
        """Returns a citation; `relevancy` is the score of each entry."""
        is_page = not citation.document.startswith(CONCEPT)
        image = image_url(collection, citation.document, citation.page, citation.boxes) if is_page else ""
        return cls.of(citation, relevancy=relevancy.get(citation.evidence), image=image)


class PageRefOut(Shape):
    """A page of a document."""

    document: str
    name: str
    page: int
    page_number: int


class StepOut(Shape):
    """A step of a model before its answer: judge, search, open, zoom, table or note."""

    kind: str
    query: str
    pages: list[PageRefOut]
    seconds: float
    problem: str

    @classmethod
    def of_step(cls, step: Step) -> StepOut:
        """Returns a step."""
        return cls.of(step, pages=[PageRefOut.of(page) for page in step.pages])


class UnsupportedOut(Shape):
    """A number or name of an answer, from `start` to `end` in its text, that its evidence does not hold.

    `reason` says how the evidence differs; it is empty where the number or name stands nowhere.
    """

    start: int
    end: int
    text: str
    reason: str


class SpanOut(Shape):
    """A sentence of a model's answer, from `start` to `end` in its text, and its support by the evidence in [0, 1].

    `score` is null for a sentence that states no fact, and for one that was not scored.
    """

    start: int
    end: int
    is_objective: bool
    score: float | None
    reason: str


class AnswerOut(Shape):
    """An answer, or with `abstained` the reason why there is none; `model` is empty where the text is quoted."""

    collection: str
    question: str
    text: str
    abstained: bool
    model: str
    plan: str
    citations: list[CitationOut]
    evidence: list[EvidenceOut]
    candidates: list[EvidenceOut]
    unsupported: list[UnsupportedOut]
    problems: list[str]
    steps: list[StepOut]
    spans: list[SpanOut]

    @classmethod
    def of_answer(cls, answer: Answer, collection: str) -> AnswerOut:
        """Returns an answer from a collection."""
        relevancy = {item.id: item.score for item in (*answer.candidates, *answer.evidence)}
        return cls.of(
            answer,
            collection=collection,
            citations=[CitationOut.of_citation(one, collection, relevancy) for one in answer.citations],
            evidence=[EvidenceOut.of_evidence(one, collection) for one in answer.evidence],
            candidates=[EvidenceOut.of_evidence(one, collection) for one in answer.candidates],
            unsupported=[UnsupportedOut.of(one) for one in answer.unsupported],
            steps=[StepOut.of_step(one) for one in answer.steps],
            spans=[SpanOut.of(one) for one in answer.spans],
        )

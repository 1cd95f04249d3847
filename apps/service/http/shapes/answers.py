"""Evidence, citations and answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from pydantic import BaseModel

from octavo.apps.service.http.shapes.common import image_url
from octavo.ingest import Kind, Region
from octavo.rag import Answer, Citation, Evidence, Level
from octavo.rag.entry import EntryId
from octavo.rag.evidence import Step

Boxes = list[tuple[float, float, float, float]]


class RegionOut(BaseModel):
    """A place: a box on a page, and the index of the element that it belongs to where there is one."""

    page: int
    page_number: int
    box: tuple[float, float, float, float]
    element: int | None

    @classmethod
    def of(cls, region: Region) -> RegionOut:
        return cls(page=region.page, page_number=region.page + 1, box=tuple(region.box), element=region.element)


class EvidenceOut(BaseModel):
    """An entry with its relevancy score, the probability that it holds what is asked for."""

    id: str
    level: Level
    document: str
    name: str
    title: str
    page: int
    page_number: int
    heading: str
    text: str
    kind: Kind | None
    relevancy: float
    regions: list[RegionOut]
    image: str

    @classmethod
    def of(cls, found: Evidence, collection: str) -> EvidenceOut:
        return cls(
            id=found.id,
            level=found.level,
            document=found.document,
            name=found.name,
            title=found.title,
            page=found.page,
            page_number=found.page_number,
            heading=found.heading,
            text=found.text,
            kind=found.kind,
            relevancy=found.score,
            regions=[RegionOut.of(region) for region in found.regions],
            image=image_url(collection, found.document, found.page),
        )


class CitationOut(BaseModel):
    """The place that `[number]` in an answer rests on. `image` shows the page with these boxes drawn on it.

    `part` is "speaker notes" for what no box shows.
    """

    number: int
    document: str
    name: str
    page: int
    page_number: int
    boxes: Boxes
    quote: str
    part: str
    evidence: str
    relevancy: float | None
    image: str

    @classmethod
    def of(cls, citation: Citation, collection: str, relevancy: Mapping[EntryId, float]) -> CitationOut:
        return cls(
            number=citation.number,
            document=citation.document,
            name=citation.name,
            page=citation.page,
            page_number=citation.page_number,
            boxes=[tuple(box) for box in citation.boxes],
            quote=citation.quote,
            part=citation.part,
            evidence=citation.evidence,
            relevancy=relevancy.get(citation.evidence),
            image=image_url(collection, citation.document, citation.page, citation.boxes),
        )


class PageRefOut(BaseModel):
    """A page of a document."""

    document: str
    name: str
    page: int
    page_number: int


class StepOut(BaseModel):
    """A step of a model before its answer: judge, search, open, zoom, table or note."""

    kind: str
    query: str
    pages: list[PageRefOut]
    seconds: float
    problem: str

    @classmethod
    def of(cls, step: Step) -> StepOut:
        pages = [
            PageRefOut(document=page.document, name=page.name, page=page.page, page_number=page.page_number)
            for page in step.pages
        ]
        return cls(kind=step.kind, query=step.query, pages=pages, seconds=step.seconds, problem=step.problem)


class UnsupportedOut(BaseModel):
    """A number or name of an answer, from `start` to `end` in its text, that its evidence does not hold.

    `reason` says how the evidence differs; it is empty where the number or name stands nowhere.
    """

    start: int
    end: int
    text: str
    reason: str


class SpanOut(BaseModel):
    """A sentence of a model's answer, from `start` to `end` in its text, and its support by the evidence in [0, 1].

    `score` is null for a sentence that states no fact, and for one that was not scored.
    """

    start: int
    end: int
    is_objective: bool
    score: float | None
    reason: str


class AnswerOut(BaseModel):
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
    def of(cls, answer: Answer, collection: str) -> AnswerOut:
        relevancy = {item.id: item.score for item in (*answer.candidates, *answer.evidence)}
        return cls(
            collection=collection,
            question=answer.question,
            text=answer.text,
            abstained=answer.abstained,
            model=answer.model,
            plan=answer.plan,
            citations=[CitationOut.of(citation, collection, relevancy) for citation in answer.citations],
            evidence=[EvidenceOut.of(item, collection) for item in answer.evidence],
            candidates=[EvidenceOut.of(item, collection) for item in answer.candidates],
            unsupported=[UnsupportedOut(**asdict(part)) for part in answer.unsupported],
            problems=list(answer.problems),
            steps=[StepOut.of(step) for step in answer.steps],
            spans=[SpanOut(**asdict(span)) for span in answer.spans],
        )

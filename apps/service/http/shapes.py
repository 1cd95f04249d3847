"""The JSON of the native API. Page numbers: `page` counts from 0, `page_number` from 1; boxes are in PDF points."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field

from octavo.apps.service.collections import Collection
from octavo.apps.service.jobs import Job
from octavo.apps.service.rights import Role
from octavo.apps.service.service import Question
from octavo.apps.service.users import Key, User
from octavo.ingest import Box, Element, Kind, Page, Region
from octavo.ingest.store.library import DocumentInfo
from octavo.rag import Answer, Citation, Evidence, Level, PageRegion
from octavo.rag.evidence import Step

T = TypeVar("T")
Boxes = list[tuple[float, float, float, float]]


class Lenient(BaseModel):
    """A request of OpenAI's clients, which send more than is read here."""

    model_config = ConfigDict(extra="ignore")


class PageOf(BaseModel, Generic[T]):
    """A part of a list; `next` is the offset of the part after it, absent at the end."""

    items: list[T]
    next: int | None = None


class CollectionOut(BaseModel):
    """A collection; `role` is the caller's own."""

    name: str
    title: str
    role: Role
    created_at: str
    metadata: dict[str, Any]

    @classmethod
    def of(cls, found: Collection) -> CollectionOut:
        return cls(
            name=found.name,
            title=found.title,
            role=found.role,
            created_at=found.created_at,
            metadata=dict(found.metadata),
        )


class CollectionIn(BaseModel):
    """A collection to be made."""

    name: str
    title: str = ""
    metadata: dict[str, Any] = Field(default_factory=dict)


class MemberIn(BaseModel):
    """The role that a member gets."""

    role: Role


class DocumentOut(BaseModel):
    """A document of a collection."""

    id: str
    name: str
    title: str
    media_type: str
    pages: int
    added_at: str
    metadata: dict[str, Any]
    problems: list[str]
    outdated: bool

    @classmethod
    def of(cls, info: DocumentInfo) -> DocumentOut:
        return cls(
            id=info.id,
            name=info.name,
            title=info.title,
            media_type=info.media_type,
            pages=info.pages,
            added_at=info.added_at,
            metadata=dict(info.metadata),
            problems=list(info.problems),
            outdated=info.outdated,
        )


class ElementOut(BaseModel):
    """A region of a page: what it is, where it stands, what it says."""

    index: int
    kind: Kind
    box: tuple[float, float, float, float]
    text: str
    markdown: str
    caption_of: int | None = None

    @classmethod
    def of(cls, element: Element) -> ElementOut:
        return cls(
            index=element.index,
            kind=element.kind,
            box=tuple(element.box),
            text=element.text,
            markdown=element.markdown,
            caption_of=element.about,
        )


class StoredPageOut(BaseModel):
    """A page; `image` is the address of its screenshot."""

    page: int
    page_number: int
    label: str
    width: float
    height: float
    text: str
    notes: str
    problem: str
    image: str
    elements: list[ElementOut] | None = None

    @classmethod
    def of(cls, page: Page, collection: str, document: str, *, elements: bool) -> StoredPageOut:
        return cls(
            page=page.number,
            page_number=page.number + 1,
            label=page.label,
            width=page.width,
            height=page.height,
            text=page.text,
            notes=page.notes,
            problem=page.problem,
            image=image_url(collection, document, page.number),
            elements=[ElementOut.of(element) for element in page.elements] if elements else None,
        )


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
    def of(cls, citation: Citation, collection: str, relevancy: dict[str, float]) -> CitationOut:
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
    """A number or name of an answer, from `start` to `end` in its text, that its evidence does not hold."""

    start: int
    end: int
    text: str


class AnswerOut(BaseModel):
    """An answer, or with `abstained` the reason why there is none; `model` is empty where the text is quoted."""

    collection: str
    question: str
    text: str
    abstained: bool
    model: str
    citations: list[CitationOut]
    evidence: list[EvidenceOut]
    candidates: list[EvidenceOut]
    unsupported: list[UnsupportedOut]
    problems: list[str]
    steps: list[StepOut]

    @classmethod
    def of(cls, answer: Answer, collection: str) -> AnswerOut:
        relevancy = {item.id: item.score for item in (*answer.candidates, *answer.evidence)}
        return cls(
            collection=collection,
            question=answer.question,
            text=answer.text,
            abstained=answer.abstained,
            model=answer.model,
            citations=[CitationOut.of(citation, collection, relevancy) for citation in answer.citations],
            evidence=[EvidenceOut.of(item, collection) for item in answer.evidence],
            candidates=[EvidenceOut.of(item, collection) for item in answer.candidates],
            unsupported=[UnsupportedOut(start=part.start, end=part.end, text=part.text) for part in answer.unsupported],
            problems=list(answer.problems),
            steps=[StepOut.of(step) for step in answer.steps],
        )


class TurnIn(BaseModel):
    """An earlier question with its answer."""

    question: str
    answer: str = ""


class SearchIn(BaseModel):
    """A search. `filter` keeps documents with this metadata; `picture` is a data URL."""

    question: str = ""
    level: Level | None = None
    k: int | None = Field(None, ge=1, le=100)
    threshold: float | None = Field(None, ge=0, le=1)
    documents: list[str] | None = None
    kinds: list[Kind] | None = None
    filter: dict[str, Any] | None = None
    picture: str | None = None

    def asked(self, before: tuple[tuple[str, str], ...] = ()) -> Question:
        from octavo.apps.service.service import picture_of

        return Question(
            self.question,
            picture=None if self.picture is None else picture_of(self.picture),
            before=before,
            level=self.level,
            k=self.k,
            threshold=self.threshold,
            documents=None if self.documents is None else tuple(self.documents),
            kinds=None if self.kinds is None else frozenset(self.kinds),
            filter=self.filter,
        )


class RegionIn(BaseModel):
    """Part of a page that a question is about; `page` counts from 0, `box` is in PDF points."""

    document: str
    page: int = Field(ge=0)
    box: tuple[float, float, float, float]

    def region(self) -> PageRegion:
        return PageRegion(self.document, self.page, Box(*self.box))


class AskIn(SearchIn):
    """A question; `before` are earlier turns, oldest first. `stream` answers in server-sent events."""

    region: RegionIn | None = None
    before: list[TurnIn] = Field([], max_length=50)
    stream: bool = False

    def asked(self, before: tuple[tuple[str, str], ...] = ()) -> Question:
        asked = super().asked(tuple((turn.question, turn.answer) for turn in self.before) or before)
        return asked if self.region is None else replace(asked, region=self.region.region())


class JobOut(BaseModel):
    """A file on its way into a collection."""

    id: str
    collection: str
    name: str
    state: str
    stage: str
    page: int
    pages: int
    reason: str
    document: str
    attempts: int
    created_at: str
    changed_at: str

    @classmethod
    def of(cls, job: Job) -> JobOut:
        return cls(**{name: getattr(job, name) for name in cls.model_fields})


class FeedbackIn(BaseModel):
    """A user's verdict on an answer: `rating` is up or down; `pages` (from 1) say where the answer stands."""

    question: str = Field(max_length=4_000)
    rating: str = Field(pattern="^(up|down)$")
    answer: str = Field("", max_length=20_000)
    comment: str = Field("", max_length=4_000)
    wrong_box: bool = False
    document: str = ""
    pages: list[int] = Field([], max_length=100)


class UserIn(BaseModel):
    """A user to be made."""

    name: str
    password: str
    is_admin: bool = False


class UserOut(BaseModel):
    """A user."""

    name: str
    is_admin: bool
    created_at: str

    @classmethod
    def of(cls, user: User) -> UserOut:
        return cls(name=user.name, is_admin=user.is_admin, created_at=user.created_at)


class KeyIn(BaseModel):
    """An API key to be made: valid for `days`, or without end; `role` is the most that it allows."""

    name: str = Field("", max_length=100)
    role: Role = Role.OWNER
    days: float | None = Field(None, gt=0, le=36_500)


class KeyOut(BaseModel):
    """An API key; its `secret` is shown once, when it is made."""

    id: str
    name: str
    role: Role
    created_at: str
    expires_at: str
    revoked_at: str
    secret: str = ""

    @classmethod
    def of(cls, key: Key, secret: str = "") -> KeyOut:
        return cls(
            id=key.id,
            name=key.name,
            role=key.role,
            created_at=key.created_at,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
            secret=secret,
        )


def timestamp(text: str) -> int:
    """Seconds since 1970 of an ISO time.

    >>> timestamp("1970-01-01T00:01:00+00:00")
    60
    """
    return int(datetime.fromisoformat(text).timestamp())


def image_url(collection: str, document: str, page: int, boxes: tuple[Box, ...] = ()) -> str:
    """The path of a page's picture, with boxes drawn on it where there are some.

    >>> image_url("default", "d1", 2, (Box(1, 2, 3.25, 4),))
    '/api/collections/default/documents/d1/pages/2/image?boxes=1,2,3.2,4'
    """
    drawn = ";".join(",".join(f"{side:.5g}" for side in (round(s, 1) for s in box)) for box in boxes[:20])
    path = f"/api/collections/{quote(collection)}/documents/{quote(document)}/pages/{page}/image"
    return f"{path}?boxes={drawn}" if drawn else path

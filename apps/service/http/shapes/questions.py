"""Questions and searches, and verdicts on answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from pydantic import BaseModel, Field

from octavo.apps.service.http.shapes.common import example
from octavo.apps.service.questions import CollectionQuestion, picture_of
from octavo.ingest import Box, Kind
from octavo.rag import Level, PageRegion


class TurnIn(BaseModel):
    """An earlier question with its answer."""

    question: str = Field(max_length=20_000)
    answer: str = Field("", max_length=200_000)


class SearchOptions(BaseModel):
    """Bounds of a search; `filter` keeps documents with this metadata, `pages` the first to the last page, from 0."""

    level: Level | None = None
    k: int | None = Field(None, ge=1, le=100)
    threshold: float | None = Field(None, ge=0, le=1)
    documents: list[str] | None = Field(None, max_length=1_000)
    pages: tuple[int, int] | None = None
    kinds: list[Kind] | None = None
    filter: dict[str, Any] | None = None

    def question_of(self, text: str, picture: bytes | None, before: tuple[tuple[str, str], ...]) -> CollectionQuestion:
        """Returns a question within these bounds; `before` are earlier ones with their answers, oldest first."""
        return CollectionQuestion(
            text,
            picture=picture,
            before=before,
            level=self.level,
            k=self.k,
            threshold=self.threshold,
            documents=None if self.documents is None else tuple(self.documents),
            pages=self.pages,
            kinds=None if self.kinds is None else frozenset(self.kinds),
            filter=self.filter,
        )


class RegionIn(BaseModel):
    """Part of a page that a question is about; `page` counts from 0, `box` is in PDF points."""

    document: str
    page: int = Field(ge=0)
    box: tuple[float, float, float, float]

    def region(self) -> PageRegion:
        """Returns the part of the page."""
        return PageRegion(self.document, self.page, Box(*self.box))


class SearchIn(SearchOptions):
    """A search; `picture` is a data URL, `region` a part of a page that is meant, or several."""

    model_config = example({"question": "capital expenditure", "level": "page", "k": 5})

    question: str = ""
    picture: str | None = None
    region: RegionIn | Annotated[list[RegionIn], Field(max_length=20)] | None = None

    def to_question(self, before: tuple[tuple[str, str], ...] = ()) -> CollectionQuestion:
        """Returns the question; `before` are earlier ones with their answers, oldest first."""
        picture = None if self.picture is None else picture_of(self.picture)
        body = [self.region] if isinstance(self.region, RegionIn) else self.region or []
        return replace(self.question_of(self.question, picture, before), regions=tuple(one.region() for one in body))


class AskIn(SearchIn):
    """A question; `before` are earlier turns, oldest first. `stream` answers in server-sent events."""

    model_config = example({"question": "What was capital expenditure in 2018?", "filter": {"year": 2018}})

    before: list[TurnIn] = Field([], max_length=50)
    stream: bool = False

    def to_question(self, before: tuple[tuple[str, str], ...] = ()) -> CollectionQuestion:
        """Returns the question after its earlier turns."""
        return super().to_question(tuple((turn.question, turn.answer) for turn in self.before) or before)


class FeedbackIn(BaseModel):
    """A user's verdict on an answer: `rating` is up or down; `pages` (from 1) of
    `document` say where the answer stands, `expected` what it is."""

    model_config = example({"question": "Capital expenditure in 2018?", "rating": "down", "expected": "1,577 million"})

    question: str = Field(max_length=4_000)
    rating: str = Field(pattern="^(up|down)$")
    answer: str = Field("", max_length=20_000)
    expected: str = Field("", max_length=20_000)
    comment: str = Field("", max_length=4_000)
    wrong_box: bool = False
    document: str = Field("", max_length=400)
    pages: list[int] = Field([], max_length=100)

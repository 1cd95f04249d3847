"""Options of answers: the plans of quotes, and the passes and checks of a model."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class PlanOptions(BaseModel):
    """Switches of the plans by which questions are answered without a model, in the order in which they are tried.

    `octavo eval plans` measures each. A question whose plan is off is answered by a later one, at last by `lookup`.

    >>> PlanOptions(summary=False).off
    ('summary',)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    page_sets: bool = Field(True, description="pages or documents that mention one thing and, or, but not another")
    parts: bool = Field(True, description="a question of two parts as two questions")
    whole: bool = Field(True, description="title, authors, date and length of a document; how many documents")
    page_values: bool = Field(True, description="dates, addresses and phone numbers on pages that are named")
    occurrences: bool = Field(True, description="how many times a document says a word or a name, and on which pages")
    summary: bool = Field(True, description="headings and central sentences of a document or a collection")
    periods: bool = Field(True, description="how something is over several reports: a quote from each")
    sections: bool = Field(True, description="what stands under a heading or on a page that is named")
    definitions: bool = Field(True, description="what a word or an abbreviation stands for, as a document defines it")
    figures: bool = Field(True, description="figures and tables by number: caption, content, what is said of them")
    regions: bool = Field(True, description="how many tables, charts or figures")
    part_names: bool = Field(True, description="what numbered parts and pages are called, and how many parts there are")
    tariffs: bool = Field(True, description="what a tariff comes to for the amounts that the question gives")
    transitions: bool = Field(True, description="which rows went from one value to another")
    departures: bool = Field(True, description="the first or the last time of a timetable's row or column")
    rows: bool = Field(True, description="how many rows of a table a question selects, and what they come to")
    grid: bool = Field(True, description="the cell of a row and a column named by a day, a time, a range or a code")
    items: bool = Field(True, description="how many items a list has")
    which: bool = Field(True, description="which documents hold what is described")
    contacts: bool = Field(True, description="phone numbers, e-mail and web addresses, opening hours")
    chronology: bool = Field(True, description="what comes first or last in time; from one time of day to another")
    extremes: bool = Field(True, description="which row, column or document has the highest or lowest number")
    totals: bool = Field(True, description="sum or mean of a column")
    scaled: bool = Field(True, description="an amount of a recipe for another number of people")
    compute: bool = Field(True, description="difference, growth, share, ratio, sum, product and metrics")
    prose: bool = Field(True, description="the sum of numbers of one kind that a sentence states")
    select: bool = Field(True, description="which rows of a table a question selects")
    compare: bool = Field(True, description="two documents, years or columns side by side")
    lists: bool = Field(True, description="a whole list, or one of its items")
    provisions: bool = Field(True, description="the provision whose condition speaks of the asker's case; yes or no")
    lookup: bool = Field(True, description="the passages that fit best")

    @property
    def off(self) -> tuple[str, ...]:
        """The names of the plans that are off."""
        return tuple(name for name in type(self).model_fields if not getattr(self, name))


class AnsweringOptions(BaseModel):
    """Options of answers: the plans are for those without a model, all others for a model's."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    plans: PlanOptions = PlanOptions()
    steps: int = Field(
        3,
        ge=0,
        le=10,
        description="passes of a model at a question, the answer is the last; 0 or 1: it answers at once",
    )
    step_tokens: int = Field(20_000, ge=0, description="tokens of prompts and replies after which it looks no further")
    step_seconds: float = Field(60, ge=0, description="seconds after which it looks no further")
    tools: Literal["auto", "functions", "json"] = Field(
        "auto", description="how steps are asked for; auto: by function calls where the endpoint has them, else by JSON"
    )
    notes: Literal["auto", "always", "never"] = Field(
        "auto", description="notes on each picture before the answer; auto: on those that the server does not take"
    )
    check: Literal["off", "words", "model"] = Field(
        "words",
        description="how a model's answer is checked against its evidence; words: numbers, names and words of each "
        "sentence are looked up in it; model: the model scores each sentence as well, one request each",
    )
    grounding: Literal["words", "model", "both"] = Field(
        "words",
        description="how the boxes of a model's claims are found; words: by those of the claim; model: the model is "
        "shown the page and names them, one request or two a claim; both: it is asked where words fit nothing, or a "
        "figure is cited",
    )
    pointing: Literal["auto", "marks", "boxes"] = Field(
        "auto",
        description="how the model names places: by numbered marks on the page, or by boxes in thousandths of its "
        "sides; auto: boxes where its card says that it was trained on them",
    )

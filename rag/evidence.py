"""Evidence, citations and answers, and the events in which an answer is streamed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from octavo.ingest import Box, Kind, Region
from octavo.rag.entry import EntryId, Level


@dataclass(frozen=True, slots=True)
class PageRef:
    """A page of a document; `page` is 0-based.

    >>> PageRef("d", "report.pdf", 6).page_number
    7
    """

    document: str
    name: str
    page: int

    @property
    def page_number(self) -> int:
        """The number of the page that people say, from 1."""
        return self.page + 1


@dataclass(frozen=True, slots=True)
class Evidence:
    """An entry that was retrieved for a question, with its relevancy score.

    `score` is the probability, in [0, 1], that the entry holds what the question asks for. `name` and `title` are
    those of its document. `regions` are boxes in PDF points. An entry that a step of a model opened has the score of
    the entry that it was opened from; `notes` is what a model noted of its picture before it answers. `copies` are the
    pages on which the same stands again.

    >>> best = pipeline.search("capital expenditure in 2018", k=1)[0]
    >>> best.name, best.page, best.text
    ('note.txt', 0, 'Capital expenditure in 2018 was 1,577 million dollars.')
    """

    id: EntryId
    level: Level
    document: str
    name: str
    title: str
    page: int
    heading: str
    text: str
    regions: tuple[Region, ...]
    score: float
    kind: Kind | None = None
    notes: str = ""
    copies: tuple[PageRef, ...] = ()

    @property
    def page_number(self) -> int:
        """The number of its first page that people say, from 1."""
        return self.page + 1


@dataclass(frozen=True, slots=True)
class Citation:
    """A place that a claim rests on: `[number]` in the answer's text.

    `page` is 0-based, `boxes` are in PDF points on that page, `quote` is what stands there, `evidence` the entry's id.
    What is said in a slide's speaker notes has no boxes, and `part` says "speaker notes"; that of a concept of the
    user's own, which has no page either, says "concept". Of a video `part` says when: "frame at 0:01:05–0:02:10" of
    what it shows, "speech at 0:01:12" of what is said.

    >>> citation = pipeline.ask("What was capital expenditure in 2018?").citations[0]
    >>> citation.number, citation.page_number, citation.quote
    (1, 1, 'Capital expenditure in 2018 was 1,577 million dollars.')
    """

    number: int
    document: str
    name: str
    page: int
    boxes: tuple[Box, ...]
    quote: str
    evidence: EntryId
    part: str = ""

    @property
    def page_number(self) -> int:
        """The number of the page that people say, from 1."""
        return self.page + 1

    @property
    def box(self) -> Box:
        """The smallest box around all boxes, an empty one where there is none."""
        return Box.around(self.boxes) if self.boxes else Box(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A number or name in an answer's text, from `start` to `end`, that the text of its evidence does not support.

    `reason` says how the evidence differs, such as `stands under 2017, not 2018`; empty where it stands nowhere.
    """

    start: int
    end: int
    text: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A sentence or a list item of an answer, from `start` to `end` in its text, and how far its evidence supports it.

    `score` is RAG-Check's correctness score (arXiv 2501.03995) in [0, 1]: 1 where the evidence bears the span out. It
    is `None` for a span that states no fact (`is_objective` is false) and for one that a model gave no verdict on;
    then `reason` says why.
    """

    start: int
    end: int
    is_objective: bool
    score: float | None
    reason: str = ""

    @property
    def is_unsupported(self) -> bool:
        """True where the score is under one half.

        >>> Span(0, 9, True, 0.2).is_unsupported, Span(0, 9, False, None).is_unsupported
        (True, False)
        """
        return self.score is not None and self.score < 0.5


_ACTIONS = {
    "judge": "Judged the evidence",
    "search": "Searched again",
    "open": "Opened a page",
    "zoom": "Looked closer",
    "table": "Read tables",
    "note": "Noted a picture",
}


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a model before its answer; as a stream event, one step as soon as it is over.

    `kind` is `judge` (does the evidence suffice?), `search` (again, in other words), `open` (a page), `zoom` (into a
    region), `table` (its cells), or `note` (what a picture says). `query` are the words that were searched for, what is
    missing, or the note. `pages` are those that the step added to the evidence. `problem` is why it failed, in one
    sentence, else empty.

    >>> Step("open", "", (PageRef("d", "report.pdf", 6),), seconds=0.4).action
    'Opened a page'
    """

    kind: Literal["judge", "search", "open", "zoom", "table", "note"]
    query: str
    pages: tuple[PageRef, ...]
    seconds: float
    problem: str = ""

    @property
    def action(self) -> str:
        """The step in words for people."""
        return _ACTIONS[self.kind]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with its citations, or a reason for abstaining.

    `model` is the name of the model that wrote `text`, empty when the text is quoted from the evidence; then `plan` is
    the name of the plan that chose or computed it.
    `abstained` is true when the evidence does not hold an answer; then `text` says why. `candidates` are the best
    entries that were considered, whether or not they passed the threshold. `unsupported` are numbers and names of a
    model's answer that the text of its evidence does not hold, and `spans` are its sentences with the support of each;
    a quoted answer has neither. `steps` are those of the model before it answered.

    >>> answer = pipeline.ask("Who painted the ceiling of the chapel?")
    >>> answer.abstained, answer.citations, answer.model
    (True, (), '')
    """

    question: str
    text: str
    citations: tuple[Citation, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    candidates: tuple[Evidence, ...] = ()
    abstained: bool = False
    model: str = ""
    problems: tuple[str, ...] = ()
    unsupported: tuple[Unsupported, ...] = ()
    steps: tuple[Step, ...] = ()
    spans: tuple[Span, ...] = ()
    plan: str = ""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Stream event: what the answer will rest on, and what was looked at.

    It is always the first, and comes again where steps of a model changed the evidence.

    >>> event = next(pipeline.stream("What was capital expenditure in 2018?"))
    >>> isinstance(event, Retrieved), event.evidence[0].name
    (True, 'note.txt')
    """

    evidence: tuple[Evidence, ...]
    candidates: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Delta:
    """Stream event: the next piece of the answer's text; citations in it are already checked.

    `replaces` says that the text begins again with it: what came before was the model's thinking.

    >>> events = pipeline.stream("What was capital expenditure in 2018?")
    >>> "1,577" in "".join(event.text for event in events if isinstance(event, Delta))
    True
    """

    text: str
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """Stream event, always the last: the whole answer with its checked citations.

    >>> *_, last = pipeline.stream("What was capital expenditure in 2018?")
    >>> isinstance(last, Finished), last.answer.abstained
    (True, False)
    """

    answer: Answer


Event = Retrieved | Step | Delta | Finished

"""What an answer may rest on, and what an answer is."""

from __future__ import annotations

from dataclasses import dataclass

from octavo.ingest import Box, Kind, Region
from octavo.rag.entry import Level


@dataclass(frozen=True, slots=True)
class Evidence:
    """An entry that was retrieved for a question, with its relevancy score.

    `score` is the probability, in [0, 1], that the entry holds what the question asks for. `name` and `title` are
    those of its document. `regions` are boxes in PDF points.
    """

    id: str
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

    @property
    def page_number(self) -> int:
        """The number of its first page that people say, from 1."""
        return self.page + 1


@dataclass(frozen=True, slots=True)
class Citation:
    """A place that a claim rests on: `[number]` in the answer's text.

    `page` is 0-based, `boxes` are in PDF points on that page, `quote` is what stands there, `evidence` the entry's id.
    """

    number: int
    document: str
    name: str
    page: int
    boxes: tuple[Box, ...]
    quote: str
    evidence: str

    @property
    def page_number(self) -> int:
        """The number of the page that people say, from 1."""
        return self.page + 1

    @property
    def box(self) -> Box:
        """The smallest box around all boxes."""
        return Box.around(self.boxes)


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A number or name in an answer's text, from `start` to `end`, that stands nowhere in the text of its evidence."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with its citations, or a reason for abstaining.

    `model` is the name of the model that wrote `text`, empty when the text is quoted from the evidence.
    `abstained` is true when the evidence does not hold an answer; then `text` says why. `looked_at` are the best
    entries that were considered, whether or not they passed the threshold. `unsupported` are numbers and names of a
    model's answer that the text of its evidence does not hold.
    """

    question: str
    text: str
    citations: tuple[Citation, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    looked_at: tuple[Evidence, ...] = ()
    abstained: bool = False
    model: str = ""
    problems: tuple[str, ...] = ()
    unsupported: tuple[Unsupported, ...] = ()


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Stream event, always the first: what the answer will rest on, and what was looked at."""

    evidence: tuple[Evidence, ...]
    looked_at: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Delta:
    """Stream event: the next piece of the answer's text; citations in it are already checked.

    `replaces` says that the text begins anew with it: what came before was the model's thinking.
    """

    text: str
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """Stream event, always the last: the whole answer with its checked citations."""

    answer: Answer


Event = Retrieved | Delta | Finished

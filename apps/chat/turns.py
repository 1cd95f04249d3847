"""One question with its answer, as the conversation shows and keeps it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from pydantic import TypeAdapter

from octavo.ingest import Box
from octavo.rag import Answer


@dataclass(frozen=True, slots=True)
class RegionSelection:
    """A box that was drawn on a page, PDF points, and the words that stand in it."""

    document: str
    name: str
    page: int
    box: Box
    words: str = ""


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question as it was asked: words, pictures (ids), boxes on pages, and the documents it may look in.

    `anyway` answers from the best entries even where none reaches the threshold.
    """

    text: str
    pictures: tuple[str, ...] = ()
    regions: tuple[RegionSelection, ...] = ()
    documents: tuple[str, ...] | None = None
    anyway: bool = False


@dataclass(frozen=True, slots=True)
class TurnId:
    """The id of a turn: that of its conversation, and the turn's number there, from 0."""

    conversation: str
    number: int


@dataclass(frozen=True, slots=True)
class Turn:
    """A question with what became of it.

    `query` is what was searched for, `note` how it came about where a model should have written it, `threshold` the
    relevancy that evidence needed. `error`, one sentence, says why there is no `answer`. `stopped` means that its text
    may be incomplete, as the answer was broken off. One without text or error was broken off before its answer began.
    """

    asked: AskedQuestion
    query: str
    threshold: float = 0.0
    answer: Answer | None = None
    error: str = ""
    stopped: bool = False
    seconds: float = 0.0
    note: str = ""
    standalone: str | None = None
    """The question's words, such that they stand alone: `query` without the words of its pictures and boxes."""
    unread: int = 0
    """Files that were still being read when it was asked, so that no answer could rest on them."""

    @property
    def resolved_text(self) -> str:
        """The question that a follow-up refers to."""
        return self.query if self.standalone is None else self.standalone

    @property
    def is_answered(self) -> bool:
        """Returns whether something became of the question, be it an error."""
        return bool(self.error or (self.answer and self.answer.text))


_TURN: TypeAdapter[Turn] = TypeAdapter(Turn)


def dump(turn: Turn) -> str:
    """Returns a turn as JSON."""
    return _TURN.dump_json(turn).decode()


def load(text: str) -> Turn:
    """Returns the turn of `dump`."""
    data = json.loads(text)
    asked, answer = data["asked"], data.get("answer") or {}
    if "spot" in asked:  # a single region in 0.1
        asked["regions"] = [asked["spot"]] if asked["spot"] else []
        del asked["spot"]
    if "looked_at" in answer:  # its name in 0.1
        answer["candidates"] = answer.pop("looked_at")
    return _TURN.validate_json(json.dumps(data))

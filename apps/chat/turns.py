"""One question with its answer, as the conversation shows and keeps it."""

from __future__ import annotations

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
    """A question as it was asked: words, pictures (ids), a box on a page, and the documents it may look in.

    `anyway` answers from the best entries even where none reaches the threshold.
    """

    text: str
    pictures: tuple[str, ...] = ()
    spot: RegionSelection | None = None
    documents: tuple[str, ...] | None = None
    anyway: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """A question with what became of it.

    `query` is what was searched for, `note` how it came about where a model should have written it, `threshold` the
    relevancy that evidence needed. `answer` is there unless `error`, one sentence, says why not. `stopped` means that
    the reader broke it off, so that its text may be incomplete.
    """

    asked: AskedQuestion
    query: str
    threshold: float = 0.0
    answer: Answer | None = None
    error: str = ""
    stopped: bool = False
    seconds: float = 0.0
    note: str = ""


_TURN: TypeAdapter[Turn] = TypeAdapter(Turn)


def dump(turn: Turn) -> str:
    """A turn as JSON."""
    return _TURN.dump_json(turn).decode()


def load(text: str) -> Turn:
    """The turn of `dump`."""
    return _TURN.validate_json(text)

"""Users' verdicts on the chat's answers, stored as feedback on the collection that was asked."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from octavo.apps.chat.store.history import History
from octavo.apps.chat.turns import Turn, TurnId
from octavo.apps.feedback import FeedbackRecords
from octavo.ingest import OctavoError
from octavo.rag.entry import CONCEPT

COLLECTION = "default"
"""The service's collection that the chat asks; the library of a chat without a service counts as it."""


@dataclass(frozen=True, slots=True)
class UserVerdict:
    """A verdict on an answer: `rating` is up or down, `expected` the right answer.

    `wrong_box` says that a citation marks a wrong place. `page`, from 1, of `document` is where the right answer
    stands; `document` is empty where the user did not say.
    """

    rating: str
    comment: str = ""
    expected: str = ""
    wrong_box: bool = False
    document: str = ""
    page: int = 0


class Verdicts:
    """The verdicts on the chat's answers, one for each."""

    def __init__(self, records: FeedbackRecords) -> None:
        self._records = records

    def of(self, at: TurnId) -> UserVerdict | None:
        """Returns the verdict on a turn, as it was given."""
        record = self._records.get(_identity(at))
        return UserVerdict(**record["given"]) if record else None

    def give(self, user: str, at: TurnId, turn: Turn, verdict: UserVerdict | None) -> None:
        """Keeps a verdict in place of the one before; `None` takes that back.

        Raises `OctavoError` where the turn has no answer.
        """
        if verdict is None:
            self._records.forget(_identity(at))
            return
        if turn.answer is None:
            raise OctavoError("There is no answer to rate yet.")
        self._records.keep(COLLECTION, user, _content(turn, verdict), _identity(at))

    def forget(self, conversation: str) -> None:
        """Deletes the verdicts on the answers of a conversation, which hold its questions and answers."""
        self._records.forget_all(f"chat-{conversation}-")


def forget_user(user: str, library: Path, documents_uri: str, feedback: FeedbackRecords) -> None:
    """Deletes the conversations that a user had in the chat of a library, with the `feedback` on their answers.

    So nobody who gets the name later reads them.
    """
    if not documents_uri and not (library / "chat.sqlite").exists():
        return
    with closing(History(library, documents_uri)) as history:
        for conversation in history.delete_all(user):
            Verdicts(feedback).forget(conversation)


def feedback_of(library: Path, documents_uri: str = "") -> list[dict[str, Any]]:
    """Returns the verdicts that the chat of a library keeps itself, the oldest first."""
    if not documents_uri and not (library / "chat.sqlite").exists():
        return []
    with closing(History(library, documents_uri)) as history:
        return history.feedback.of(COLLECTION)


def _identity(at: TurnId) -> str:
    return f"chat-{at.conversation}-{at.number}"


def _content(turn: Turn, verdict: UserVerdict) -> dict[str, Any]:
    """Returns a verdict in the service's fields; a good answer's evidence is the pages that it cites first."""
    answer = turn.answer
    document, pages = verdict.document, [verdict.page] if verdict.document else []
    cited = [c for c in answer.citations if not c.document.startswith(CONCEPT)] if answer else []
    if cited and not document and verdict.rating == "up" and not verdict.wrong_box:
        document = cited[0].document
        pages = sorted({citation.page + 1 for citation in cited if citation.document == document})
    return {
        "question": turn.standalone or turn.asked.text,
        "answer": "" if answer is None or answer.abstained else answer.text,
        "rating": verdict.rating,
        "expected": verdict.expected,
        "comment": verdict.comment,
        "wrong_box": verdict.wrong_box,
        "document": document,
        "pages": pages,
        "given": asdict(verdict),
    }

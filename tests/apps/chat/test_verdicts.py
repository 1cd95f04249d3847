"""What users think of answers, from the page to the data set."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from octavo.apps.chat.service import ChatService
from octavo.apps.chat.store.history import new_conversation
from octavo.apps.chat.turns import Turn, TurnId
from octavo.apps.chat.verdicts import UserVerdict, feedback_of
from octavo.apps.feedback import FEEDBACK, FeedbackRecords
from octavo.eval.datasets import load
from octavo.ingest import OctavoError
from octavo.ingest.store.database import Database
from tests.apps.cli.command import octavo

pytest.importorskip("gradio", reason='the chat is not installed: pip install "octavo[chat]"')
import gradio as gr

from octavo.apps.chat.handlers import Handlers

QUESTION = "What was capital expenditure in 2018?"


def event(at: TurnId, **data: object) -> gr.EventData:
    return gr.EventData(None, {"conversation": at.conversation, "turn": at.number, **data})


def test_a_thumb_is_kept_shown_and_taken_back(service: ChatService, ask: Callable[..., Turn]) -> None:
    do, at = Handlers(service, Path("received")), TurnId(new_conversation(), 0)
    turn = ask(QUESTION, at.conversation)
    assert turn.answer is not None
    cited = turn.answer.citations[0]
    assert 'data-rating="up" aria-pressed="false"' in do.components.past("", at.conversation, 1)
    do.questions.rate(event(at, open="rate", rating="up"), gr.Request())
    [kept] = feedback_of(service.pipeline.library.folder)
    assert (kept["rating"], kept["question"], kept["answer"]) == ("up", QUESTION, turn.answer.text)
    assert (kept["document"], kept["pages"]) == (cited.document, [cited.page + 1])
    assert 'data-rating="up" aria-pressed="true"' in do.components.past("", at.conversation, 1)
    more = {"comment": "<b>No</b>", "expected": "1,577", "wrong_box": "true", "document": cited.document, "page": "2"}
    do.questions.rate(event(at, open="remark", rating="down", **more), gr.Request())
    [kept] = feedback_of(service.pipeline.library.folder)
    assert (kept["rating"], kept["wrong_box"], kept["pages"]) == ("down", True, [2])
    shown = do.components.past("", at.conversation, 1)
    assert "&lt;b&gt;No&lt;/b&gt;" in shown
    assert 'value="true" checked' in shown
    do.questions.rate(event(at, open="rate", rating=""), gr.Request())
    assert feedback_of(service.pipeline.library.folder) == []


def test_only_own_answers_can_be_rated(service: ChatService, ask: Callable[..., Turn]) -> None:
    do, at = Handlers(service, Path("received")), TurnId(new_conversation(), 0)
    ask(QUESTION, at.conversation)
    with pytest.raises(gr.Error, match="not there any more"):
        do.questions.rate(event(at, open="rate", rating="up"), gr.Request(username="ben"))
    with pytest.raises(gr.Error, match="cannot be understood"):
        do.questions.rate(event(at, open="rate", rating="great"), gr.Request())
    with pytest.raises(OctavoError, match="no answer to rate"):
        service.verdicts.give("", at, Turn(service.turn("", at).asked, ""), UserVerdict("up"))


def test_in_the_service_verdicts_are_kept_with_its_feedback(service: ChatService, tmp_path: Path) -> None:
    from octavo.apps.chat.verdicts import COLLECTION, Verdicts
    from tests.apps.chat.turns import AT, TURN

    database = Database(tmp_path / "kept.sqlite")
    database.migrate("feedback", (FEEDBACK,))
    records = FeedbackRecords(database)
    Verdicts(records).give("ann", AT, TURN, UserVerdict("up", wrong_box=True))
    [kept] = records.of(COLLECTION)
    assert (kept["user"], kept["document"], kept["pages"]) == ("ann", "", [])
    assert Verdicts(records).of(AT) == UserVerdict("up", wrong_box=True)


def test_stored_verdicts_become_a_data_set(service: ChatService, ask: Callable[..., Turn], tmp_path: Path) -> None:
    at, library = TurnId(new_conversation(), 0), service.pipeline.library.folder
    ask(QUESTION, at.conversation)
    service.rate("", at, UserVerdict("up"))
    service.close()
    done = octavo("feedback", tmp_path / "set", "--library", library)
    assert done.stdout == f"wrote 1 questions and 1 graded answers to {tmp_path / 'set'}\n"
    assert not (library / "service.sqlite").exists(), "a library that no service served is only read"
    [question] = load(tmp_path / "set").questions
    assert (question.question, question.doc.endswith("report.pdf")) == (QUESTION, True)


def test_a_conversation_takes_its_feedback_along(service: ChatService, ask: Callable[..., Turn]) -> None:
    library, conversations = service.pipeline.library.folder, (new_conversation(), new_conversation())
    for conversation in conversations:
        ask(QUESTION, conversation)
        service.rate("", TurnId(conversation, 0), UserVerdict("up"))
    service.delete("", conversations[0])
    assert [kept["id"] for kept in feedback_of(library)] == [f"chat-{conversations[1]}-0"]

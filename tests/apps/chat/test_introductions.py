"""A document's summary and questions, made in the background, and the questions that follow an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from octavo.apps.chat import introductions
from octavo.apps.chat.components import Components
from octavo.apps.chat.introductions import FOLLOW_UPS, SENTENCES, Introduction, introduce
from octavo.apps.chat.service import ChatService
from octavo.apps.chat.store.history import new_conversation
from octavo.apps.chat.suggestions import SuggestedQuestion
from octavo.apps.chat.turns import Turn, TurnId
from octavo.apps.samples import copy_sample
from octavo.apps.turns import SearchPlaces
from octavo.rag import Answer


def test_a_document_is_summed_up_by_its_own_sentences_and_asked_what_it_answers(
    service: ChatService, tmp_path: Path
) -> None:
    [read] = service.pipeline.ingest(copy_sample("report.pdf", tmp_path))
    introduction = introduce(service.pipeline, SearchPlaces(), read.document)
    first, *_ = introduction.summary
    assert (first.text, first.page) == ("2018 was the first full year with two domes.", 1)
    assert len(introduction.summary) == SENTENCES
    [line] = [
        line
        for element in service.pipeline.library.page(read.document, 1).elements
        for line in element.lines
        if line.text.startswith(first.text)
    ]
    assert first.box == line.box
    assert introduction.first_questions[0] == "What was operating result in 2018?"
    assert len(introduction.first_questions) == 3


def test_questions_that_follow_are_of_near_pages_and_not_asked_yet() -> None:
    questions = tuple(SuggestedQuestion(f"Page {page}?", page) for page in (0, 5, 2, 9))
    introduction = Introduction(questions=questions)
    assert introduction.follow_ups(4, {"Page 5?"}) == ["Page 2?", "Page 0?"]
    assert introduction.follow_ups(4, {question.text for question in questions}) == []


def test_an_answer_is_followed_by_questions_when_its_document_is_introduced(
    service: ChatService, ask: Callable[..., Turn]
) -> None:
    turn, at = ask("What was capital expenditure in 2018?"), TurnId("any", 0)
    assert service.follow_ups("", at, turn) == []
    assert turn.answer is not None
    service.introductions.begin(service.pipeline.library.info(turn.answer.citations[0].document)).result()
    follow_ups = service.follow_ups("", at, turn)
    assert 0 < len(follow_ups) <= FOLLOW_UPS
    assert turn.asked.text not in follow_ups
    assert service.follow_ups("", at, replace(turn, answer=Answer("", "", abstained=True))) == []


def test_a_document_that_is_gone_has_an_empty_introduction(service: ChatService) -> None:
    info = service.pipeline.documents()[0]
    service.pipeline.remove(info.id)
    assert service.introductions.begin(info).result() == Introduction()


def test_only_the_last_turn_that_is_shown_is_followed_by_questions(
    service: ChatService, ask: Callable[..., Turn], monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation, numbers = new_conversation(), list[int]()
    for _ in range(3):
        ask("What was capital expenditure in 2018?", conversation)
    monkeypatch.setattr(service, "follow_ups", lambda user, at, turn: numbers.append(at.number) or ["And in 2017?"])
    past = Components(service).past("", conversation, 3)
    assert (numbers, past.count("And in 2017?</button>")) == ([2], 1)


def test_an_introduction_that_fails_is_empty_and_told_once(
    service: ChatService, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(introductions, "introduce", fail)
    info = service.pipeline.documents()[0]
    service.introductions.begin(info).result()
    assert [service.introductions.get(info) for _ in range(2)] == [Introduction()] * 2
    assert [record.message for record in caplog.records] == [f"Introducing document {info.id} failed"]

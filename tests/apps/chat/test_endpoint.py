"""The chat model is asked for few words in little time."""

from __future__ import annotations

import pytest

from octavo.apps.chat.endpoint import say
from octavo.rag import Settings
from octavo.rag.answering import AnswerError
from octavo.rag.answering.endpoint import ChatClients
from octavo.rag.clients.messages import Message
from tests.rag.model_server import Reply, closed_port, serving


def test_a_few_words_are_said_within_their_bounds() -> None:
    with serving(Reply(["Which ", "year?"])) as model:
        said = say(ChatClients(), Settings(llm_url=model.url), [Message("user", ("Reword this.",))], 50, 5.0)
        assert said == "Which year?"
        assert model.requests[0]["max_tokens"] == 50


def test_a_model_that_is_slow_or_refuses_or_is_gone_is_told_in_a_sentence() -> None:
    asked = [Message("user", ("Reword this.",))]
    with serving(Reply(["late"], silence=1.0), Reply(status=400, message="no")) as model:
        settings = Settings(llm_url=model.url)
        with pytest.raises(AnswerError, match=r"within 0\.3 seconds"):
            say(ChatClients(), settings, asked, 50, 0.3)
        with pytest.raises(AnswerError, match="refuses the request"):
            say(ChatClients(), settings, asked, 50, 5.0)
    with pytest.raises(AnswerError, match="cannot be reached"):
        say(ChatClients(), Settings(llm_url=f"http://127.0.0.1:{closed_port()}/v1"), asked, 50, 5.0)


def test_a_model_that_goes_on_and_on_is_broken_off() -> None:
    pieces = ["more "] * 100_000
    with serving(Reply(pieces)) as model, pytest.raises(AnswerError, match=r"longer than 0\.2 seconds"):
        say(ChatClients(), Settings(llm_url=model.url), [Message("user", ("Reword this.",))], 100_000, 0.2)


def test_error_messages_have_a_bounded_length() -> None:
    with serving(Reply(["more "] * 1_000)) as model:
        said = say(ChatClients(), Settings(llm_url=model.url), [Message("user", ("Reword this.",))], 50, 20.0)
    assert 500 < len(said) <= 600

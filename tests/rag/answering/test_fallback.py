"""Where the model fails, the evidence is quoted, with a note."""

from __future__ import annotations

import pytest

from octavo.ingest import Kind
from octavo.rag import Delta, Settings
from octavo.rag.answering import AnswerError, make_answerer
from octavo.rag.answering.quote import NOTICE
from tests.rag.model_server import MemoryPages, Reply, closed_port, finished, serving

PAGES = MemoryPages([(Kind.TEXT, ["Capital expenditure in 2018 was 1,577 million crowns."])])
EVIDENCE = [PAGES.on_page(0)]
QUESTION = "What was capital expenditure in 2018?"


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply(status=404, message="no"), "serves tiny, but not for this kind of request"),
        (Reply(["<think>5?"], finish="length"), "wrote no text"),
        (Reply(raw=b"<html>login</html>"), "a web page"),
    ],
)
def test_quotes_stand_in_for_a_model_that_fails_until_it_answers_again(reply: Reply, why: str) -> None:
    with serving(reply, Reply(["It was 1,577 million [1]."])) as server:
        writer = make_answerer(Settings(llm_url=server.url), PAGES)
        shown, quoted = finished(writer.stream(QUESTION, EVIDENCE))
        assert shown == quoted.text
        assert quoted.text.startswith("“Capital expenditure in 2018 was 1,577 million crowns.” [1]")
        assert quoted.text.endswith(NOTICE)
        assert (quoted.model, writer.model, len(quoted.citations)) == ("", "", 1)
        assert quoted.problems[0].startswith("The model did not answer, so the evidence is quoted. ")
        assert why in quoted.problems[0]
        _, answer = finished(writer.stream(QUESTION, EVIDENCE))
        assert (answer.text, answer.model, writer.model) == ("It was 1,577 million [1].", "tiny", "tiny")


def test_a_server_that_is_not_there_is_noted() -> None:
    writer = make_answerer(Settings(llm_url=f"http://127.0.0.1:{closed_port()}/v1"), PAGES)
    _, quoted = finished(writer.stream(QUESTION, EVIDENCE))
    assert quoted.text.endswith(NOTICE)
    assert "cannot be reached" in quoted.problems[0]


def test_it_can_be_turned_off() -> None:
    with serving(Reply(status=400, message="no")) as server:
        writer = make_answerer(Settings(llm_url=server.url, llm_fallback=False), PAGES)
        with pytest.raises(AnswerError, match="refuses the request"):
            list(writer.stream(QUESTION, EVIDENCE))


def test_thoughts_that_were_shown_are_replaced() -> None:
    with serving(Reply(["Capital expenditure is in evidence 1.", "</think>", "It was 1,577 million [1]."])) as server:
        events = list(make_answerer(Settings(llm_url=server.url), PAGES).stream(QUESTION, EVIDENCE))
        again = list(make_answerer(Settings(llm_url=server.url), PAGES).stream(QUESTION, EVIDENCE))
    deltas = [event for event in events if isinstance(event, Delta)]
    assert [delta.replaces for delta in deltas].count(True) == 1
    restart = next(n for n, delta in enumerate(deltas) if delta.replaces)
    assert "".join(delta.text for delta in deltas[restart:]) == "It was 1,577 million [1]."
    assert finished(again)[1].text == "It was 1,577 million [1]."

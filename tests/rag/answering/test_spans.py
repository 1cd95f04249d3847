"""The support of an answer's sentences by its evidence: by words, and by a model behind a real HTTP server."""

from __future__ import annotations

import json

import pytest

from octavo.ingest import Kind
from octavo.rag import Answer, Settings
from octavo.rag.answering import make_answerer
from octavo.rag.settings import AnsweringOptions
from tests.rag.model_server import MemoryPages, Reply, finished, serving

PAGES = MemoryPages(
    [(Kind.TEXT, ["The ferry to Norholm carries 240 passengers and sails at 7:45."])],
    [(Kind.TEXT, ["Bicycles travel free of charge on weekdays."])],
)
EVIDENCE = [PAGES.on_page(0), PAGES.on_page(1)]


def ask(*replies: Reply, check: str = "words", **by_text: Reply) -> Answer:
    """The answer of a model that replies by a script, to a span that holds a key of `by_text` by its verdict."""
    verdicts = {f"<span>\\n{text.replace('_', ' ')}": reply for text, reply in by_text.items()}
    with serving(*replies, by_text=verdicts) as server:
        options = AnsweringOptions.model_validate({"check": check, "steps": 0, "notes": "never"})
        settings = Settings(llm_url=server.url, llm_fallback=False, answering=options)
        return finished(make_answerer(settings, PAGES).stream("What about the ferry?", EVIDENCE))[1]


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("The ferry carries 240 passengers [1].", 1.0),
        ("The ferry carries 250 passengers [1].", 0.0),
        ("The ferry carries 240 passengers and 12 lorries [1].", 0.5),
        ("Bicycles travel free of charge [2].", 1.0),
        ("Bicycles travel free of charge [1].", 0.0),
        ("Bicycles travel free of charge.", 1.0),
        ("Dogs travel free [2].", 2 / 3),
    ],
)
def test_the_score_by_words_is_the_smaller_share_of_words_and_of_facts(text: str, score: float) -> None:
    (span,) = ask(Reply([text])).spans
    assert (span.start, span.end) == (0, len(text))
    assert span.score == pytest.approx(score)


def test_headings_and_formulas_alone_are_no_sentences() -> None:
    text = "## Its route\n\nThe ferry carries 240 passengers [1].\n\n$$p = \\frac{240}{2}$$\n"
    [span] = ask(Reply([text])).spans
    assert text[span.start : span.end] == "The ferry carries 240 passengers [1]."


@pytest.mark.parametrize("text", ["I think this is good news.", "Das ist, ich glaube, schön.", "Lo siento mucho."])
def test_a_sentence_of_opinion_states_no_fact_and_has_no_score(text: str) -> None:
    answer = ask(Reply([f"The ferry sails at 7:45 [1]. {text}"]))
    assert [(span.is_objective, span.score) for span in answer.spans] == [(True, 1.0), (False, None)]


def test_list_items_are_spans_that_begin_after_their_marks() -> None:
    answer = ask(Reply(["Of the ferry:\n- It carries 240 passengers [1]\n2. Bicycles travel free [2]"]))
    pieces = [answer.text[span.start : span.end] for span in answer.spans]
    assert pieces == ["Of the ferry:", "It carries 240 passengers [1]", "Bicycles travel free [2]"]


def verdict(score: float, *, objective: bool = True) -> Reply:
    return Reply([json.dumps({"reason": "as it says", "objective": objective, "score": score})])


def test_a_model_scores_each_sentence() -> None:
    text = "The ferry carries 240 passengers [1]. Bicycles pay double [2]. How nice!"
    answer = ask(
        Reply([text]),
        check="model",
        The_ferry=verdict(0.9),
        Bicycles=verdict(0.1),
        How_nice=verdict(0, objective=False),
    )
    assert [(span.is_objective, span.score) for span in answer.spans] == [(True, 0.9), (True, 0.1), (False, None)]
    assert [span.is_unsupported for span in answer.spans] == [False, True, False]
    assert answer.problems == ()


def test_a_model_is_shown_only_what_a_sentence_cites() -> None:
    with serving(Reply(["Bicycles travel free [2]."]), by_text={"<span>": verdict(1)}) as server:
        settings = Settings(llm_url=server.url, answering=AnsweringOptions(check="model", steps=0, notes="never"))
        finished(make_answerer(settings, PAGES).stream("What about the ferry?", EVIDENCE))
    assert "weekdays" in server.prompt(1)
    assert "240 passengers" in server.prompt(0)
    assert "240 passengers" not in server.prompt(1)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(["Yes, quite."]), "tiny gave no verdict that can be read"),
        (verdict(7), "tiny gave no verdict that can be read"),
        (Reply(status=400, message="no such form"), "no such form"),
    ],
)
def test_a_sentence_without_a_verdict_has_no_score_and_the_reader_is_told(reply: Reply, reason: str) -> None:
    answer = ask(Reply(["The ferry sails [1]."]), check="model", The_ferry=reply)
    assert [(span.is_objective, span.score) for span in answer.spans] == [(True, None)]
    assert reason in answer.spans[0].reason
    assert answer.problems[0].startswith("1 of 1 sentences of the answer were not checked (")


def test_sentences_after_the_first_twenty_are_not_scored_by_a_model() -> None:
    text = " ".join(f"The ferry {word} [1]." for word in ["sails", "waits", "lands", "turns", "rests"] * 5)
    answer = ask(Reply([text]), check="model", The_ferry=verdict(1))
    assert [span.score for span in answer.spans] == [1.0] * 20 + [None] * 5
    assert answer.problems == ("Only the first 20 of 25 sentences of the answer were checked.",)


def test_no_span_is_checked_when_the_check_is_off() -> None:
    assert ask(Reply(["The ferry carries 250 passengers [1]."]), check="off").spans == ()

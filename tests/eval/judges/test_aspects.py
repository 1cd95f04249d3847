"""Six aspects, RAG-Check, CrossCheckGPT and the probes of bias, over a server that judges by a rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from octavo.eval.judges import (
    AnsweredQuestion,
    Aspect,
    Grade,
    JudgeModel,
    Raw,
    check,
    explicit,
    implicit,
    judge_aspects,
    position,
    verbosity,
)
from octavo.eval.judges.labels import Label
from octavo.eval.judges.probes import FILLER, pairs
from octavo.eval.judges.ragcheck import spans
from tests.eval.judges.faulty import Judge, graded, says, serving
from tests.eval.judges.test_model import options

Request = dict[str, Any]


@contextmanager
def asking(reply: Callable[[Request], dict[str, Any]], **given: Any) -> Iterator[tuple[Judge, JudgeModel]]:
    with serving(reply=reply, **given) as server, JudgeModel(options(server.url, tries=2)) as judge:
        yield server, judge


def between(tag: str, request: Request) -> str:
    found = re.search(rf"<{tag}>\n(.*?)\n</{tag}>", says(request), re.S)
    assert found, tag
    return found[1]


def test_each_aspect_is_a_call_of_its_own_with_what_it_needs() -> None:
    def reply(request: Request) -> dict[str, Any]:
        return {"reason": "seen", "grade": "NO" if "<gold_answer>" in says(request) else "YES"}

    with asking(reply) as (server, judge):
        whole = AnsweredQuestion("How many?", "8", "7", ("Seven domes.",), (b"\xff\xd8\xff one", b"\xff\xd8\xff two"))
        found = judge_aspects(judge, whole)
        assert [j.aspect for j in found] == list(Aspect)
        assert [j.holds for j in found] == [False, True, True, True, True, True]
        assert {j.reason for j in found} == {"seen"}
        assert len(server.requests) == 6
        pictures = [sum("image_url" in str(m["content"]) for m in r["messages"]) for r in server.requests]
        assert pictures == [0, 0, 0, 1, 0, 1]
        assert "<answer>" not in says(server.requests[4])
        bare = judge_aspects(judge, AnsweredQuestion("How many?", "8"))
        assert [j.aspect for j in bare] == [Aspect.ANSWER_RELEVANCY]


def test_an_aspect_without_a_verdict_says_why() -> None:
    with asking(lambda _: {}, failing=1.0, faults=("500",)) as (_, judge):
        (found,) = judge_aspects(judge, AnsweredQuestion("How many?", "8"), [Aspect.ANSWER_RELEVANCY])
    assert found.holds is None
    assert "out of memory" in found.reason


def test_relevance_of_entries_and_support_of_objective_spans() -> None:
    def reply(request: Request) -> dict[str, Any]:
        evidence = between("evidence", request)
        if "<question>" in says(request):
            return {"reason": "x", "score": 0.9 if "domes" in evidence else 0.1}
        span = between("span", request)
        return {"reason": "x", "objective": "hope" not in span, "score": 1.0 if span.rstrip(".") in evidence else 0.0}

    with asking(reply) as (_, judge):
        evidence = [Raw("It has seven domes."), Raw("Herons nest.", b"\xff\xd8\xff picture")]
        found = check(judge, "How many domes?", "It has seven domes [1]. It is old [2]. I hope that helps!", evidence)
    assert found.relevance == (0.9, 0.1)
    assert [(s.text, s.objective, s.score) for s in found.spans] == [
        ("It has seven domes.", True, 1.0),
        ("It is old.", True, 0.0),
        ("I hope that helps!", False, None),
    ]
    assert found.correctness == 0.5


def test_spans_are_sentences_and_lines() -> None:
    assert spans("Sales:\n- U.S. 3.0 %, see [1]\n- Abroad 5 %. Good!") == [
        "Sales:",
        "U.S. 3.0 %, see",
        "Abroad 5 %.",
        "Good!",
    ]
    assert spans("[1]") == []


def test_crosscheck_explicit_weighs_what_other_models_write() -> None:
    def other(request: Request) -> dict[str, Any]:
        return {"answer": "It has seven domes."}

    def says_so(request: Request) -> dict[str, Any]:
        return {"verdict": "yes" if between("sentence", request) in between("context", request) else "no"}

    with asking(says_so) as (_, judge), asking(other) as (_, one), asking(lambda _: {"answer": "Unknown."}) as (_, two):
        found = explicit(judge, [one, two], ("seen",), "How many?", "It has seven domes. It is red.", weights=[3, 1])
    assert [s.score for s in found.sentences] == [0.25, 1.0]
    assert found.score == 0.625


def test_crosscheck_implicit_is_the_share_of_no() -> None:
    with (
        asking(lambda _: {"verdict": "no"}) as (_, one),
        asking(lambda _: {"verdict": "unsure"}) as (server, two),
        asking(lambda _: {}, failing=1.0, faults=("500",)) as (_, broken),
    ):
        found = implicit([one, two, broken], ("<evidence>seen</evidence>",), "It is red.", samples=2)
    assert [s.score for s in found.sentences] == [0.75]
    assert "seen" in says(server.requests[0])


def label(n: int, answer: str, given: Grade) -> Label:
    return Label(str(n), "How many?", "7", answer, given)


def test_a_judge_that_prefers_the_first_place_is_found_out() -> None:
    compared = pairs([label(1, "7", Grade.CORRECT), label(2, "8", Grade.INCORRECT)], 5)
    assert len(compared) == 1
    with asking(lambda _: {"reason": "x", "nearer": "first"}) as (_, judge):
        found = position(judge, compared)
    assert (found.consistent, found.first, found.second, found.pairs) == (0, 1, 0, 1)

    def fair(request: Request) -> dict[str, Any]:
        return {"reason": "x", "nearer": "first" if between("first", request) == "7" else "second"}

    with asking(fair) as (_, judge):
        assert position(judge, compared).consistent == 1


def test_a_judge_that_likes_length_is_found_out() -> None:
    def likes_length(request: Request) -> dict[str, Any]:
        return {"reason": "x", "grade": "correct" if FILLER[:30] in says(request) else graded(request)["grade"]}

    with asking(likes_length) as (_, judge):
        found = verbosity(judge, [label(1, "7", Grade.CORRECT), label(2, "8", Grade.INCORRECT)])
    assert (found.to_correct, found.from_correct, found.answers) == (0.5, 0, 2)

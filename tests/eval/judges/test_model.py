"""A model as a judge, over HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import pytest
from pydantic import BaseModel

from octavo.eval.concurrent import map_concurrent
from octavo.eval.judges import Grade, JudgeError, JudgeModel, JudgeOptions, ReplyCache, Task, grade
from octavo.ingest import OctavoError
from octavo.rag.answering import AnswerError
from tests.eval.judges.faulty import FAULTS, says, serving
from tests.rag.model_server import closed_port


def options(url: str, **given: Any) -> JudgeOptions:
    return JudgeOptions(**({"url": url, "wait": 0.01, "timeout": 0.5} | given))


class Answered(BaseModel):
    reason: str
    verdict: Literal["yes", "no"]


TASK = Task("Is it so?", ("The sky is blue.",), Answered)


def test_a_verdict_is_asked_for_once_and_then_cached(tmp_path: Path) -> None:
    with serving() as server:
        for expected in (False, True):
            with JudgeModel(options(server.url), ReplyCache(tmp_path / "c.sqlite")) as judge:
                found = grade(judge, "How many?", "7", "It is 7.")
                assert (found.verdict.grade, found.verdict.reason) == (Grade.CORRECT, "the same")
                assert (found.cached, found.prompt_tokens, found.completion_tokens) == (expected, 100, 10)
                assert grade(judge, "How many?", "7", "It is 8.").verdict.grade is Grade.INCORRECT
    assert len(server.requests) == 2
    assert server.requests[0]["response_format"]["json_schema"]["schema"]["additionalProperties"] is False
    assert server.requests[0]["temperature"] == 0


def test_a_different_task_model_or_sample_is_asked_anew() -> None:
    keys = {
        TASK.key("a", 9),
        TASK.key("b", 9),
        TASK.key("a", 8),
        Task("Is it so?", ("The sky is blue.",), Answered, 1).key("a", 9),
        Task("Is it so?", (b"The sky is blue.",), Answered).key("a", 9),
        Task("Is it so?", ("The sky ", "is blue."), Answered).key("a", 9),
        Task("Is that so?", ("The sky is blue.",), Answered).key("a", 9),
    }
    assert len(keys) == 7


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_tried_again(fault: str) -> None:
    with serving(failing=0.5, faults=(fault,), seed=1, silence=0.7) as server, JudgeModel(options(server.url)) as judge:
        for n in range(4):
            assert grade(judge, f"Question {n}?", "7", "It is 7.").verdict.grade is Grade.CORRECT
    assert server.served[fault] > 0


def test_a_reply_that_stays_unreadable_is_a_failed_verdict_with_its_reason() -> None:
    with serving(failing=1.0, faults=("500",)) as server, JudgeModel(options(server.url, tries=3)) as judge:
        verdict = grade(judge, "How many?", "7", "7").verdict
    assert verdict.grade is Grade.FAILED
    assert verdict.score == 0
    assert "failed 3 times: 500, out of memory" in verdict.reason
    assert len(server.requests) == 3


def test_a_reply_that_cannot_be_read_is_sent_back_with_what_is_wrong() -> None:
    replies = iter(
        ["Certainly: {", '{"reason": "x", "verdict": "perhaps"}', '```json\n{"reason": "x", "verdict": "no"}\n```']
    )
    with serving(reply=lambda _: next(replies)) as server, JudgeModel(options(server.url)) as judge:
        reply = judge.ask(TASK)
    assert (reply.value.verdict, reply.prompt_tokens) == ("no", 300)
    assert "it is no JSON" in says(server.requests[1])
    assert "verdict: Input should be 'yes' or 'no'" in says(server.requests[2])


def test_repairs_are_bounded(tmp_path: Path) -> None:
    cache = ReplyCache(tmp_path / "c.sqlite")
    with serving(reply=lambda _: "Certainly!") as server, JudgeModel(options(server.url, repairs=1), cache) as judge:
        with pytest.raises(JudgeError, match="no verdict that can be read"):
            judge.ask(TASK)
        assert len(server.requests) == 2
        assert len(cache) == 0


def test_a_server_without_structured_output_is_asked_without(tmp_path: Path) -> None:
    with serving(refuses_schema=True) as server, JudgeModel(options(server.url, tries=1)) as judge:
        assert grade(judge, "How many?", "7", "7").verdict.grade is Grade.CORRECT
        assert grade(judge, "How many more?", "7", "7").verdict.grade is Grade.CORRECT
    assert ["response_format" in request for request in server.requests] == [False, False]


def test_pictures_go_along() -> None:
    with serving(reply=lambda _: {"reason": "x", "verdict": "yes"}) as server, JudgeModel(options(server.url)) as judge:
        judge.ask(Task("Is it so?", ("See:", b"\xff\xd8\xff\xe0 a picture"), Answered))
    content = server.requests[0]["messages"][-1]["content"]
    assert [part["type"] for part in content] == ["text", "image_url"]
    assert content[1]["image_url"]["url"].startswith("data:image/jpeg;base64,")


def test_the_majority_of_samples_counts() -> None:
    grades = iter(["incorrect", "correct", "correct"])
    reply = lambda _: {"reason": "x", "grade": next(grades)}  # noqa: E731
    with serving(reply=reply) as server, JudgeModel(options(server.url)) as judge:
        found = grade(judge, "How many?", "7", "8", samples=3)
    assert (found.verdict.grade, found.grades) == (Grade.CORRECT, ("incorrect", "correct", "correct"))
    assert [request["temperature"] for request in server.requests] == [0, 0.7, 0.7]


def test_requests_keep_to_the_pace_and_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("octavo.eval.judges.model.time", SimpleNamespace(monotonic=lambda: 100.0, sleep=waits.append))
    with serving(latency=0.02) as server, JudgeModel(options(server.url, per_minute=1200)) as judge:
        done = list(map_concurrent(lambda n: grade(judge, f"{n}?", "7", "7"), range(12), 3))
    assert len(done) == 12
    assert sorted(waits) == pytest.approx([n * 60 / 1200 for n in range(12)])
    assert server.most_at_once <= 3


def test_an_endpoint_that_is_not_there_or_a_cache_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(AnswerError, match="cannot be reached"):
        JudgeModel(options(f"http://127.0.0.1:{closed_port()}/v1"))
    (tmp_path / "c.sqlite").write_text(json.dumps("no database" * 100))
    with pytest.raises(OctavoError, match="cannot be opened as a cache"):
        ReplyCache(tmp_path / "c.sqlite")


def test_an_error_of_one_is_raised_and_the_rest_is_left() -> None:
    begun: list[int] = []

    def work(n: int) -> int:
        begun.append(n)
        if n == 3:
            raise ValueError("three")
        return n

    with pytest.raises(ValueError, match="three"):
        list(map_concurrent(work, range(1000), 2))
    assert len(begun) < 20

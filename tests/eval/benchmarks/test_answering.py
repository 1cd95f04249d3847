"""The report on a model's answers in one pass and with steps."""

from __future__ import annotations

from typing import Any

from octavo.eval.benchmarks.answering import RememberingChatClient, report
from octavo.rag import Settings
from octavo.rag.answering.endpoint import endpoint
from octavo.rag.clients.messages import Message
from tests.rag.model_server import Reply, serving


def row(id: str, arm: str, *, right: bool) -> dict[str, Any]:
    return {"id": id, "arm": arm, "right": right, "wrong": not right, "cites": True, "cites a gold page": right,
            "flagged": False}  # fmt: skip


def test_arms_are_compared_on_the_questions_that_both_have() -> None:
    rows = [
        *(row(str(n), "one pass", right=n < 2) for n in range(4)),
        *(row(str(n), "steps", right=n < 3) for n in range(4)),
        row("9", "steps", right=True),
    ]
    lines = list(report(rows))
    assert "| one pass | 4 | 0.500 | 0.500 | 1.000 | 0.500 | 0.000 |" in lines
    assert "| steps | 5 | 0.800 | 0.200 | 1.000 | 0.800 | 0.000 |" in lines
    (difference,) = (line for line in lines if line.startswith("| steps − one pass"))
    assert difference.startswith("| steps − one pass | 4 | +0.250 [")
    assert not any("unchecked" in line for line in lines)


def test_the_same_messages_are_sent_once() -> None:
    with serving(Reply(["Yes [1]."])) as server:
        chat = RememberingChatClient(endpoint(Settings(llm_url=server.url)), "tiny", 4096)
        messages = [Message("user", ("What?",))]
        assert list(chat.stream(messages, max_tokens=9)) == list(chat.stream(messages, max_tokens=9)) == ["Yes [1]."]
        assert chat.complete(messages, max_tokens=9).text == "Yes [1]."
        assert len(server.requests) == 1

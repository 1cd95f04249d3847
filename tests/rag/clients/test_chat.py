"""The model client against a server that speaks many dialects, and some that are none."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from octavo.rag import Settings
from octavo.rag.answering import AnswerError
from octavo.rag.answering.endpoint import connect, model
from octavo.rag.clients.errors import EndpointError
from octavo.rag.clients.messages import Ending, Message, record_messages
from tests.rag.model_server import ModelServer, Reply, serving

ASKED = [Message("system", ("Be brief.",)), Message("user", ("How much?",))]
SAID = "It grew by 5 percent [1]."


def chunk(delta: Any, finish: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        **more,
    }


def sse(*events: Any, end: str = "data: [DONE]\n\n") -> Reply:
    return Reply(raw=("".join(f"data: {json.dumps(event)}\n\n" for event in events) + end).encode())


def said(server: ModelServer, messages: Sequence[Message] = ASKED, **options: Any) -> tuple[str, Ending]:
    pieces = connect(Settings(llm_url=server.url, **options)).stream(messages, max_tokens=50)
    text = []
    while True:
        try:
            text.append(next(pieces))
        except StopIteration as end:
            assert all(text)
            return "".join(text), end.value


USAGE = {"prompt_tokens": 7, "completion_tokens": 5}


@pytest.mark.parametrize(
    "events",
    [
        [chunk({"content": SAID}, "stop")],
        [{"choices": []}, chunk({"role": "assistant", "content": None}), chunk({"content": SAID}), chunk({}, "stop")],
        [chunk(None), chunk({"content": SAID}), {"choices": None, "usage": USAGE}, {"usage": USAGE}, chunk({}, "stop")],
        [chunk({"content": [{"type": "text", "text": SAID}]}), chunk({}, "stop")],
        [chunk({"content": [{"type": "thinking", "thinking": "5?"}, {"type": "text", "text": SAID}]}, "stop")],
        [chunk({"reasoning_content": "5?", "content": None}), chunk({"content": SAID, "tool_calls": []}, "stop")],
        [{"choices": [{"message": {"content": SAID}, "finish_reason": "stop"}]}],
        [{"choices": [{"text": SAID, "finish_reason": "stop"}]}],
    ],
)
def test_the_text_is_taken_from_whatever_form_it_has(events: list[Any]) -> None:
    with serving(sse(*events)) as server:
        text, ending = said(server)
    assert (text, ending.reason) == (SAID, "stop")


def test_comments_carriage_returns_and_missing_spaces_change_nothing() -> None:
    body = f": ping\r\n\r\nevent: message\r\ndata:{json.dumps(chunk({'content': SAID}))}\r\n\r\ndata:[DONE]\r\n\r\n"
    with serving(Reply(raw=body.encode())) as server:
        assert said(server) == (SAID, Ending(""))


def test_json_in_place_of_a_stream_is_read() -> None:
    body = {"choices": [{"message": {"content": SAID}, "finish_reason": "length"}], "usage": USAGE}
    with serving(Reply(raw=json.dumps(body, indent=1).encode(), content_type="application/json")) as server:
        assert said(server) == (SAID, Ending("length", 7, 5))


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (Reply(raw=b"<html>login</html>", content_type="text/html"), "a web page, so it is no model server"),
        (Reply(raw=b"\xff\xfe\x00garbage"), "no JSON"),
        (Reply(raw=b"data: \xff\xfe\n\n"), "no JSON"),
        (Reply(raw=b"data: 5\n\n"), "no JSON object"),
        (Reply(raw=b"data: " + b"[" * 100_000 + b"\n\n"), "no JSON"),
        (Reply(raw=b'{"detail": "hello"}'), "no choices"),
        (sse({"choices": "none"}, {"choices": [7]}, end=""), "no choices"),
        (Reply(raw=b"\n"), "it is empty"),
    ],
)
def test_an_unreadable_input_is_an_error_of_one_sentence(reply: Reply, told: str) -> None:
    with serving(reply) as server, pytest.raises(AnswerError, match=told) as raised:
        said(server)
    assert "\n" not in str(raised.value)


def test_odd_types_are_left_out() -> None:
    odd = chunk({"content": {"a": 1}, "refusal": 7}, usage="many")
    odd["choices"][0]["finish_reason"] = 7
    with serving(
        sse(odd, chunk({"content": [None, 5, {"type": "text", "text": 5}]}), chunk({"content": SAID}))
    ) as server:
        assert said(server) == (SAID, Ending(""))


def test_surrogates_are_joined_and_control_letters_left_out() -> None:
    with serving(sse(chunk({"content": "a\ud83d"}), chunk({"content": "\ude00b\x00\udc00"}, "stop"))) as server:
        assert said(server)[0] == "a😀b\ufffd"


def test_an_error_in_the_stream_has_its_status_or_what_it_says() -> None:
    too_long = {"error": {"message": "This model's maximum context length is 4096 tokens.", "code": 400}}
    with serving(sse(too_long)) as server:
        with pytest.raises(AnswerError, match="maximum context length") as raised:
            said(server)
        assert raised.value.too_long
        server.replies = [sse({"error": "the prompt exceeds the context"})]
        with pytest.raises(AnswerError) as raised:
            said(server)
        assert raised.value.too_long


def test_a_refusal_is_said() -> None:
    with serving(sse(chunk({"refusal": "I cannot "}), chunk({"refusal": "help."}, "stop"))) as server:
        assert said(server) == ("I cannot help.", Ending("stop", refused=True))


def test_the_length_of_an_answer_is_bounded() -> None:
    with serving(Reply(["word " * 100] * 1_000)) as server:
        text, ending = said(server)
    assert (len(text), ending.reason) == (600, "length")


# dialects


def refusal(text: str, status: int = 400) -> Reply:
    return Reply(status=status, message=text)


def test_a_reasoning_model_behind_another_name_is_asked_its_way_from_then_on() -> None:
    unsupported = "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."
    heat = "Unsupported value: 'temperature' does not support 0 with this model."
    with serving(refusal(unsupported), refusal(heat), Reply([SAID])) as server:
        chat = connect(Settings(llm_url=server.url))
        for _ in range(2):
            assert "".join(chat.stream(ASKED, max_tokens=50)) == SAID
        assert len(server.requests) == 4
        for request in server.requests[2:]:
            assert request["max_completion_tokens"] == 50
            assert not {"max_tokens", "temperature"} & request.keys()


def test_a_model_of_openai_that_reasons_is_known_by_its_name() -> None:
    with serving(Reply([SAID]), models=[{"id": "gpt-5-mini"}]) as server:
        said(server)
        assert server.requests[0]["max_completion_tokens"] == 50
        assert "temperature" not in server.requests[0]


@pytest.mark.parametrize(
    "refused", ["System role not supported", "Conversation roles must alternate user/assistant/user/assistant/..."]
)
def test_a_template_without_a_system_role_is_given_the_instructions_by_the_user(refused: str) -> None:
    with serving(refusal(refused, 500), Reply([SAID])) as server:
        assert said(server)[0] == SAID
        assert server.requests[1]["messages"] == [{"role": "user", "content": "Be brief.\n\nHow much?"}]


def test_a_refusal_that_says_nothing_of_use_is_raised_at_once() -> None:
    with serving(refusal("bad parameter")) as server:
        with pytest.raises(AnswerError, match="bad parameter"):
            said(server)
        assert len(server.requests) == 1


def test_a_busy_server_is_left_alone_as_long_as_it_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("octavo.rag.clients.chat.time.sleep", waited.append)
    busy = Reply(status=429, message="slow down", headers={"Retry-After": "7"})
    with serving(busy, Reply(status=503, message="loading"), Reply([SAID])) as server:
        assert said(server)[0] == SAID
    assert waited == [7.0, 1.0]


def test_pictures_go_as_data_with_their_own_type() -> None:
    with serving(Reply([SAID])) as server:
        said(server, [Message("user", ("What?", b"\x89PNG", b"RIFF....WEBP", b"\xff\xd8"))])
        parts = server.requests[0]["messages"][0]["content"]
    assert parts[0] == {"type": "text", "text": "What?"}
    kinds = [part["image_url"]["url"].partition(";")[0] for part in parts[1:]]
    assert kinds == ["data:image/png", "data:image/webp", "data:image/jpeg"]


# how it is reached


def test_headers_a_query_and_fields_go_with_each_request() -> None:
    with serving(Reply([SAID]), models=[{"id": "tiny"}]) as server:
        server.url += "/chat/completions?api-version=preview"
        said(
            server,
            llm_headers={"api-key": "secret"},
            llm_body={"chat_template_kwargs": {"enable_thinking": False}, "temperature": None, "max_tokens": 9},
        )
        paths, headers = zip(*server.seen, strict=True)
    assert paths == ("/v1/models?api-version=preview", "/v1/chat/completions?api-version=preview")
    assert [each["api-key"] for each in headers] == ["secret", "secret"]
    request = server.requests[0]
    assert request["chat_template_kwargs"] == {"enable_thinking": False}
    assert request["max_tokens"] == 9
    assert "temperature" not in request


def test_a_proxy_is_not_asked_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.invalid:3128")
    monkeypatch.setenv("http_proxy", "http://proxy.invalid:3128")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with serving(Reply([SAID])) as server:
        assert said(server)[0] == SAID
    with pytest.raises(AnswerError, match=r"through the proxy http://proxy\.invalid:3128"):
        model(Settings(llm_url="http://models.invalid/v1"))


def test_a_key_or_a_file_of_certificates_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    with serving() as server:
        with pytest.raises(AnswerError, match="has letters that HTTP does not send: check OCTAVO_LLM_KEY"):
            said(server, llm_key="schlüssel€")
        (tmp_path / "ca.pem").write_text("none")
        with pytest.raises(AnswerError, match="give a PEM file"):
            said(server, llm_ca=tmp_path / "ca.pem")
        with pytest.raises(AnswerError, match="give a PEM file"):
            said(server, llm_ca=tmp_path / "absent.pem")


@pytest.mark.parametrize(
    ("listed", "name"),
    [
        (["nomic-embed-text:latest", "bge-m3", "qwen3:8b"], "qwen3:8b"),
        (["text-embedding-nomic-embed-text-v1.5", "google/gemma-3-4b"], "google/gemma-3-4b"),
        (["whisper-1", "jina-reranker-m0", "Qwen/Qwen3-VL-Embedding-2B", "meta/llama-3.1-8b"], "meta/llama-3.1-8b"),
        (["e5-mistral", "mistral-small"], "mistral-small"),
    ],
)
def test_the_first_model_that_chats_is_asked(listed: list[str], name: str) -> None:
    with serving(models=[{"id": each} for each in listed]) as server:
        assert model(Settings(llm_url=server.url))[0] == name
        server.models = server.models[:1]
        with pytest.raises(
            AnswerError, match=f"serves no model that chats, only {listed[0]}: name one by OCTAVO_LLM_MODEL"
        ):
            model(Settings(llm_url=server.url))


def test_odd_lists_of_models() -> None:
    rows: list[Any] = [7, {"id": "tiny", "max_model_len": "long", "meta": ["odd"]}]
    with serving(models=rows) as server:
        assert model(Settings(llm_url=server.url)) == ("tiny", 8_192)
        server.models = [{"name": "no id"}]
        with pytest.raises(AnswerError, match="does not answer as OpenAI's API does"):
            model(Settings(llm_url=server.url))


# whole replies


def test_a_whole_reply_has_no_thoughts() -> None:
    body = {"choices": [{"message": {"content": f"5?</think>\n{SAID}"}, "finish_reason": "stop"}], "usage": USAGE}
    with serving(Reply(raw=json.dumps(body).encode(), content_type="application/json")) as server:
        with connect(Settings(llm_url=server.url)) as chat:
            done = chat.complete(ASKED, max_tokens=50, seed=3)
        assert (done.text, done.ending) == (SAID, Ending("stop", 7, 5))
        assert (server.requests[0].get("stream", False), server.requests[0]["seed"]) == (False, 3)


def test_requests_can_be_recorded() -> None:
    with serving(Reply([SAID])) as server, record_messages() as sent:
        said(server)
        assert [[m.text for m in conversation] for conversation in sent] == [["Be brief.", "How much?"]]
        said(server)
        assert len(sent) == 2


def test_a_failing_model_of_llama_index_is_one_sentence() -> None:
    from llama_index.core.llms import MockLLM

    from octavo.rag.adapters.llm import LlamaIndexChatModel

    class Failing(MockLLM):
        def stream_chat(self, *_: Any, **__: Any) -> Any:
            raise ZeroDivisionError("no\nluck")

    assert "".join(LlamaIndexChatModel(MockLLM()).stream(ASKED, max_tokens=9)).startswith("s")
    with pytest.raises(EndpointError, match=r"failed \(ZeroDivisionError: no\)"):
        list(LlamaIndexChatModel(Failing()).stream(ASKED, max_tokens=9))


def test_asking_loads_no_llama_index() -> None:
    code = (
        "import sys, octavo.rag.answering.generate, octavo.rag.query.followups, octavo.rag.pipeline\n"
        "print([name for name in sys.modules if name.startswith('llama_index')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

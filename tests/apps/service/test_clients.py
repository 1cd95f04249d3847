"""Other clients of OpenAI's protocol against a running service: LlamaIndex, LiteLLM, Open WebUI, file batches."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from starlette.testclient import TestClient

from octavo.apps.service import Service, ServiceOptions, create_app
from octavo.rag import Settings
from tests.apps.service.conftest import Running

QUESTION = "What was capital expenditure in 2018?"


@pytest.fixture(scope="module")
def client(local: Running) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{local.url}/v1", api_key="none", max_retries=0) as client:
        yield client


# LlamaIndex


def test_llamaindex_asks_and_streams(local: Running) -> None:
    pytest.importorskip("llama_index.llms.openai_like", reason="pip install llama-index-llms-openai-like")
    from llama_index.core.llms import ChatMessage
    from llama_index.llms.openai_like import OpenAILike

    llm = OpenAILike(model="default", api_base=f"{local.url}/v1", api_key="none", is_chat_model=True, max_retries=0)
    messages = [ChatMessage(role="system", content="Be short."), ChatMessage(role="user", content=QUESTION)]
    whole = llm.chat(messages).message.content
    assert "1,577" in (whole or "")
    assert "".join(part.delta or "" for part in llm.stream_chat(messages)) == whole
    assert llm.complete(QUESTION).text == whole


# LiteLLM, in an environment of its own: OCTAVO_TEST_LITELLM names its Python where it is not beside Octavo


def test_litellm_asks_streams_and_embeds(local: Running) -> None:
    python = os.environ.get("OCTAVO_TEST_LITELLM") or (sys.executable if find_spec("litellm") else "")
    if not python:
        pytest.skip("LiteLLM is not installed: set OCTAVO_TEST_LITELLM to a Python that has it")
    environment = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "PYTHONPATH": ""}
    program = Path(__file__).with_name("litellm_client.py")
    done = subprocess.run(
        [python, str(program), f"{local.url}/v1", QUESTION],
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert "1,577" in told["text"]
    assert told["streamed"] == told["text"]
    assert told["abstained"] is False
    with local.service.collections.opened("default") as pipeline:
        expected = pipeline.index.embedding.embed_texts(["polished mirror"])[0]
    assert told["embedding"] == pytest.approx(expected.tolist(), abs=1e-6)


# Open WebUI


def open_webui(text: str, **more: Any) -> dict[str, Any]:
    """A request as Open WebUI sends it to a connection of the kind OpenAI."""
    return {
        "model": "default",
        "stream": True,
        "messages": [{"role": "system", "content": "You are helpful. User: Ann"}, {"role": "user", "content": text}],
        "stream_options": {"include_usage": True},
        "temperature": None,
        "max_tokens": None,
        "user": {"name": "Ann", "id": "u1", "email": "ann@example.org", "role": "admin"},
        "files": [{"type": "file", "id": "f1", "name": "x.pdf"}],
        "features": {"web_search": False, "image_generation": False},
        "variables": {"{{USER_NAME}}": "Ann"},
        "session_id": "s1",
        "chat_id": "c1",
        "id": "m1",
        "background_tasks": {"title_generation": True},
        "metadata": {"task": None},
        **more,
    }


def chunks(response: httpx.Response) -> list[dict[str, Any]]:
    lines = [line.removeprefix("data: ") for line in response.text.splitlines() if line.startswith("data: ")]
    assert lines.pop() == "[DONE]"
    return [json.loads(line) for line in lines]


def test_open_webui_lists_models_and_streams(local: Running) -> None:
    with local.client() as client:
        models = client.get("/v1/models", headers={"authorization": "Bearer none", "x-openwebui-user-id": "u1"}).json()
        assert {"id", "object", "owned_by"} <= set(models["data"][0])
        response = client.post("/v1/chat/completions", json=open_webui(QUESTION))
    assert response.headers["content-type"].startswith("text/event-stream")
    told = chunks(response)
    text = "".join(one["choices"][0]["delta"].get("content") or "" for one in told if one["choices"])
    assert "1,577" in text
    assert [one["choices"][0]["finish_reason"] for one in told if one["choices"]][-1] == "stop"
    assert told[-1]["usage"] == {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


def test_fields_that_are_null_are_as_good_as_absent(local: Running) -> None:
    nothing = dict.fromkeys(("k", "threshold", "level", "filter", "documents", "kinds", "n", "tools", "stop", "seed"))
    request = open_webui(QUESTION, stream=None, stream_options=None, **nothing)
    request["messages"].insert(1, {"role": "assistant", "content": None, "name": None, "tool_calls": None})
    with local.client() as client:
        answer = client.post("/v1/chat/completions", json=request).json()
    assert "1,577" in answer["choices"][0]["message"]["content"]


@pytest.mark.parametrize(
    ("task", "form", "reply"),
    [
        ("title", '{ "title": "your concise title here" }', {"title": QUESTION}),
        ("tags", '{ "tags": ["tag1", "tag2"] }', {"tags": []}),
        ("follow-ups", '{ "follow_ups": ["Question 1?"] }', {"follow_ups": []}),
        ("queries", '{ "queries": ["query1"] }', {"queries": ["And before?"]}),
    ],
)
def test_tasks_beside_the_conversation_are_no_questions(
    local: Running, task: str, form: str, reply: dict[str, Any]
) -> None:
    prompt = (
        f"### Task:\nGenerate {task} for the chat history.\n### Output:\nJSON format: {form}\n### Chat History:\n"
        f"<chat_history>\nUSER: {QUESTION}\nASSISTANT: 1,577 million crowns [1]\nUSER: And before?\n"
        f"ASSISTANT: {'It is not said. ' * 300}\n</chat_history>"
    )
    request = open_webui(prompt, stream=False, metadata={"task": task})
    with local.client() as client:
        answer = client.post("/v1/chat/completions", json=request).json()
        streamed = client.post("/v1/chat/completions", json=request | {"stream": True})
    assert json.loads(answer["choices"][0]["message"]["content"]) == reply
    text = "".join(one["choices"][0]["delta"].get("content") or "" for one in chunks(streamed) if one["choices"])
    assert json.loads(text) == reply


# file batches


def test_batches_of_files(client: openai.OpenAI, tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text("# One\n\nThe orchard of Ashwell has 340 pear trees.\n")
    (tmp_path / "two.md").write_text("# Two\n\nThe orchard of Elmsford has 512 plum trees.\n")
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7 and then nothing")
    files = [client.files.create(file=tmp_path / name, purpose="user_data") for name in ("one.md", "two.md", "bad.pdf")]
    store = client.vector_stores.create(name="Orchards")
    try:
        batch = client.vector_stores.file_batches.create(
            store.id, file_ids=[file.id for file in files], attributes={"year": 2030}
        )
        assert (batch.object, batch.vector_store_id, batch.file_counts.total) == (
            "vector_store.file_batch",
            store.id,
            3,
        )
        done = client.vector_stores.file_batches.poll(batch.id, vector_store_id=store.id, poll_interval_ms=200)
        counts = done.file_counts
        assert (done.status, counts.completed, counts.failed, counts.in_progress) == ("completed", 2, 1, 0)
        listed = client.vector_stores.file_batches.list_files(batch.id, vector_store_id=store.id)
        assert {one.id: one.status for one in listed} == dict(
            zip([file.id for file in files], ["completed", "completed", "failed"], strict=True)
        )
        failed = client.vector_stores.file_batches.list_files(batch.id, vector_store_id=store.id, filter="failed")
        assert [one.id for one in failed] == [files[2].id]
        first = client.vector_stores.file_batches.list_files(batch.id, vector_store_id=store.id, limit=1)
        assert [file.id for file in first] == [file.id for file in reversed(files)]  # further pages come by themselves
        assert client.vector_stores.file_batches.cancel(batch.id, vector_store_id=store.id).status == "completed"
        with pytest.raises(openai.NotFoundError, match="no file batch"):
            client.vector_stores.file_batches.retrieve("vsfb_0", vector_store_id=store.id)
        with pytest.raises(openai.NotFoundError):
            client.vector_stores.file_batches.create(store.id, file_ids=[files[0].id, "file-nothing"])
    finally:
        client.vector_stores.delete(store.id)


def test_a_batch_is_canceled_before_it_is_read(tmp_path: Path) -> None:
    with Service(Settings(library=tmp_path / "library"), ServiceOptions(chat=False, mcp=False)) as service:
        client = TestClient(create_app(service), "http://127.0.0.1:8080")  # not entered, so that nothing is read
        file = client.post("/v1/files", files={"file": ("late.md", b"# Late")}).json()["id"]
        batches = "/v1/vector_stores/default/file_batches"
        batch = client.post(batches, json={"files": [{"file_id": file, "attributes": {"year": 2031}}]}).json()
        assert (batch["status"], batch["file_counts"]["in_progress"]) == ("in_progress", 1)
        listed = client.get(f"{batches}/{batch['id']}/files").json()["data"]
        assert [(one["id"], one["attributes"]) for one in listed] == [(file, {"year": 2031})]
        canceled = client.post(f"{batches}/{batch['id']}/cancel").json()
        assert (canceled["status"], canceled["file_counts"]["cancelled"]) == ("cancelled", 1)
        assert client.post(batches, json={}).status_code == 400

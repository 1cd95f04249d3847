"""OpenAI's own client against a running service."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import openai
import pytest

from octavo.apps.service.errors import ServiceError
from octavo.apps.service.http.openai_vector_stores import equal_filters
from tests.apps.service.conftest import Running

QUESTION = "What was capital expenditure in 2018?"


@pytest.fixture(scope="module")
def client(local: Running) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{local.url}/v1", api_key="none", max_retries=0) as client:
        yield client


def test_collections_are_models(client: openai.OpenAI) -> None:
    assert "default" in [model.id for model in client.models.list()]
    assert client.models.retrieve("default").owned_by == "octavo"


def test_chat_answers_with_annotations_and_boxes(client: openai.OpenAI, local: Running) -> None:
    answer = client.chat.completions.create(model="default", messages=[{"role": "user", "content": QUESTION}])
    message = answer.choices[0].message
    assert answer.choices[0].finish_reason == "stop"
    assert "1,577" in (message.content or "")
    assert message.annotations
    place = message.annotations[0].url_citation
    assert (message.content or "")[place.start_index : place.end_index] == "[1]"
    assert place.title == "note.txt, page 1"
    with local.client() as other:
        assert other.get(place.url).headers["content-type"] == "image/webp"
    own = message.octavo  # type: ignore[attr-defined]
    assert own["abstained"] is False
    assert own["citations"][0]["page_number"] == 1
    assert len(own["citations"][0]["boxes"][0]) == 4


def test_chat_abstains_by_a_flag(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model="default", messages=[{"role": "user", "content": "What is the capital of France?"}]
    )
    own = answer.choices[0].message.octavo  # type: ignore[attr-defined]
    assert (own["abstained"], own["citations"]) == (True, [])


def test_chat_streams_the_same_answer(client: openai.OpenAI) -> None:
    messages = [{"role": "user", "content": QUESTION}]
    whole = client.chat.completions.create(model="default", messages=messages)  # type: ignore[arg-type]
    chunks = list(client.chat.completions.create(model="default", messages=messages, stream=True))  # type: ignore[call-overload]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == whole.choices[0].message.content
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert chunks[-1].choices[0].delta.octavo["citations"] == whole.choices[0].message.octavo["citations"]  # type: ignore[attr-defined]


def test_a_follow_up_is_understood(client: openai.OpenAI) -> None:
    before = [
        {"role": "user", "content": "When was the mirror polished?"},
        {"role": "assistant", "content": "In 2021."},
    ]
    answer = client.chat.completions.create(
        model="default",
        messages=[*before, {"role": "user", "content": "And capital expenditure in 2018?"}],  # type: ignore[list-item]
    )
    assert "1,577" in (answer.choices[0].message.content or "")


def test_options_of_a_question_come_in_the_extra_body(client: openai.OpenAI) -> None:
    def ask(**options: object) -> bool:
        answer = client.chat.completions.create(
            model="default", messages=[{"role": "user", "content": QUESTION}], extra_body=options
        )
        abstained: bool = answer.choices[0].message.octavo["abstained"]  # type: ignore[attr-defined]
        return abstained

    assert not ask(filter={"year": 2021}, documents=["note.txt"])
    assert ask(filter={"year": 1999})
    with pytest.raises(openai.NotFoundError, match=r"There is no document 'other\.txt' in this collection"):
        ask(documents=["other.txt"])


def test_pictures_are_never_fetched(client: openai.OpenAI) -> None:
    picture = {"type": "image_url", "image_url": {"url": "http://127.0.0.1:1/secret.png"}}
    with pytest.raises(openai.BadRequestError, match="nothing is fetched"):
        client.chat.completions.create(model="default", messages=[{"role": "user", "content": [picture]}])  # type: ignore[list-item,misc]
    broken = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    with pytest.raises(openai.BadRequestError, match="cannot be opened as an image"):
        client.chat.completions.create(model="default", messages=[{"role": "user", "content": [broken]}])  # type: ignore[list-item,misc]


def test_responses_search_files(client: openai.OpenAI) -> None:
    response = client.responses.create(
        model="gpt-any",
        input=QUESTION,
        tools=[{"type": "file_search", "vector_store_ids": ["default"], "max_num_results": 3}],
        include=["file_search_call.results"],
    )
    search, message = response.output
    assert search.type == "file_search_call"
    assert search.results
    assert search.results[0].filename == "note.txt"
    assert "1,577" in response.output_text
    assert message.type == "message"
    notes = message.content[0].annotations  # type: ignore[union-attr]
    assert notes[0].type == "file_citation"
    assert notes[0].file_id == search.results[0].file_id


def test_responses_stream(client: openai.OpenAI) -> None:
    with client.responses.stream(model="default", input=QUESTION) as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_response()
    assert kinds[0] == "response.created"
    assert kinds[-1] == "response.completed"
    assert "response.output_text.delta" in kinds
    assert "1,577" in final.output_text


def test_files_go_into_a_vector_store_and_are_found(client: openai.OpenAI, tmp_path: Path) -> None:
    path = tmp_path / "moon.txt"
    path.write_text("The moon base Selene has 24 beds and was opened in 2031.")
    file = client.files.create(file=path, purpose="user_data")
    assert client.files.content(file.id).read() == path.read_bytes()
    store = client.vector_stores.create(name="Moon Papers", metadata={"kind": "paper"})
    assert (store.id, store.name, store.file_counts.total) == ("moon-papers", "Moon Papers", 0)
    done = client.vector_stores.files.create_and_poll(
        vector_store_id=store.id, file_id=file.id, attributes={"year": 2031}, poll_interval_ms=200
    )
    assert (done.status, done.id, done.attributes) == ("completed", file.id, {"year": 2031})
    hits = client.vector_stores.search(
        store.id, query="How many beds?", filters={"type": "eq", "key": "year", "value": 2031}
    )
    assert [hit.file_id for hit in hits] == [file.id]
    assert "24 beds" in hits.data[0].content[0].text
    assert not client.vector_stores.search(
        store.id, query="How many beds?", filters={"type": "eq", "key": "year", "value": 1}
    ).data
    client.files.delete(file.id)
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(file.id)
    assert client.vector_stores.files.retrieve(file.id, vector_store_id=store.id).status == "completed"
    client.vector_stores.files.delete(file.id, vector_store_id=store.id)
    assert not client.vector_stores.files.list(store.id).data
    assert client.vector_stores.delete(store.id).deleted
    with pytest.raises(openai.NotFoundError, match=r"There is no collection 'moon-papers'"):
        client.vector_stores.retrieve(store.id)


def test_a_file_that_cannot_be_read_says_why(client: openai.OpenAI, tmp_path: Path) -> None:
    path = tmp_path / "broken.pdf"
    path.write_bytes(b"%PDF-1.7 and then nothing")
    file = client.files.create(file=path, purpose="user_data")
    store = client.vector_stores.create(name="broken")
    done = client.vector_stores.files.create_and_poll(vector_store_id=store.id, file_id=file.id, poll_interval_ms=200)
    assert done.status == "failed"
    assert done.last_error
    assert "broken.pdf" in done.last_error.message
    assert client.vector_stores.files.delete(file.id, vector_store_id=store.id).deleted
    assert list(client.vector_stores.files.list(store.id)) == []
    with pytest.raises(openai.NotFoundError):
        client.vector_stores.files.delete(file.id, vector_store_id=store.id)
    client.vector_stores.delete(store.id)


def test_embeddings_are_those_of_the_collection(client: openai.OpenAI, local: Running) -> None:
    texts = ["polished mirror", "silver astrolabe"]
    made = client.embeddings.create(model="default", input=texts, encoding_format="float")
    with local.service.collections.opened("default") as pipeline:
        expected = pipeline.index.embedding.embed_texts(texts)
    assert np.asarray([row.embedding for row in made.data]) == pytest.approx(expected, abs=1e-6)
    coded = client.embeddings.with_raw_response.create(model="default", input=texts, encoding_format="base64")
    first = coded.http_response.json()["data"][0]["embedding"]
    assert np.frombuffer(base64.b64decode(first), dtype="<f4") == pytest.approx(expected[0], abs=1e-6)


def test_filters() -> None:
    assert equal_filters(None) is None
    both = [{"type": "eq", "key": "year", "value": 2018}, {"type": "in", "key": "tag", "value": ["a", "b"]}]
    assert equal_filters({"type": "and", "filters": both}) == {"year": 2018, "tag": ["a", "b"]}
    for wrong in ({"type": "or", "filters": both}, {"type": "gt", "key": "year", "value": 2}, {"type": "eq"}):
        with pytest.raises(ServiceError, match="eq, in, and `and`"):
            equal_filters(wrong)

"""OpenAI's models, chat completions, responses and embeddings, in front of collections."""

from __future__ import annotations

import base64
import re
import secrets
import time
from collections.abc import AsyncGenerator, Sequence
from typing import Any, Literal

import numpy as np
from fastapi import APIRouter, Request
from pydantic import Field

from octavo.apps.service.errors import ServiceError
from octavo.apps.service.http import shapes
from octavo.apps.service.http.events import first_or_error, in_thread, line, streamed
from octavo.apps.service.http.native import count
from octavo.apps.service.http.openai_files import equal_filters
from octavo.apps.service.http.requests import Called, Served
from octavo.apps.service.http.shapes import Lenient, timestamp
from octavo.apps.service.service import FILE, Question, picture_of
from octavo.ingest import Kind
from octavo.rag import Answer, Delta, Finished, Level

router = APIRouter(prefix="/v1", tags=["OpenAI"])
_CITED = re.compile(r"\[(\d+)\]")


class Part(Lenient):
    """A piece of a message: text, or a picture as data URL."""

    type: str
    text: str = ""
    image_url: str | dict[str, Any] | None = None


class MessageIn(Lenient):
    """A message of a conversation."""

    role: str = "user"
    content: str | list[Part] | None = None


class SearchOptions(Lenient):
    """Octavo's own options of a question, given in the client's `extra_body`."""

    level: Level | None = None
    k: int | None = Field(None, ge=1, le=100)
    threshold: float | None = Field(None, ge=0, le=1)
    documents: list[str] | None = None
    kinds: list[Kind] | None = None
    filter: dict[str, Any] | None = None


class StreamOptions(Lenient):
    """Options of a stream: `include_usage` asks for a last chunk with the usage."""

    include_usage: bool = False


class ChatIn(SearchOptions):
    """A chat completion; `model` is the name of a collection."""

    model: str
    messages: list[MessageIn] = Field(min_length=1, max_length=500)
    stream: bool = False
    stream_options: StreamOptions | None = None
    n: int | None = None


@router.get("/models")
def list_models(service: Served, caller: Called) -> dict[str, Any]:
    """The collections that the caller may ask, as models."""
    return {"object": "list", "data": [_model(one.name, one.created_at) for one in service.collections.of(caller)]}


@router.get("/models/{model}")
def get_model(model: str, service: Served, caller: Called) -> dict[str, Any]:
    """One collection as a model."""
    result = service.collections.get(caller, model)
    return _model(result.name, result.created_at)


def _model(name: str, created_at: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": timestamp(created_at), "owned_by": "octavo"}


# chat completions


@router.post("/chat/completions")
async def chat(given: ChatIn, service: Served, caller: Called, request: Request) -> Any:
    """Answers the last message from the documents of the collection that `model` names.

    The answer's citations come as `annotations` of the message and, with boxes, as its `octavo` object; abstaining is
    `octavo.abstained`, no error.
    """
    if given.n not in (None, 1):
        raise ServiceError("n: there is one answer to a question.", setting="n")
    collection = given.model
    service.collections.get(caller, collection)
    events = in_thread(service.stream(caller, collection, _question(given, given.messages)))
    identity, created = f"chatcmpl-{secrets.token_hex(12)}", int(time.time())
    head = {"id": identity, "created": created, "model": collection}
    base = str(request.base_url).rstrip("/")
    if not given.stream:
        answer = await _last(events, request)
        message = {
            "role": "assistant",
            "content": answer.text,
            "refusal": None,
            "annotations": _annotations(answer, collection, base),
            "octavo": shapes.AnswerOut.of(answer, collection).model_dump(mode="json"),
        }
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        return {**head, "object": "chat.completion", "choices": [choice]}
    _, all_events = await first_or_error(events)

    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        return line({**head, "object": "chat.completion.chunk", "choices": [choice]})

    async def written() -> AsyncGenerator[bytes]:
        yield chunk({"role": "assistant", "content": ""})
        text = ""
        async for event in all_events:
            if isinstance(event, Delta):
                text = event.text if event.replaces else text + event.text
                yield chunk({"content": f"\n\n{event.text}" if event.replaces else event.text})
            elif isinstance(event, Finished):
                count(request, event)
                if not text:
                    yield chunk({"content": event.answer.text})
                own = shapes.AnswerOut.of(event.answer, collection).model_dump(mode="json")
                notes = _annotations(event.answer, collection, base)
                yield chunk({"annotations": notes, "octavo": own}, "stop")
        if given.stream_options and given.stream_options.include_usage:
            yield line({**head, "object": "chat.completion.chunk", "choices": [], "usage": None})
        yield line("[DONE]")

    return streamed(written(), request.state.request_id)


async def _last(events: AsyncGenerator[Any], request: Request) -> Answer:
    last = None
    async for event in events:
        last = event
    assert isinstance(last, Finished)
    count(request, last)
    return last.answer


def _question(options: SearchOptions, messages: Sequence[MessageIn]) -> Question:
    """The question of a conversation: its last user message, after the earlier ones with their answers."""
    texts = [(message.role, *_content(message)) for message in messages]
    asked = [number for number, (role, *_) in enumerate(texts) if role == "user"]
    if not asked:
        raise ServiceError("messages: there is no message of the role user.", setting="messages")
    last = asked[-1]
    before = []
    for number in asked[:-1]:
        answers = [text for role, text, _ in texts[number + 1 : last] if role == "assistant"]
        if texts[number][1].strip():
            before.append((texts[number][1], answers[0] if answers else ""))
    _, text, picture = texts[last]
    return Question(
        text,
        picture=picture,
        before=tuple(before),
        level=options.level,
        k=options.k,
        threshold=options.threshold,
        documents=None if options.documents is None else tuple(options.documents),
        kinds=None if options.kinds is None else frozenset(options.kinds),
        filter=options.filter,
    )


def _content(message: MessageIn) -> tuple[str, bytes | None]:
    """The text of a message and its picture; raises `ServiceError` for more than one picture."""
    if message.content is None or isinstance(message.content, str):
        return message.content or "", None
    texts, pictures = [], []
    for part in message.content:
        if part.type in ("text", "input_text", "output_text"):
            texts.append(part.text)
        elif part.type in ("image_url", "input_image") and part.image_url:
            url = part.image_url if isinstance(part.image_url, str) else str(part.image_url.get("url", ""))
            pictures.append(url)
        else:
            raise ServiceError(f"messages: parts of the type {part.type[:40]!r} are not read.", setting="messages")
    if message.role != "user" or not pictures:
        return "\n".join(texts), None
    if len(pictures) > 1:
        raise ServiceError("messages: a question has one picture.", setting="messages")
    return "\n".join(texts), picture_of(pictures[0])


def _annotations(answer: Answer, collection: str, base: str) -> list[dict[str, Any]]:
    """Returns the citations as OpenAI's annotations, each a URL of the page with its boxes drawn."""
    by_number = {citation.number: citation for citation in answer.citations}
    results = []
    for match in _CITED.finditer(answer.text):
        citation = by_number.get(int(match[1]))
        if citation is not None:
            path = shapes.image_url(collection, citation.document, citation.page, citation.boxes)
            place = {
                "start_index": match.start(),
                "end_index": match.end(),
                "url": f"{base}{path}",
                "title": f"{citation.name}, page {citation.page_number}",
            }
            results.append({"type": "url_citation", "url_citation": place})
    return results


# responses


class FileSearchTool(Lenient):
    """The file search tool: its vector store is a collection."""

    type: str
    vector_store_ids: list[str] = Field([], max_length=100)
    max_num_results: int | None = Field(None, ge=1, le=100)
    filters: dict[str, Any] | None = None


class ResponseIn(SearchOptions):
    """A response; the collection is `model`, or the vector store of a `file_search` tool."""

    model: str = ""
    input: str | list[MessageIn]
    tools: list[FileSearchTool] = Field([], max_length=100)
    include: list[str] | None = None
    stream: bool = False


@router.post("/responses")
async def respond(given: ResponseIn, service: Served, caller: Called, request: Request) -> Any:
    """Answers from a collection with a `file_search_call` and `file_citation` annotations."""
    tools = [tool for tool in given.tools if tool.type == "file_search"]
    stores = [store for tool in tools for store in tool.vector_store_ids]
    if len(stores) > 1:
        raise ServiceError("tools: name one vector store; a question is put to one collection.", setting="tools")
    collection = stores[0] if stores else given.model
    service.collections.get(caller, collection)
    messages = [MessageIn(content=given.input)] if isinstance(given.input, str) else given.input
    options = given
    if tools:
        changes = {"k": given.k or tools[0].max_num_results, "filter": given.filter or equal_filters(tools[0].filters)}
        options = given.model_copy(update=changes)
    asked = _question(options, messages)
    identity = f"resp_{secrets.token_hex(12)}"
    events = in_thread(service.stream(caller, collection, asked))
    results = "file_search_call.results" in (given.include or ())

    def body(status: Literal["in_progress", "completed"], answer: Answer | None = None) -> dict[str, Any]:
        output = [] if answer is None else _output(answer, asked.text, collection, identity, results=results)
        own = None if answer is None else shapes.AnswerOut.of(answer, collection).model_dump(mode="json")
        return {
            "id": identity,
            "object": "response",
            "created_at": created,
            "status": status,
            "model": given.model or collection,
            "output": output,
            "error": None,
            "incomplete_details": None,
            "instructions": None,
            "metadata": {},
            "parallel_tool_calls": False,
            "temperature": None,
            "top_p": None,
            "tool_choice": "auto",
            "tools": [tool.model_dump(exclude_none=True) for tool in given.tools],
            "octavo": own,
        }

    created = int(time.time())
    if not given.stream:
        return body("completed", await _last(events, request))
    _, all_events = await first_or_error(events)

    async def written() -> AsyncGenerator[bytes]:
        number = -1

        def step(kind: str, **more: Any) -> bytes:
            nonlocal number
            number += 1
            return line({"type": kind, "sequence_number": number, **more}, kind)

        item = f"msg_{identity[5:]}"
        part = {"type": "output_text", "text": "", "annotations": []}
        place = {"item_id": item, "output_index": 1, "content_index": 0}
        yield step("response.created", response=body("in_progress"))
        async for event in all_events:
            if isinstance(event, Delta):
                if number == 0:
                    search, message = _output(_empty(asked.text), asked.text, collection, identity, results=False)
                    yield step("response.output_item.added", output_index=0, item=search)
                    yield step("response.output_item.done", output_index=0, item=search)
                    started = {**message, "status": "in_progress", "content": []}
                    yield step("response.output_item.added", output_index=1, item=started)
                    yield step("response.content_part.added", **place, part=part)
                yield step("response.output_text.delta", **place, delta=event.text, logprobs=[])
            elif isinstance(event, Finished):
                count(request, event)
                whole = body("completed", event.answer)
                search, message = whole["output"]
                if number > 0:
                    text = message["content"][0]
                    yield step("response.output_text.done", **place, text=text["text"], logprobs=[])
                    yield step("response.content_part.done", **place, part=text)
                    yield step("response.output_item.done", output_index=1, item=message)
                else:
                    for index, one in enumerate((search, message)):
                        yield step("response.output_item.added", output_index=index, item=one)
                        yield step("response.output_item.done", output_index=index, item=one)
                yield step("response.completed", response=whole)

    return streamed(written(), request.state.request_id)


def _empty(question: str) -> Answer:
    return Answer(question, "")


def _output(answer: Answer, question: str, collection: str, identity: str, *, results: bool) -> list[dict[str, Any]]:
    """The search and the message of a response."""
    by_number = {citation.number: citation for citation in answer.citations}
    notes = [
        {
            "type": "file_citation",
            "index": match.start(),
            "file_id": FILE + by_number[int(match[1])].document,
            "filename": by_number[int(match[1])].name,
        }
        for match in _CITED.finditer(answer.text)
        if int(match[1]) in by_number
    ]
    collected = [
        {
            "file_id": FILE + one.document,
            "filename": one.name,
            "score": one.score,
            "text": one.text,
            "attributes": {"page_number": one.page_number},
        }
        for one in answer.evidence
    ]
    search = {
        "id": f"fs_{identity[5:]}",
        "type": "file_search_call",
        "status": "completed",
        "queries": [question],
        "results": collected if results else None,
    }
    message = {
        "id": f"msg_{identity[5:]}",
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "content": [{"type": "output_text", "text": answer.text, "annotations": notes, "logprobs": []}],
    }
    return [search, message]


# embeddings


class EmbeddingsIn(Lenient):
    """Texts to be embedded by the embedder of a collection."""

    model: str
    input: str | list[str]
    encoding_format: Literal["float", "base64"] = "float"


@router.post("/embeddings")
def embed(given: EmbeddingsIn, service: Served, caller: Called) -> dict[str, Any]:
    """The vectors of texts."""
    texts = [given.input] if isinstance(given.input, str) else given.input
    rows = service.embed(caller, given.model, texts)

    def coded(row: list[float]) -> list[float] | str:
        if given.encoding_format == "float":
            return row
        return base64.b64encode(np.asarray(row, dtype="<f4").tobytes()).decode()

    data = [{"object": "embedding", "index": number, "embedding": coded(row)} for number, row in enumerate(rows)]
    words = sum(len(text.split()) for text in texts)
    usage = {"prompt_tokens": words, "total_tokens": words}
    return {"object": "list", "model": given.model, "data": data, "usage": usage}

"""OpenAI's responses, in front of collections."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncGenerator
from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import Field

from octavo.apps.service.errors import ServiceError
from octavo.apps.service.http import shapes
from octavo.apps.service.http.answers import count, last_answer
from octavo.apps.service.http.authentication import Called
from octavo.apps.service.http.events import first_or_error, in_thread, line, streamed
from octavo.apps.service.http.openai_files import equal_filters
from octavo.apps.service.http.openai_messages import CITED, LenientSearchOptions, MessageIn, question_of
from octavo.apps.service.http.requests import Served
from octavo.apps.service.http.shapes import Lenient, example
from octavo.apps.service.questions import FILE
from octavo.rag import Answer, Delta, Finished

router = APIRouter(prefix="/v1", tags=["OpenAI"])


class FileSearchTool(Lenient):
    """The file search tool: its vector store is a collection."""

    type: str
    vector_store_ids: list[str] = Field([], max_length=100)
    max_num_results: int | None = Field(None, ge=1, le=100)
    filters: dict[str, Any] | None = None


class ResponseIn(LenientSearchOptions):
    """A response; the collection is `model`, or the vector store of a `file_search` tool."""

    model_config = example({"model": "default", "input": "What was capital expenditure in 2018?"})

    model: str = ""
    input: str | list[MessageIn]
    tools: list[FileSearchTool] = Field([], max_length=100)
    include: list[str] | None = None
    stream: bool = False


@router.post("/responses", summary="Create a response")
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
    asked = question_of(options, messages)
    identity = f"resp_{secrets.token_hex(12)}"
    events = in_thread(service.stream(caller, collection, asked), service.threads)
    results = "file_search_call.results" in (given.include or ())

    def body(status: Literal["in_progress", "completed"], answer: Answer | None = None) -> dict[str, Any]:
        output = [] if answer is None else _output(answer, asked.text, collection, identity, results=results)
        own = None if answer is None else shapes.AnswerOut.of_answer(answer, collection).model_dump(mode="json")
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
        return body("completed", await last_answer(events, request))
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
        for match in CITED.finditer(answer.text)
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

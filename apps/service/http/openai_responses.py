"""OpenAI's responses, in front of collections."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field

from octavo.apps.service.errors import ServiceError
from octavo.apps.service.http import shapes
from octavo.apps.service.http.answers import count, each_in_turn, last_answer
from octavo.apps.service.http.authentication import CurrentCaller
from octavo.apps.service.http.events import begun, line, stream_events
from octavo.apps.service.http.openai_messages import CITED, LenientSearchOptions, MessageIn, question_of
from octavo.apps.service.http.openai_vector_stores import equal_filters
from octavo.apps.service.http.requests import CurrentService
from octavo.apps.service.http.shapes import Lenient, example
from octavo.apps.service.questions import FILE
from octavo.rag import Answer, Delta, Event, Finished

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
async def respond(body: ResponseIn, service: CurrentService, caller: CurrentCaller, request: Request) -> Any:
    """Answers from a collection with a `file_search_call` and `file_citation` annotations."""
    tools = [tool for tool in body.tools if tool.type == "file_search"]
    stores = [store for tool in tools for store in tool.vector_store_ids]
    if len(stores) > 1:
        raise ServiceError("tools: name one vector store; a question is put to one collection.", setting="tools")
    collection = stores[0] if stores else body.model
    service.collections.get(caller, collection)
    messages = [MessageIn(content=body.input)] if isinstance(body.input, str) else body.input
    options = body
    if tools:
        changes = {"k": body.k or tools[0].max_num_results, "filter": body.filter or equal_filters(tools[0].filters)}
        options = body.model_copy(update=changes)
    question = question_of(options, messages)
    response = _Response(body, collection, question.text, secrets.token_hex(12), int(time.time()))
    events = service.stream(caller, collection, question)
    if not body.stream:
        return response.body(await last_answer(each_in_turn(events, service, request), request))
    return await stream_events(
        each_in_turn(_response_events(response, events, request), service, request), request.state.request_id
    )


@dataclass(frozen=True, slots=True)
class _Response:
    """A response to a question that is put to a collection; `number` is the end of its ids."""

    options: ResponseIn
    collection: str
    question: str
    number: str
    created_at: int

    @property
    def message_id(self) -> str:
        return f"msg_{self.number}"

    def body(self, answer: Answer | None) -> dict[str, Any]:
        """Returns the response, which is in progress without an answer."""
        output, own = [], None
        if answer is not None:
            output = [self.search(answer), self.message(answer)]
            own = shapes.AnswerOut.of_answer(answer, self.collection).model_dump(mode="json")
        return {
            "id": f"resp_{self.number}",
            "object": "response",
            "created_at": self.created_at,
            "status": "in_progress" if answer is None else "completed",
            "model": self.options.model or self.collection,
            "output": output,
            "error": None,
            "incomplete_details": None,
            "instructions": None,
            "metadata": {},
            "parallel_tool_calls": False,
            "temperature": None,
            "top_p": None,
            "tool_choice": "auto",
            "tools": [tool.model_dump(exclude_none=True) for tool in self.options.tools],
            "octavo": own,
        }

    def search(self, answer: Answer | None) -> dict[str, Any]:
        """Returns the search as an item of the output, with its results where they are asked for."""
        results = None
        if answer is not None and "file_search_call.results" in (self.options.include or ()):
            results = [
                {
                    "file_id": FILE + one.document,
                    "filename": one.name,
                    "score": one.score,
                    "text": one.text,
                    "attributes": {"page_number": one.page_number},
                }
                for one in answer.evidence
            ]
        return {
            "id": f"fs_{self.number}",
            "type": "file_search_call",
            "status": "completed",
            "queries": [self.question],
            "results": results,
        }

    def message(self, answer: Answer | None) -> dict[str, Any]:
        """Returns the message as an item of the output; without an answer it is in progress."""
        return {
            "id": self.message_id,
            "type": "message",
            "role": "assistant",
            "status": "in_progress" if answer is None else "completed",
            "content": [] if answer is None else [_text(answer)],
        }


def _text(answer: Answer) -> dict[str, Any]:
    """Returns the text of an answer with its citations as annotations."""
    by_number = {citation.number: citation for citation in answer.citations}
    cited = [(match, by_number.get(int(match[1]))) for match in CITED.finditer(answer.text)]
    notes = [
        {
            "type": "file_citation",
            "index": match.start(),
            "file_id": FILE + citation.document,
            "filename": citation.name,
        }
        for match, citation in cited
        if citation is not None
    ]
    return {"type": "output_text", "text": answer.text, "annotations": notes, "logprobs": []}


def _response_events(response: _Response, events: Generator[Event], request: Request) -> Generator[bytes]:
    """Yields the events of a response that is streamed, numbered from 0."""
    numbers = itertools.count()

    def event(kind: str, **more: Any) -> bytes:
        return line({"type": kind, "sequence_number": next(numbers), **more}, kind)

    place = {"item_id": response.message_id, "output_index": 1, "content_index": 0}
    is_begun = False
    with closing(events):
        all_events = begun(events)
        yield event("response.created", response=response.body(None))
        for one in all_events:
            if isinstance(one, Delta):
                if not is_begun:
                    is_begun = True
                    for index, item in enumerate((response.search(None), response.message(None))):
                        yield event("response.output_item.added", output_index=index, item=item)
                        if index == 0:
                            yield event("response.output_item.done", output_index=index, item=item)
                    part = {"type": "output_text", "text": "", "annotations": []}
                    yield event("response.content_part.added", **place, part=part)
                yield event("response.output_text.delta", **place, delta=one.text, logprobs=[])
            elif isinstance(one, Finished):
                count(request, one)
                whole = response.body(one.answer)
                if is_begun:
                    text = _text(one.answer)
                    yield event("response.output_text.done", **place, text=text["text"], logprobs=[])
                    yield event("response.content_part.done", **place, part=text)
                    yield event("response.output_item.done", output_index=1, item=whole["output"][1])
                else:
                    for index, item in enumerate(whole["output"]):
                        yield event("response.output_item.added", output_index=index, item=item)
                        yield event("response.output_item.done", output_index=index, item=item)
                yield event("response.completed", response=whole)

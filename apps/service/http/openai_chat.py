"""OpenAI's models and chat completions, in front of collections."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import APIRouter, Request
from pydantic import Field

from octavo.apps.service.errors import ServiceError
from octavo.apps.service.http import shapes
from octavo.apps.service.http.answers import count, each_in_turn, last_answer
from octavo.apps.service.http.authentication import CurrentCaller
from octavo.apps.service.http.events import at_once, begun, line, stream_events
from octavo.apps.service.http.housekeeping import housekeeping_reply
from octavo.apps.service.http.openai_messages import CITED, LenientSearchOptions, MessageIn, question_of
from octavo.apps.service.http.requests import CurrentService
from octavo.apps.service.http.shapes import Lenient, example, timestamp
from octavo.rag import Answer, Delta, Event, Finished
from octavo.rag.clients.messages import Usage

router = APIRouter(prefix="/v1", tags=["OpenAI"])

T = TypeVar("T")


class StreamOptions(Lenient):
    """Options of a stream: `include_usage` asks for a last chunk with the usage."""

    include_usage: bool = False


class ChatIn(LenientSearchOptions):
    """A chat completion; `model` is the name of a collection."""

    model_config = example(
        {"model": "default", "messages": [{"role": "user", "content": "What was capital expenditure in 2018?"}]}
    )

    model: str
    messages: list[MessageIn] = Field(min_length=1, max_length=500)
    stream: bool = False
    stream_options: StreamOptions | None = None
    n: int | None = None


@router.get("/models", summary="List models")
def list_models(service: CurrentService, caller: CurrentCaller) -> dict[str, Any]:
    """The collections that the caller may ask, as models."""
    return {
        "object": "list",
        "data": [_model(collection.name, collection.created_at) for collection in service.collections.of(caller)],
    }


@router.get("/models/{model}", summary="Get a model")
def get_model(model: str, service: CurrentService, caller: CurrentCaller) -> dict[str, Any]:
    """One collection as a model."""
    result = service.collections.get(caller, model)
    return _model(result.name, result.created_at)


def _model(name: str, created_at: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": timestamp(created_at), "owned_by": "octavo"}


# chat completions


@router.post("/chat/completions", summary="Create a chat completion")
async def chat(body: ChatIn, service: CurrentService, caller: CurrentCaller, request: Request) -> Any:
    """Answers the last message from the documents of the collection that `model` names.

    The answer's citations come as `annotations` of the message and, with boxes, as its `octavo` object; abstaining is
    `octavo.abstained`, no error.
    """
    if body.n not in (None, 1):
        raise ServiceError("n: there is one answer to a question.", setting="n")
    collection = body.model
    service.collections.get(caller, collection)
    question, usage = question_of(body, body.messages), Usage()
    base = str(request.base_url).rstrip("/")
    completion = _Completion(collection, f"chatcmpl-{secrets.token_hex(12)}", int(time.time()), base, usage)
    reply = housekeeping_reply(question.text)
    events = (
        service.stream(caller, collection, question, usage) if reply is None else _task_events(question.text, reply)
    )

    def running(values: Generator[T]) -> AsyncGenerator[list[T]]:
        return each_in_turn(values, service, request) if reply is None else at_once(values)

    if not body.stream:
        return completion.body(await last_answer(running(events), request))
    with_usage = body.stream_options is not None and body.stream_options.include_usage
    chunks = _completion_events(completion, events, request, with_usage=with_usage)
    return await stream_events(running(chunks), request.state.request_id)


@dataclass(frozen=True, slots=True)
class _Completion:
    """A chat completion of a collection; `base` is the service's address, `usage` grows while it is written."""

    collection: str
    id: str
    created: int
    base: str
    usage: Usage

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.collection}

    def notes(self, answer: Answer) -> dict[str, Any]:
        """Returns the fields beside the text: citations as annotations, and the whole answer as `octavo`."""
        return {
            "annotations": _annotations(answer, self.collection, self.base),
            "octavo": shapes.AnswerOut.of_answer(answer, self.collection).model_dump(mode="json"),
        }

    def body(self, answer: Answer) -> dict[str, Any]:
        """Returns the completion as a whole."""
        message = {"role": "assistant", "content": answer.text, "refusal": None, **self.notes(answer)}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        return {**self._head("chat.completion"), "choices": [choice], "usage": _usage(self.usage)}

    def chunk(self, delta: dict[str, Any], finish: str | None = None) -> bytes:
        """Returns a piece of the completion as an event."""
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        return line({**self._head("chat.completion.chunk"), "choices": [choice]})

    def usage_chunk(self) -> bytes:
        """Returns the last event of a stream that tells the usage."""
        return line({**self._head("chat.completion.chunk"), "choices": [], "usage": _usage(self.usage)})


def _completion_events(
    completion: _Completion, events: Generator[Event], request: Request, *, with_usage: bool
) -> Generator[bytes]:
    """Yields the events of a completion that is streamed."""
    with closing(events):
        all_events = begun(events)
        yield completion.chunk({"role": "assistant", "content": ""})
        text = ""
        for event in all_events:
            if isinstance(event, Delta):
                text = event.text if event.replaces else text + event.text
                yield completion.chunk({"content": f"\n\n{event.text}" if event.replaces else event.text})
            elif isinstance(event, Finished):
                count(request, event)
                if not text:
                    yield completion.chunk({"content": event.answer.text})
                yield completion.chunk(completion.notes(event.answer), "stop")
    if with_usage:
        yield completion.usage_chunk()
    yield line("[DONE]")


def _task_events(question: str, reply: str) -> Generator[Event]:
    yield Delta(reply)
    yield Finished(Answer(question, reply))


def _usage(usage: Usage) -> dict[str, int]:
    """Returns the tokens of the model that wrote the answer; none where it is quoted."""
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total,
    }


def _annotations(answer: Answer, collection: str, base: str) -> list[dict[str, Any]]:
    """Returns the citations as OpenAI's annotations, each a URL of the page with its boxes drawn."""
    by_number = {citation.number: citation for citation in answer.citations}
    results = []
    for match in CITED.finditer(answer.text):
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

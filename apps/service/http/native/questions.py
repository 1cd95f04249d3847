"""Searches and questions."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter

from octavo.apps.service.http import shapes
from octavo.apps.service.http.answers import count, each_in_turn, last_answer, searched
from octavo.apps.service.http.authentication import CurrentCaller
from octavo.apps.service.http.events import line, stream_events
from octavo.apps.service.http.requests import CurrentService
from octavo.rag import Delta, Event, Finished, Retrieved
from octavo.rag.evidence import Step

router = APIRouter(prefix="/api", tags=["questions"])


_EVIDENCE = TypeAdapter(list[shapes.EvidenceOut])


@router.post("/collections/{collection}/search", response_model=list[shapes.EvidenceOut], summary="Search")
async def search(
    collection: str, body: shapes.SearchIn, service: CurrentService, caller: CurrentCaller, request: Request
) -> Response:
    """The entries that fit a question best, at the level of documents, pages, elements or chunks."""

    def hits() -> bytes:
        evidence = service.search(caller, collection, body.to_question())
        return _EVIDENCE.dump_json([shapes.EvidenceOut.of_evidence(hit, collection) for hit in evidence])

    return Response(await searched(hits, service, request), media_type="application/json")  # not checked again


@router.post("/collections/{collection}/ask", summary="Ask a question")
async def ask(
    collection: str, body: shapes.AskIn, service: CurrentService, caller: CurrentCaller, request: Request
) -> Any:
    """Answers a question, or abstains. With `stream`: the events `retrieved`, `step`, `delta`, `answer`."""
    question = body.to_question()
    service.collections.get(caller, collection)
    events = service.stream(caller, collection, question)
    if not body.stream:
        return shapes.AnswerOut.of_answer(
            await last_answer(each_in_turn(events, service, request), request), collection
        )
    return await stream_events(
        each_in_turn(_written(events, collection, request), service, request), request.state.request_id
    )


def _written(events: Generator[Event], collection: str, request: Request) -> Generator[bytes]:
    """Yields the events of an answer as server-sent events."""
    with closing(events):
        for event in events:
            if isinstance(event, Delta):
                yield line({"text": event.text, "replaces": event.replaces}, "delta")
            elif isinstance(event, Retrieved):
                parts = {"evidence": event.evidence, "candidates": event.candidates}
                result = {
                    name: [shapes.EvidenceOut.of_evidence(one, collection).model_dump(mode="json") for one in entries]
                    for name, entries in parts.items()
                }
                yield line(result, "retrieved")
            elif isinstance(event, Step):
                yield line(shapes.StepOut.of_step(event).model_dump(mode="json"), "step")
            elif isinstance(event, Finished):
                count(request, event)
                yield line(shapes.AnswerOut.of_answer(event.answer, collection).model_dump(mode="json"), "answer")

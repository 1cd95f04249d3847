"""Files on their way into collections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request, Response

from octavo.apps.service.http import shapes
from octavo.apps.service.http.authentication import CurrentCaller
from octavo.apps.service.http.events import line, stream_events
from octavo.apps.service.http.native.lists import Limit, Offset
from octavo.apps.service.http.requests import CurrentService
from octavo.apps.service.rights import Role
from octavo.apps.service.store.jobs import Job

router = APIRouter(prefix="/api", tags=["jobs"])


@router.get("/collections/{collection}/jobs", summary="List jobs")
def list_jobs(
    collection: str,
    service: CurrentService,
    caller: CurrentCaller,
    state: Literal["", "queued", "running", "done", "failed", "canceled"] = "",
    limit: Limit = 100,
    offset: Offset = 0,
) -> shapes.PageOf[shapes.JobOut]:
    """Files on their way, the latest first; `state=failed` lists what could not be read, with the reason."""
    service.collections.get(caller, collection)
    results = [shapes.JobOut.of(job) for job in service.jobs.of(collection, state, limit + 1, offset)]
    return shapes.PageOf[shapes.JobOut](items=results[:limit], next=offset + limit if len(results) > limit else None)


@router.get("/collections/{collection}/jobs/{job}", summary="Get a job")
def get_job(collection: str, job: str, service: CurrentService, caller: CurrentCaller) -> shapes.JobOut:
    """One job."""
    service.collections.get(caller, collection)
    return shapes.JobOut.of(service.jobs.get(collection, job))


@router.get("/collections/{collection}/jobs/{job}/events", summary="Watch a job")
async def watch_job(
    collection: str, job: str, service: CurrentService, caller: CurrentCaller, request: Request
) -> Response:
    """A job's progress as server-sent events, until it is over, the service ends, or the caller is no member."""

    def look() -> Job:
        service.collections.get(caller, collection)
        return service.jobs.get(collection, job)

    async def steps() -> AsyncGenerator[list[bytes]]:
        before = None
        while True:
            result = await asyncio.to_thread(look)
            if result != before:
                yield [line(shapes.JobOut.of(result).model_dump(mode="json"), "job")]
                before = result
            if result.is_over or service.jobs.is_parked:
                return
            await asyncio.sleep(0.25)

    return await stream_events(steps(), request.state.request_id)


@router.post("/collections/{collection}/jobs/{job}/cancel", summary="Cancel a job")
def cancel_job(collection: str, job: str, service: CurrentService, caller: CurrentCaller) -> shapes.JobOut:
    """Takes a file out of the queue, or breaks off its reading."""
    service.collections.get(caller, collection, Role.EDITOR)
    return shapes.JobOut.of(service.jobs.cancel(collection, job))


@router.post("/collections/{collection}/jobs/{job}/retry", summary="Retry a job")
def retry_job(
    collection: str, job: str, service: CurrentService, caller: CurrentCaller, password: Annotated[str, Form()] = ""
) -> shapes.JobOut:
    """Queues a failed or canceled file again."""
    service.collections.get(caller, collection, Role.EDITOR)
    return shapes.JobOut.of(service.jobs.retry(collection, job, password))


@router.delete("/collections/{collection}/jobs/{job}", status_code=204, summary="Remove a job")
def remove_job(collection: str, job: str, service: CurrentService, caller: CurrentCaller) -> None:
    """Takes a job that is over off the list, and deletes its file where it failed or was canceled."""
    service.forget_job(caller, collection, job)

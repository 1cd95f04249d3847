"""OpenAI's file batches: files that are put into a vector store together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Response
from pydantic import Field

from octavo.apps.service.errors import ConflictError, NotFoundError, ServiceError
from octavo.apps.service.http.authentication import CurrentCaller
from octavo.apps.service.http.openai_lists import Part
from octavo.apps.service.http.openai_vector_stores import attach, job_file
from octavo.apps.service.http.received import Once
from octavo.apps.service.http.requests import CurrentService
from octavo.apps.service.http.shapes import Lenient, example, timestamp
from octavo.apps.service.rights import Caller, Role
from octavo.apps.service.service import Service
from octavo.apps.service.store.batches import Batch
from octavo.apps.service.store.jobs import Job

router = APIRouter(prefix="/v1/vector_stores/{store}/file_batches", tags=["OpenAI"])


class BatchFileIn(Lenient):
    """A file of a batch with attributes of its own."""

    file_id: str
    attributes: dict[str, Any] = Field(default_factory=dict)


class BatchIn(Lenient):
    """Files that go into a collection: `file_ids` with `attributes` for all, or `files` with their own ones."""

    model_config = example({"file_ids": ["file-1b874d7c74c4dce00b57f7af50ec06c7"]})

    file_ids: list[str] = Field([], max_length=500)
    attributes: dict[str, Any] = Field(default_factory=dict)
    files: list[BatchFileIn] = Field([], max_length=500)


@router.post("", summary="Create a file batch")
def make_batch(store: str, body: BatchIn, service: CurrentService, caller: CurrentCaller, once: Once) -> Response:
    """Puts several of the caller's files into a collection; all of them are known, or nothing happens."""
    service.collections.get(caller, store, Role.EDITOR)
    files = [*body.files, *(BatchFileIn(file_id=file, attributes=body.attributes) for file in body.file_ids)]
    if not files:
        raise ServiceError("file_ids: name at least one file.", setting="file_ids")
    for file in files:
        service.own_files.get(caller, file.file_id)

    def make() -> dict[str, Any]:
        jobs = [attach(service, caller, store, file.file_id, file.attributes) for file in files]
        return _batch(service.batches.add(store, [job.id for job in jobs]), jobs)

    return once(body, make)


@router.get("/{batch}", summary="Get a file batch")
def get_batch(store: str, batch: str, service: CurrentService, caller: CurrentCaller) -> dict[str, Any]:
    """How far a batch is."""
    return _batch(*_find(service, caller, store, batch))


@router.post("/{batch}/cancel", summary="Cancel a file batch")
def cancel_batch(store: str, batch: str, service: CurrentService, caller: CurrentCaller) -> dict[str, Any]:
    """Cancels the files of a batch that are not read yet."""
    _, jobs = _find(service, caller, store, batch, Role.EDITOR)
    for job in jobs:
        if not job.is_over:
            try:
                service.jobs.cancel(store, job.id)
            except ConflictError:
                continue  # it is over by now
    return _batch(*_find(service, caller, store, batch))


@router.get("/{batch}/files", summary="List the files of a batch")
def list_batch_files(
    store: str, batch: str, service: CurrentService, caller: CurrentCaller, part: Part, filter: str = ""
) -> dict[str, Any]:
    """The files of a batch."""
    _, jobs = _find(service, caller, store, batch)
    files = [job_file(store, job) for job in jobs]
    return part.page([file for file in files if filter in ("", file["status"])])


def _find(
    service: Service, caller: Caller, store: str, identity: str, needed: Role = Role.READER
) -> tuple[Batch, list[Job]]:
    service.collections.get(caller, store, needed)
    batch = service.batches.get(store, identity)
    if batch is None:
        raise NotFoundError(f"There is no file batch {identity[:80]!r}.")
    return batch, service.jobs.among(store, batch.jobs)


def _batch(batch: Batch, jobs: Sequence[Job]) -> dict[str, Any]:
    states = [job.state for job in jobs]
    counts = {
        "in_progress": states.count("queued") + states.count("running"),
        "completed": states.count("done"),
        "failed": states.count("failed"),
        "cancelled": states.count("canceled"),
    }
    first = next((name for name in ("in_progress", "cancelled") if counts[name]), "")
    return {
        "id": batch.id,
        "object": "vector_store.file_batch",
        "created_at": timestamp(batch.created_at),
        "vector_store_id": batch.collection,
        "status": first or ("completed" if counts["completed"] else "failed"),
        "file_counts": {**counts, "total": len(jobs)},
    }

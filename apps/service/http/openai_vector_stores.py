"""OpenAI's vector stores: a vector store is a collection, a file one of its documents.

A file's id is `file-` and the id of its document, which comes from its bytes: the same bytes are the same file.
"""

from __future__ import annotations

import re
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from octavo.apps.service.collections import Collection
from octavo.apps.service.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from octavo.apps.service.http.answers import searched
from octavo.apps.service.http.authentication import CurrentCaller
from octavo.apps.service.http.openai_lists import Part
from octavo.apps.service.http.received import Once
from octavo.apps.service.http.requests import CurrentService
from octavo.apps.service.http.shapes import EvidenceOut, Lenient, example, timestamp
from octavo.apps.service.questions import FILE, CollectionQuestion, find_document
from octavo.apps.service.rights import Caller, Role
from octavo.apps.service.service import Service
from octavo.apps.service.store.jobs import Job
from octavo.ingest.store.documents import DocumentInfo
from octavo.ingest.store.metadata import Metadata
from octavo.rag import Evidence, Level

router = APIRouter(prefix="/v1/vector_stores", tags=["OpenAI"])


class VectorStoreIn(Lenient):
    """A collection to be made; its name is its id."""

    model_config = example({"name": "Annual reports", "file_ids": []})

    name: str = ""
    file_ids: list[str] = Field([], max_length=500)
    metadata: dict[str, Any] | None = None


class VectorStoreFileIn(Lenient):
    """A file that goes into a collection; its attributes become the document's metadata."""

    model_config = example({"file_id": "file-1b874d7c74c4dce00b57f7af50ec06c7", "attributes": {"year": 2018}})

    file_id: str
    attributes: dict[str, Any] | None = None


class RankingOptions(Lenient):
    """Options of a ranking: results with a lower relevancy score than `score_threshold`, in [0, 1], are left out."""

    score_threshold: float | None = Field(None, ge=0, le=1)


class VectorStoreSearchIn(Lenient):
    """A search; `filters` are OpenAI's comparisons `eq`, `in` and `and`."""

    model_config = example({"query": "capital expenditure", "filters": {"type": "eq", "key": "year", "value": 2018}})

    query: str | list[str]
    max_num_results: int = Field(10, ge=1, le=50)
    filters: dict[str, Any] | None = None
    ranking_options: RankingOptions | None = None
    level: Level = Level.CHUNK


@router.get("", summary="List vector stores")
def list_stores(service: CurrentService, caller: CurrentCaller, part: Part) -> dict[str, Any]:
    """The collections that the caller may ask."""
    return part.page([_store(service, caller, collection) for collection in service.collections.of(caller)])


@router.post("", summary="Create a vector store")
def make_store(body: VectorStoreIn, service: CurrentService, caller: CurrentCaller, once: Once) -> Response:
    """Makes a collection, private to its maker, and puts files into it; all of them are known, or nothing happens."""
    if not caller.limit.allows(Role.OWNER):
        raise ForbiddenError("This key may not make collections.")
    for file in body.file_ids:
        service.own_files.get(caller, file)

    def make() -> dict[str, Any]:
        collection = _make_collection(service, caller, body)
        service.record(caller, "collection.make", collection.name)
        for file in body.file_ids:
            attach(service, caller, collection.name, file, {})
        return _store(service, caller, collection)

    return once(body, make)


def _make_collection(service: Service, caller: Caller, body: VectorStoreIn) -> Collection:
    """Makes a collection by the name that is given, or where that is taken by one like it: several may have a name."""
    slug = re.sub(r"[^a-z0-9._-]+", "-", body.name.lower()).strip("-._")[:50]
    try:
        return service.collections.make(caller, slug or f"vs-{secrets.token_hex(6)}", body.name, body.metadata)
    except ConflictError:
        return service.collections.make(caller, f"{slug}-{secrets.token_hex(4)}", body.name, body.metadata)


@router.get("/{store}", summary="Get a vector store")
def get_store(store: str, service: CurrentService, caller: CurrentCaller) -> dict[str, Any]:
    """One collection."""
    return _store(service, caller, service.collections.get(caller, store))


@router.delete("/{store}", summary="Delete a vector store")
def delete_store(store: str, service: CurrentService, caller: CurrentCaller) -> dict[str, Any]:
    """Removes a collection with all that it holds."""
    service.collections.get(caller, store, Role.OWNER)
    service.collections.remove(store)
    service.record(caller, "collection.remove", store)
    return {"id": store, "object": "vector_store.deleted", "deleted": True}


@router.post("/{store}/search", summary="Search a vector store")
async def search_store(
    store: str, body: VectorStoreSearchIn, service: CurrentService, caller: CurrentCaller, request: Request
) -> dict[str, Any]:
    """The passages of a collection that fit a query best."""
    queries = [body.query] if isinstance(body.query, str) else body.query
    if len(queries) != 1:
        raise ServiceError("query: give one query.", setting="query")
    question = CollectionQuestion(
        queries[0],
        level=body.level,
        k=body.max_num_results,
        threshold=body.ranking_options.score_threshold if body.ranking_options else None,
        filter=equal_filters(body.filters),
    )

    def results() -> tuple[list[Evidence], dict[str, Metadata]]:
        hits = service.search(caller, store, question)
        return hits, service.metadata_of(caller, store, {hit.document for hit in hits})

    hits, metadata = await searched(results, service, request)
    data = [
        {
            "file_id": FILE + hit.document,
            "filename": hit.name,
            "score": hit.score,
            "attributes": {**metadata.get(hit.document, {}), "page_number": hit.page_number},
            "content": [{"type": "text", "text": hit.text}],
            "octavo": EvidenceOut.of_evidence(hit, store).model_dump(mode="json"),
        }
        for hit in hits
    ]
    result = {"object": "vector_store.search_results.page", "search_query": queries, "data": data}
    return {**result, "has_more": False, "next_page": None}


@router.get("/{store}/files", summary="List the files of a vector store")
def list_store_files(
    store: str, service: CurrentService, caller: CurrentCaller, part: Part, filter: str = ""
) -> dict[str, Any]:
    """The documents of a collection, and the files on their way into it."""
    results = [_document(store, info) for info in service.documents(caller, store)]
    there = {file["id"] for file in results}
    on_the_way = {
        FILE + job.document: job for job in reversed(service.jobs.of(store, limit=1000)) if job.state != "done"
    }
    results += [job_file(store, job) for identity, job in on_the_way.items() if identity not in there]
    return part.page([file for file in results if filter in ("", file["status"])])


@router.post("/{store}/files", summary="Add a file to a vector store")
def attach_file(
    store: str, body: VectorStoreFileIn, service: CurrentService, caller: CurrentCaller, once: Once
) -> Response:
    """Puts one of the caller's files into a collection, where it is read."""
    service.collections.get(caller, store, Role.EDITOR)
    attributes = body.attributes or {}
    return once(body, lambda: job_file(store, attach(service, caller, store, body.file_id, attributes)))


@router.get("/{store}/files/{file}", summary="Get a file of a vector store")
def get_store_file(store: str, file: str, service: CurrentService, caller: CurrentCaller) -> dict[str, Any]:
    """A document of a collection, or a file on its way into it."""
    service.collections.get(caller, store)
    with service.collections.opened(store) as pipeline:
        try:
            return _document(store, find_document(pipeline, file))
        except NotFoundError:
            for job in _jobs_of(service, store, file):
                return job_file(store, job)
            raise


@router.delete("/{store}/files/{file}", summary="Remove a file from a vector store")
def detach_file(store: str, file: str, service: CurrentService, caller: CurrentCaller) -> dict[str, Any]:
    """Removes a document from a collection, or a file that could not be read."""
    try:
        file = FILE + service.remove(caller, store, file).id
    except NotFoundError:
        jobs = _jobs_of(service, store, file)
        if not jobs:
            raise
        for job in jobs:
            service.forget_job(caller, store, job.id)
    return {"id": file, "object": "vector_store.file.deleted", "deleted": True}


@router.get("/{store}/files/{file}/content", summary="Get the text of a file of a vector store")
def get_store_file_content(store: str, file: str, service: CurrentService, caller: CurrentCaller) -> dict[str, Any]:
    """The text of a document, page by page."""
    service.collections.get(caller, store)
    with service.collections.opened(store) as pipeline:
        info = find_document(pipeline, file)
        data = [{"type": "text", "text": page.text} for page in pipeline.library.pages(info.id)]
    return {"object": "vector_store.file_content.page", "data": data, "has_more": False, "next_page": None}


def _store(service: Service, caller: Caller, collection: Collection) -> dict[str, Any]:
    done = service.count_documents(caller, collection.name)
    states = [job.state for job in service.jobs.of(collection.name, limit=1000)]
    waiting, failed, canceled = (
        states.count("queued") + states.count("running"),
        states.count("failed"),
        states.count("canceled"),
    )
    counts = {"completed": done, "in_progress": waiting, "failed": failed, "cancelled": canceled}
    return {
        "id": collection.name,
        "object": "vector_store",
        "created_at": timestamp(collection.created_at),
        "name": collection.title,
        "usage_bytes": 0,
        "file_counts": {**counts, "total": sum(counts.values())},
        "status": "in_progress" if waiting else "completed",
        "expires_after": None,
        "expires_at": None,
        "last_active_at": None,
        "metadata": dict(collection.metadata),
    }


def _store_file(store: str, identity: str, status: str, created_at: str, attributes: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": identity,
        "object": "vector_store.file",
        "created_at": timestamp(created_at),
        "vector_store_id": store,
        "status": status,
        "last_error": None,
        "usage_bytes": 0,
        "attributes": attributes,
        "chunking_strategy": {"type": "other"},
    }


def _jobs_of(service: Service, store: str, file: str) -> list[Job]:
    """Returns the jobs about a file, the latest first."""
    return [job for job in service.jobs.of(store, limit=1000) if FILE + job.document == file]


def _document(store: str, info: DocumentInfo) -> dict[str, Any]:
    return _store_file(store, FILE + info.id, "completed", info.added_at, dict(info.metadata)) | {"filename": info.name}


def job_file(store: str, job: Job) -> dict[str, Any]:
    """Returns a file on its way into a collection, or read by now."""
    status = {"done": "completed", "failed": "failed", "canceled": "cancelled"}.get(job.state, "in_progress")
    result = _store_file(store, FILE + job.document, status, job.created_at, dict(job.metadata)) | {
        "filename": job.name
    }
    if job.state == "failed":
        result["last_error"] = {"code": "invalid_file", "message": job.reason}
    return result


def attach(service: Service, caller: Caller, store: str, file: str, attributes: dict[str, Any]) -> Job:
    """Puts one of the caller's files into a collection; raises `NotFoundError`."""
    own_file = service.own_files.get(caller, file)
    with tempfile.TemporaryDirectory(prefix="octavo-upload-") as folder:
        copy = Path(shutil.copyfile(own_file.path, Path(folder, own_file.name)))
        return service.upload(caller, store, copy, own_file.name, attributes)


def equal_filters(filters: dict[str, Any] | None) -> dict[str, Any] | None:
    """Returns OpenAI's filter as the values that metadata must have; raises `ServiceError` except for `eq`.

    >>> equal_filters({"type": "and", "filters": [{"type": "eq", "key": "year", "value": 2018}]})
    {'year': 2018}
    """
    if not filters:
        return None
    kind = filters.get("type")
    if kind == "and":
        result: dict[str, Any] = {}
        for one in filters.get("filters") or ():
            for key, value in (equal_filters(one) or {}).items():
                if result.setdefault(key, value) != value:
                    raise ServiceError(f"filters: {key} cannot have two values at once.", setting="filters")
        return result
    if kind in ("eq", "in") and isinstance(filters.get("key"), str) and "value" in filters:
        return {filters["key"]: filters["value"]}
    raise ServiceError("filters: comparisons are eq, in, and `and` of these.", setting="filters")

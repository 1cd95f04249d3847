"""Documents: uploads, metadata, exports."""

from __future__ import annotations

import dataclasses
import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Response, UploadFile

from octavo.apps.service.errors import ServiceError
from octavo.apps.service.http import shapes
from octavo.apps.service.http.authentication import CurrentCaller
from octavo.apps.service.http.native.lists import Limit, Offset
from octavo.apps.service.http.received import Once, receive_file
from octavo.apps.service.http.requests import CurrentService
from octavo.apps.service.questions import find_document
from octavo.apps.service.rights import Role
from octavo.ingest.export import to_html, to_json, to_markdown

router = APIRouter(prefix="/api", tags=["documents"])


@router.get("/collections/{collection}/documents", summary="List documents")
def list_documents(
    collection: str, service: CurrentService, caller: CurrentCaller, limit: Limit = 100, offset: Offset = 0
) -> shapes.PageOf[shapes.DocumentOut]:
    """The documents of a collection, by name."""
    infos = service.documents(caller, collection, limit + 1, offset)
    return shapes.PageOf[shapes.DocumentOut](
        items=[shapes.DocumentOut.of(info) for info in infos[:limit]],
        next=offset + limit if len(infos) > limit else None,
    )


@router.post(
    "/collections/{collection}/documents",
    status_code=202,
    response_model=list[shapes.JobOut],
    summary="Upload documents",
)
def upload_documents(
    collection: str,
    service: CurrentService,
    caller: CurrentCaller,
    once: Once,
    files: Annotated[list[UploadFile], File()],
    metadata: Annotated[str, Form(description="JSON object")] = "{}",
    password: Annotated[str, Form()] = "",
    replace: Annotated[bool, Form(description="take the place of files of the same names")] = False,
    force: Annotated[bool, Form(description="read also what is there already")] = False,
) -> Response:
    """Takes files and queues them; one job for each. With an `Idempotency-Key`, a repeated request does nothing new.

    A file whose name is taken is kept beside the other one under a free name, unless it is to `replace` it.
    """
    service.collections.get(caller, collection, Role.EDITOR)
    noted = _object(metadata)

    def queue() -> list[shapes.JobOut]:
        jobs = []
        for file in files:
            with receive_file(file) as path:
                name = file.filename or "file"
                job = service.upload(caller, collection, path, name, noted, password, replace=replace, force=force)
            jobs.append(shapes.JobOut.of(job))
        return jobs

    sizes = sorted((file.filename or "", file.size) for file in files)
    return once([sizes, noted, replace, force], queue, 202)


def _object(text: str) -> dict[str, Any]:
    try:
        result = json.loads(text or "{}")
    except (ValueError, RecursionError) as error:
        raise ServiceError("metadata: this is no JSON.", setting="metadata") from error
    if not isinstance(result, dict):
        raise ServiceError("metadata: this is no JSON object.", setting="metadata")
    return result


@router.get("/collections/{collection}/documents/{document}", summary="Get a document")
def get_document(collection: str, document: str, service: CurrentService, caller: CurrentCaller) -> shapes.DocumentOut:
    """One document, by its id or name."""
    service.collections.get(caller, collection)
    with service.collections.opened(collection) as pipeline:
        return shapes.DocumentOut.of(find_document(pipeline, document))


@router.delete("/collections/{collection}/documents/{document}", status_code=204, summary="Remove a document")
def remove_document(collection: str, document: str, service: CurrentService, caller: CurrentCaller) -> None:
    """Removes a document, and its uploaded file."""
    service.remove(caller, collection, document)


@router.post("/collections/{collection}/documents/{document}/read", status_code=202, summary="Read a document again")
def read_document(
    collection: str,
    document: str,
    service: CurrentService,
    caller: CurrentCaller,
    password: Annotated[str, Form()] = "",
) -> shapes.JobOut:
    """Queues the document's file to be read again; until that is done, the document stays as it is."""
    return shapes.JobOut.of(service.read_again(caller, collection, document, password))


@router.put("/collections/{collection}/documents/{document}/metadata", summary="Set a document's metadata")
def set_metadata(
    collection: str, document: str, metadata: dict[str, Any], service: CurrentService, caller: CurrentCaller
) -> shapes.DocumentOut:
    """Notes metadata with a document, in place of what was noted."""
    return shapes.DocumentOut.of(service.set_metadata(caller, collection, document, metadata))


@router.get("/collections/{collection}/documents/{document}/export", summary="Export a document")
def export_document(
    collection: str,
    document: str,
    service: CurrentService,
    caller: CurrentCaller,
    format: Literal["markdown", "html", "json"] = "markdown",
) -> Response:
    """The whole document as Markdown, HTML or JSON."""
    service.collections.get(caller, collection)
    forms = {
        "markdown": (to_markdown, "text/markdown; charset=utf-8"),
        "html": (to_html, "text/html; charset=utf-8"),
        "json": (to_json, "application/json"),
    }
    write, media_type = forms[format]
    with service.collections.opened(collection) as pipeline:
        exported = pipeline.library.document(find_document(pipeline, document).id)
    text = write(dataclasses.replace(exported, path=""))  # where the file lies is the server's own business
    headers = {"content-security-policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"}
    return Response(text, media_type=media_type, headers=headers)

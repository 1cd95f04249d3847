"""OpenAI's files: those of a user's own. A file's id comes from its bytes: the same bytes are the same file."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, File, Form, UploadFile
from fastapi.responses import FileResponse, Response

from octavo.apps.service.http.authentication import CurrentCaller
from octavo.apps.service.http.openai_lists import Part
from octavo.apps.service.http.received import Once, receive_file
from octavo.apps.service.http.requests import CurrentService
from octavo.apps.service.http.shapes import timestamp
from octavo.apps.service.store.files import KeptFile

router = APIRouter(prefix="/v1", tags=["OpenAI"])


@router.post("/files", summary="Upload a file")
def upload_file(
    service: CurrentService,
    caller: CurrentCaller,
    once: Once,
    file: Annotated[UploadFile, File()],
    purpose: Annotated[str, Form()] = "user_data",
) -> Response:
    """Keeps a file of the caller's own; it can be asked once it is put into a vector store."""

    def keep() -> dict[str, Any]:
        with receive_file(file) as part:
            return _file(service.own_files.keep(caller, part, file.filename or "file", purpose))

    return once([file.filename, file.size, purpose], keep)


@router.get("/files", summary="List files")
def list_files(service: CurrentService, caller: CurrentCaller, part: Part, purpose: str = "") -> dict[str, Any]:
    """The caller's own files, those of one purpose where it is named."""
    return part.page([_file(file) for file in service.own_files.all(caller) if purpose in ("", file.purpose)])


@router.get("/files/{file}", summary="Get a file")
def get_file(file: str, service: CurrentService, caller: CurrentCaller) -> dict[str, Any]:
    """One of the caller's own files."""
    return _file(service.own_files.get(caller, file))


@router.get("/files/{file}/content", response_class=FileResponse, summary="Download a file")
def get_file_content(file: str, service: CurrentService, caller: CurrentCaller) -> FileResponse:
    """The bytes of one of the caller's own files."""
    result = service.own_files.get(caller, file)
    return FileResponse(result.path, media_type="application/octet-stream", filename=result.name)


@router.delete("/files/{file}", summary="Delete a file")
def delete_file(file: str, service: CurrentService, caller: CurrentCaller) -> dict[str, Any]:
    """Deletes one of the caller's own files; documents that were read from it stay in their collections."""
    service.own_files.delete(caller, file)
    return {"id": file, "object": "file", "deleted": True}


def _file(file: KeptFile) -> dict[str, Any]:
    return {
        "id": file.id,
        "object": "file",
        "bytes": file.bytes,
        "created_at": timestamp(file.created_at),
        "filename": file.name,
        "purpose": file.purpose,
        "status": "processed",
    }

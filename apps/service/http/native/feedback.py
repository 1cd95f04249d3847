"""Routes of feedback: users' verdicts on answers."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from octavo.apps.service.http import shapes
from octavo.apps.service.http.authentication import CurrentCaller
from octavo.apps.service.http.native.lists import Limit, Offset, part
from octavo.apps.service.http.received import Once
from octavo.apps.service.http.requests import CurrentService

router = APIRouter(prefix="/api", tags=["questions"])


@router.post(
    "/collections/{collection}/feedback", status_code=201, response_model=dict[str, str], summary="Give feedback"
)
def give_feedback(
    collection: str, body: shapes.FeedbackIn, service: CurrentService, caller: CurrentCaller, once: Once
) -> Response:
    """Keeps what the caller thinks of an answer."""
    service.collections.get(caller, collection)
    return once(body, lambda: {"id": service.keep_feedback(caller, collection, body.model_dump())}, 201)


@router.get("/collections/{collection}/feedback", summary="List feedback")
def list_feedback(
    collection: str, service: CurrentService, caller: CurrentCaller, limit: Limit = 100, offset: Offset = 0
) -> shapes.PageOf[dict[str, Any]]:
    """The feedback on a collection, for its owners."""
    return shapes.PageOf[dict[str, Any]](**part(service.feedback(caller, collection), limit, offset))


@router.get(
    "/collections/{collection}/feedback/dataset",
    summary="Download feedback as a data set",
    response_class=FileResponse,
    responses={200: {"content": {"application/zip": {}}, "description": "the data set's folder"}},
)
def download_dataset(collection: str, service: CurrentService, caller: CurrentCaller) -> FileResponse:
    """The feedback as a ZIP file, for the collection's owners.

    It holds `queries.jsonl` (questions whose place is known) with copies of their documents, and `labels.jsonl` (graded
    answers), as `octavo eval` reads them.
    """
    folder = Path(tempfile.mkdtemp(prefix="octavo-feedback-"))
    try:
        service.write_feedback(caller, collection, folder / "dataset")
        file = shutil.make_archive(str(folder / "feedback"), "zip", folder / "dataset")
    except BaseException:
        shutil.rmtree(folder)
        raise
    return FileResponse(
        file,
        media_type="application/zip",
        filename=f"{collection}-feedback.zip",
        background=BackgroundTask(shutil.rmtree, folder),
    )

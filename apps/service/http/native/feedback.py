"""What users think of answers."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from octavo.apps.service.http import shapes
from octavo.apps.service.http.authentication import Called
from octavo.apps.service.http.native.lists import Limit, Offset, part
from octavo.apps.service.http.received import Once
from octavo.apps.service.http.requests import Served

router = APIRouter(prefix="/api", tags=["questions"])


@router.post("/collections/{collection}/feedback", status_code=201, response_model=dict[str, str])
def give_feedback(collection: str, given: shapes.FeedbackIn, service: Served, caller: Called, once: Once) -> Response:
    """Keeps what the caller thinks of an answer."""
    service.collections.get(caller, collection)
    return once(given, lambda: {"id": service.keep_feedback(caller, collection, given.model_dump())}, 201)


@router.get("/collections/{collection}/feedback")
def list_feedback(
    collection: str, service: Served, caller: Called, limit: Limit = 100, offset: Offset = 0
) -> shapes.PageOf[dict[str, Any]]:
    """The feedback on a collection, for its owners."""
    return shapes.PageOf[dict[str, Any]](**part(service.feedback(caller, collection), limit, offset))

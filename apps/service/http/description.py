"""The description of the API: OpenAPI, and a page to read and try it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import Response

from octavo.apps.service.errors import UnauthorizedError
from octavo.apps.service.http.authentication import Called, caller_of, login_redirect

router = APIRouter(include_in_schema=False)


@router.get("/openapi.json")
def openapi(caller: Called, request: Request) -> dict[str, Any]:
    """The description of the API by OpenAPI."""
    result: dict[str, Any] = request.app.openapi()
    return result


@router.get("/docs")
async def docs(request: Request) -> Response:
    """The description as a page, for who is logged in."""
    try:
        await caller_of(request)
    except UnauthorizedError:
        redirect = login_redirect(request)
        if redirect is None:
            raise
        return redirect
    return get_swagger_ui_html(openapi_url="/openapi.json", title="Octavo")
